"""Which rates belong to the name of a model, by the clauses that the source of the prices gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sallim.prices.rates import Rates, rates_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.prices.rates import Row

OWNER = "owner"
"""The source of a row out of the settings; such rows are asked first."""
SELLS_FOR = {
    "google": ("anthropic",),
    "azure": ("openai", "anthropic", "deepseek", "x-ai", "moonshotai"),
}
"""Whose models a provider sells too, at their standard prices (genai-prices 0.2.3)."""


class PriceList:
    """All rows of all providers; what is found is remembered.

    Rows that cannot be read are as if they were not there: a call is then refused, never free.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: dict[str, list[Row]] = {}
        self._read: dict[str, list[tuple[Row, Mapping[str, Any]]]] = {}
        self._found: dict[tuple[str, str], Rates | None] = {}
        for row in rows:
            self._rows.setdefault(row.provider, []).append(row)

    def find(self, provider: str, model: str) -> Rates | None:
        """None for a model without a price."""
        key = (provider, model)
        if key not in self._found:
            self._found[key] = self._find(provider, plain(model))
        return self._found[key]

    def names(self, provider: str) -> list[str]:
        """Of the models of a provider that have a price of their own."""
        return [row.model for row in self._rows.get(provider, [])]

    def providers(self) -> list[str]:
        return list(self._rows)

    def _find(self, provider: str, model: str) -> Rates | None:
        for name in (model, dashed(model)):
            for seller in (provider, *SELLS_FOR.get(provider, ())):
                for row, document in self._documents(seller):
                    if _is_meant(name, row.model, document.get("match")):
                        return _own(row, document, seller == provider)
        return None

    def _documents(self, provider: str) -> list[tuple[Row, Mapping[str, Any]]]:
        """In the order in which they are asked."""
        if provider not in self._read:
            import json

            known = []
            for row in self._rows.get(provider, []):
                try:
                    document = json.loads(row.document)
                    rates_of(row, document)
                except (ValueError, TypeError, KeyError, AttributeError, IndexError):
                    continue
                known.append((row, document))
            known.sort(key=lambda each: (each[0].source != OWNER, each[1].get("rank", 0)))
            self._read[provider] = known
        return self._read[provider]


def _own(row: Row, document: Mapping[str, Any], own: bool) -> Rates:
    # Another's batches and tiers are not sold along.
    return rates_of(row, document if own else {**document, "variants": []})


def plain(model: str) -> str:
    """As prices name it; Gemini's addresses say models/gemini-2.5-pro.

    >>> plain("models/Gemini-2.5-Pro")
    'gemini-2.5-pro'
    """
    model = model.lower()
    return model[len("models/") :] if model.startswith("models/") else model


def dashed(model: str) -> str:
    """With a date like 20251211 written as 2025-12-11.

    >>> dashed("gpt-5.2-20251211")
    'gpt-5.2-2025-12-11'
    """
    import re

    return re.sub(r"-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)", r"-\1-\2-\3", model)


def _is_meant(name: str, own_name: str, clause: Mapping[str, Any] | None) -> bool:
    """A clause that cannot be read means nothing."""
    import re

    try:
        return fits(name, own_name, clause)
    except (TypeError, AttributeError, ValueError, re.error):
        return False


def fits(model: str, own_name: str, clause: Mapping[str, Any] | None) -> bool:
    """Whether a name, in small letters, is meant by a clause; without one only its own name is.

    The clauses are those of genai-prices; a text or a list of texts, any of which will do.
    """
    if clause is None:
        return model == own_name.lower()
    return any(_holds(kind, value, model) for kind, value in clause.items())


def _holds(kind: str, value: Any, model: str) -> bool:
    if kind == "and":
        return all(fits(model, "", each) for each in value)
    if kind == "or":
        return any(fits(model, "", each) for each in value)
    texts = [value] if isinstance(value, str) else value
    return any(_is(kind, text, model) for text in texts)


def _is(kind: str, text: str, model: str) -> bool:
    if kind == "regex":
        import re

        return re.search(text, model) is not None
    text = text.lower()
    if kind == "equals":
        return model == text
    if kind == "starts_with":
        return model.startswith(text)
    if kind == "ends_with":
        return model.endswith(text)
    return kind == "contains" and text in model


def lines_to_paste(provider: str, model: str) -> list[str]:
    """For sallim.toml, where a model has no price; until they are filled in it has none."""
    import json

    return [
        "[[price]]",
        f'name = "{_plain_name(model)}"',
        # As TOML has it: it takes no halves of signs, which plain JSON would write.
        f"provider = {json.dumps(provider, ensure_ascii=False)}",
        f"model = {json.dumps(model, ensure_ascii=False)}",
        'input_mtok_usd = ""    # dollars for a million tokens, from the provider\'s page',
        'output_mtok_usd = ""',
        "input_tokens_max = 0   # of one call; the provider's page says them too",
        "output_tokens_max = 0",
    ]


def _plain_name(model: str) -> str:
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in model)
    return kept.strip("-")[:40] or "model"
