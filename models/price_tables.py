"""The two tables that come with the package `sallim`, out of what others publish."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from models.price_compiling import document_of, since
from models.second_prices import Known, limits, second_book
from sallim.prices.finding import fits
from sallim.prices.rates import VERSION

PROVIDERS = ("openai", "anthropic", "google", "openrouter", "deepseek", "groq", "mistral")
FREE = {"v": VERSION, "match": {"contains": ""}, "prices": [{"rates": {"input": 0, "output": 0}}]}
"""Of the provider `local`: Ollama, vLLM and what else runs on the owner's own machines."""
EXCHANGE = {
    "provider": "",
    "fx_id": "shipped-2026-11",
    "rate_date": "2026-11-01",
    # 1,383 won is what a dollar cost in November 2026; 2 % on top, because it is old when it is
    # used and a budget must hold all the same.
    "micro_won_per_usd": 1_410_660_000,
    "vat_ppm": 100_000,
    "fee_ppm": 25_000,
    "source": "1,383 won a dollar in November 2026, and 2 % for its age",
    "fetched_us": 0,
}


def second_books(
    providers: Iterable[Any], models: Iterable[Known], source: str
) -> dict[tuple[str, str], dict[str, Any]]:
    """What the second source says, by provider and the model that the first one means by it."""
    books: dict[tuple[str, str], dict[str, Any]] = {}
    by_provider: dict[str, list[Known]] = {}
    for known in models:
        by_provider.setdefault(known.provider, []).append(known)
    for provider in providers:
        documents = [
            (model.id, document_of(provider.id, model, rank).get("match"))
            for rank, model in enumerate(provider.models)
        ]
        # A name that is the model's own comes first, then the dated ones.
        for known in sorted(by_provider.get(provider.id, []), key=lambda each: len(each.model)):
            meant = next(
                (name for name, match in documents if fits(known.model, name, match)), None
            )
            book = second_book(known.shape, source)
            if meant is not None and book is not None:
                books.setdefault((provider.id, meant), book)
    return books


def shipped_table(
    providers: Iterable[Any],
    books: Mapping[tuple[str, str], dict[str, Any]],
    date: str,
    source: str,
    updated_us: int,
) -> dict[str, Any]:
    """The prices in force on `date` and after it."""
    rates: list[list[Any]] = [["local", "*", FREE]]
    for provider in providers:
        if provider.id not in PROVIDERS:
            continue
        for rank, model in enumerate(provider.models):
            document = since(document_of(provider.id, model, rank), date)
            if (provider.id, model.id) in books:
                document["also"] = [books[provider.id, model.id]]
            rates.append([provider.id, model.id, document])
    return {
        "date": date,
        "source": source,
        "updated_us": updated_us,
        "exchange": EXCHANGE,
        "rates": rates,
    }


def limits_table(
    providers: Iterable[Any],
    models: Iterable[Known],
    first: tuple[str, str],
    second: tuple[str, str],
) -> dict[str, Any]:
    """What models take, from two sources, each a name and a date.

    The second knows only how long a context may be: no answer is longer than that.
    """
    known = limits(models)
    windows: dict[str, dict[str, list[int]]] = {}
    for provider in providers:
        if provider.id not in PROVIDERS:
            continue
        for model in provider.models:
            window = model.context_window
            if window and model.id not in known.get(provider.id, {}):
                windows.setdefault(provider.id, {})[model.id.lower()] = [window, window]
    return {
        "tables": [
            {"source": first[0], "date": first[1], "limits": known},
            {"source": second[0], "date": second[1], "limits": windows},
        ]
    }


def pretty(table: Mapping[str, Any]) -> str:
    """JSON with a line for each row, so that a change of one price is a change of one line."""
    lines = []
    for key, value in table.items():
        if isinstance(value, list):
            rows = ",\n".join(_compact(each) for each in value)
            lines.append(f"{json.dumps(key)}: [\n{rows}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
