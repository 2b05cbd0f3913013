"""Prices as others publish them, made into the documents that `sallim.prices` reads.

Pure: what genai-prices 0.2.3 knows is handed in as its own objects, so that nothing here loads it.
The document is described in `sallim/prices/rates.py`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

from sallim.ledger.money_rows import RateRow
from sallim.prices.meters import PER
from sallim.prices.rates import VERSION

NANO = 1_000_000_000
METERS: dict[str, tuple[str, int]] = {
    "input_mtok": ("input", 1_000_000),
    "cache_read_mtok": ("cache_read", 1_000_000),
    "cache_write_mtok": ("cache_write", 1_000_000),
    "cache_write_5m_mtok": ("cache_write_5m", 1_000_000),
    "cache_write_1h_mtok": ("cache_write_1h", 1_000_000),
    "input_audio_mtok": ("audio_input", 1_000_000),
    "input_image_mtok": ("image_input", 1_000_000),
    "input_video_mtok": ("video_input", 1_000_000),
    "cache_audio_read_mtok": ("cache_read_audio", 1_000_000),
    "cache_image_read_mtok": ("cache_read_image", 1_000_000),
    "output_mtok": ("output", 1_000_000),
    "output_reasoning_mtok": ("reasoning", 1_000_000),
    "output_citation_mtok": ("citation", 1_000_000),
    "output_audio_mtok": ("audio_output", 1_000_000),
    "output_image_mtok": ("image_output", 1_000_000),
    "output_video_mtok": ("video_output", 1_000_000),
    "input_mchars": ("characters", 1_000_000),
    "input_gpixels": ("pixels", 1_000_000_000),
    "audio_hours": ("audio_seconds", 3_600),
    "input_audio_hours": ("audio_seconds", 3_600),
    "web_searches_kcount": ("web_search", 1_000),
    "social_searches_kcount": ("social_search", 1_000),
    "storage_searches_kcount": ("file_search", 1_000),
    "code_executions_kcount": ("code_execution", 1_000),
    "rerank_searches_kcount": ("rerank_search", 1_000),
    "requests_kcount": ("request", 1_000),
    "input_text_messages_kcount": ("message", 1_000),
    "input_document_kpages": ("document_page", 1_000),
    "input_annotated_document_kpages": ("annotated_page", 1_000),
}
"""By the key of genai-prices (data_units.py): our meter, and how many of it a price is for."""
BILLED_AT_LEAST = {
    ("groq", "whisper-large-v3"): {"audio_seconds": 10},
    ("groq", "whisper-large-v3-turbo"): {"audio_seconds": 10},
}
"""As genai-prices does in ModelInfo.calc_price; Groq bills ten seconds at least."""


class Unpriceable(ValueError):
    """A price by something that we cannot count: the model is left out, and so refused."""


def rate_row(
    provider: str, model: str, document: Mapping[str, Any], source: str, updated_us: int
) -> RateRow:
    """A row of the ledger; `price_id` names exactly these prices."""
    text = json.dumps(document, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(f"{provider}/{model}:{text}".encode()).hexdigest()[:16]
    return RateRow(provider, model, digest, text, source, updated_us)


def nano_rate(price: Decimal, meter: str, per: int) -> int:
    """Nano-USD for as many as `PER` says, out of dollars for `per`; rounded up.

    >>> nano_rate(Decimal("0.15"), "input", 1_000_000), nano_rate(Decimal(10), "web_search", 1_000)
    (150000000, 10000000)
    """
    exact = price * NANO * PER.get(meter, 1) / per
    return int(exact.to_integral_value(ROUND_CEILING))


def document_of(provider: str, model: Any, rank: int) -> dict[str, Any]:
    """The document of a `genai_prices.types.ModelInfo`. Raises Unpriceable.

    `rank` is its place among the models of its provider: the first that matches is meant.
    """
    prices = model.prices if isinstance(model.prices, list) else [_Always(model.prices)]
    document: dict[str, Any] = {
        "v": VERSION,
        "rank": rank,
        "prices": [_sheet(each.prices, each.constraint) for each in prices],
    }
    clause = clause_of(model.match)
    if clause != {"equals": model.id.lower()}:
        document["match"] = clause
    variants = [
        {"when": dict(each.when), **_sheet(each.prices, each.constraint)}
        for each in model.price_variants or ()
    ]
    # One without prices only says that the standard ones hold.
    variants = [each for each in variants if each["rates"]]
    if variants:
        document["variants"] = variants
    if (provider, model.id) in BILLED_AT_LEAST:
        document["minimum"] = BILLED_AT_LEAST[provider, model.id]
    return document


class _Always:
    constraint = None

    def __init__(self, prices: Any) -> None:
        self.prices = prices


def _sheet(prices: Any, constraint: Any) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for key, value in vars(prices).items():
        if value is None or key.startswith("_"):
            continue
        if key not in METERS:
            raise Unpriceable(key)
        meter, per = METERS[key]
        rates[meter] = _rate(value, meter, per)
    return {"rates": rates, **_when(constraint)}


def _rate(value: Any, meter: str, per: int) -> Any:
    tiers = getattr(value, "tiers", None)
    if tiers is None:
        return nano_rate(value, meter, per)
    steps = [[tier.start, nano_rate(tier.price, meter, per)] for tier in tiers]
    return [nano_rate(value.base, meter, per), *steps]


def _when(constraint: Any) -> dict[str, Any]:
    if constraint is None:
        return {}
    start = getattr(constraint, "start_date", None)
    if start is not None:
        return {"valid_from": start.isoformat()}
    return {"minutes_utc": [_minute(constraint.start_time), _minute(constraint.end_time)]}


def _minute(moment: Any) -> int:
    """Of the day, in UTC. Raises Unpriceable for what falls between two."""
    offset = moment.utcoffset()
    if moment.second or moment.microsecond:
        raise Unpriceable(str(moment))
    shift = int(offset.total_seconds()) // 60 if offset else 0
    return int((moment.hour * 60 + moment.minute - shift) % 1_440)


def clause_of(clause: Any) -> dict[str, Any]:
    """A clause of genai-prices as a table; texts of one kind stand together.

    Raises Unpriceable for a kind that is not known.
    """
    for kind in ("equals", "starts_with", "ends_with", "contains", "regex"):
        if hasattr(clause, kind):
            return {kind: getattr(clause, kind)}
    if hasattr(clause, "and_"):
        return {"and": [clause_of(each) for each in clause.and_]}
    if not hasattr(clause, "or_"):
        raise Unpriceable(type(clause).__name__)
    merged: dict[str, Any] = {}
    for each in clause.or_:
        for kind, value in clause_of(each).items():
            if kind == "and":
                merged.setdefault("or", []).append({kind: value})
            else:
                merged.setdefault(kind, []).extend([value] if isinstance(value, str) else value)
    return merged


def since(document: dict[str, Any], day: str) -> dict[str, Any]:
    """Without the prices that were replaced before that day, such as 2026-11-28."""
    prices = document["prices"]
    for index in range(len(prices) - 1, 0, -1):
        sheet = prices[index]
        if "minutes_utc" not in sheet and sheet.get("valid_from", "") <= day:
            prices = [{"rates": sheet["rates"]}, *prices[index + 1 :]]
            break
    variants = [
        {key: value for key, value in each.items() if key != "valid_from" or value > day}
        for each in document.get("variants", ())
    ]
    kept = {**document, "prices": prices, "variants": variants}
    return kept if variants else {key: value for key, value in kept.items() if key != "variants"}


def rows_of(
    providers: Iterable[Any],
    source: str,
    updated_us: int,
    also: Mapping[tuple[str, str], Sequence[Any]],
) -> tuple[list[RateRow], list[str]]:
    """Rows of all models, and the names of those that cannot be priced.

    `also` has what other sources say of a provider's model.
    """
    rows: dict[tuple[str, str], RateRow] = {}
    left_out = []
    for provider in providers:
        for rank, model in enumerate(provider.models):
            try:
                document = document_of(provider.id, model, rank)
            except Unpriceable as problem:
                left_out.append(f"{provider.id} {model.id} ({problem})")
                continue
            key = (provider.id, model.id)
            if key in also:
                document["also"] = list(also[key])
            rows.setdefault(key, rate_row(*key, document, source, updated_us))
    return list(rows.values()), left_out
