"""Rows of the ledger's money as the store takes them: whatever stands in the file, they fit.

Every program of the group writes the ledger, and SQLite takes any value into any column. What is
no whole number, or beyond what any row can hold, counts as 0.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from data.ops.costs import CALL_COLUMNS, Calls, Column, Labels
from data.ops.records import Cell
from models.costs.kinds import is_call, kind_of
from models.redaction import redact
from sallim.ledger.calls import COLUMNS, TOOL_CALLS_MAX
from sallim.ledger.checking import CALL_ID_MAX, CHARACTERS_MAX
from sallim.ledger.money_rows import AMOUNT_MAX, CAP_MAX, THRESHOLD, Exchange, Tokens
from sallim.ledger.rows import SECONDS_MAX, clean
from sallim.ledger.statement_rows import Balance, LimitEvent, Refusal

MICROSECONDS = 1_000_000
MOMENT_MAX_US = int(SECONDS_MAX) * MICROSECONDS
SMALL_MAX = 2**31 - 1
LARGE_MAX = 2**62
STATE_CHARACTERS_MAX = 20
HASH_CHARACTERS = 32


TEXT_LIMITS = {
    "call_id": CALL_ID_MAX,
    "state": STATE_CHARACTERS_MAX,
    "job_key": CHARACTERS_MAX,
    "tool_calls": TOOL_CALLS_MAX,
    "error": CHARACTERS_MAX,
    "prompt_hash": HASH_CHARACTERS,
    "prefix_hash": HASH_CHARACTERS,
}
LIMITS = {
    "opened_us": MOMENT_MAX_US,
    "settled_us": MOMENT_MAX_US,
    "attempt": SMALL_MAX,
    "status": SMALL_MAX,
}
"""Of whole numbers; all others are amounts or counts, and end at AMOUNT_MAX."""
TOLD_AS = {
    "nano": "nano_usd",
    "worst_nano": "worst_nano_usd",
    "micro": "gross_micro",
    **{f"{name}_tokens": name for name in Tokens._fields},
}
SHARED = (
    *("provider", "model", "model_billed", "endpoint", "workflow", "analysis", "key_label"),
    *("priority", "source", "host", "buckets", "price_id", "fx_id", "vat_ppm", "fee_ppm"),
    "stream",
)


def columns_of(rows: Sequence[Sequence[object]]) -> Calls:
    """Calls in the columns of `sallim.ledger.calls.COLUMNS`, with their labels.

    Raises ValueError for a place in the sequence that is none.
    """
    if not rows:
        return Calls()
    told = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    columns = [_fitted(name, told[TOLD_AS.get(name, name)]) for name in CALL_COLUMNS]
    shared = zip(*(told[name] for name in SHARED), strict=True)
    return Calls([_labels(values) for values in shared], columns)


def _fitted(name: str, column: Sequence[Any]) -> Column:
    """What does not fit is cut, or counts as 0; whether all fits is asked of the whole column."""
    if name == "seq":
        return [_seq(value) for value in column]
    kinds = set(map(type, column))
    if name in TEXT_LIMITS:
        text = "".join(column) if kinds == {str} else "\n"
        if not (text.isascii() and text.isprintable() and max(map(len, column)) <= CALL_ID_MAX):
            column = [_text(value, TEXT_LIMITS[name]) for value in column]
        return [redact(value) if value else "" for value in column] if name == "error" else column
    most = LIMITS.get(name, AMOUNT_MAX)
    if kinds == {int} and -most <= min(column) and max(column) <= most:
        return column
    return [_whole(value, most) for value in column]


@lru_cache(maxsize=1_000)
def _labels(values: tuple[object, ...]) -> Labels:
    """Remembered, for thousands of calls share one."""
    *texts, vat_ppm, fee_ppm, streamed = values
    provider, model, model_billed, endpoint, workflow, *more = map(_text, texts)
    analysis, key_label, priority, source, host, buckets, price_id, fx_id = more
    kind = kind_of(endpoint, buckets.split("\n"))
    return Labels(
        provider,
        model,
        model_billed,
        endpoint,
        workflow,
        analysis,
        key_label,
        priority,
        kind,
        is_call(endpoint, kind),
        source,
        host,
        buckets,
        price_id,
        fx_id,
        _whole(vat_ppm, SMALL_MAX),
        _whole(fee_ppm, SMALL_MAX),
        bool(streamed),
    )


def refusal_cells(row: Refusal) -> tuple[Cell, ...]:
    return (
        _text(row.bucket_id),
        _text(row.provider),
        _text(row.model),
        _seconds(row.minute_us),
        _text(row.code),
        _text(row.priority),
        _whole(row.calls, LARGE_MAX),
        _whole(row.needed_micro, AMOUNT_MAX),
        _seconds(row.last_us),
        _seq(row.seq),
    )


def event_cells(row: LimitEvent) -> tuple[Cell, ...]:
    # A threshold is crossed once, whichever call does it.
    by_model = row.kind != THRESHOLD
    return (
        _text(row.kind),
        _text(row.bucket_id),
        _seconds(row.start_us),
        _seconds(row.end_us),
        _whole(row.version, LARGE_MAX),
        _whole(row.threshold_ppm, LARGE_MAX),
        _whole(row.cap_micro, CAP_MAX),
        _whole(row.spent_micro, CAP_MAX),
        _text(row.call_id),
        _whole(row.attempt, SMALL_MAX),
        _text(row.provider) if by_model else "",
        _text(row.model) if by_model else "",
        _seconds(row.at_us),
        _seq(row.seq),
    )


def balance_cells(row: Balance, now: float) -> tuple[Cell, ...]:
    return (
        _text(row.bucket_id),
        _seconds(row.start_us),
        _seconds(row.end_us),
        *(
            _whole(amount, CAP_MAX)
            for amount in (
                row.cap_micro,
                row.settled_micro,
                row.reserved_micro,
                row.unverified_micro,
            )
        ),
        _whole(row.version, LARGE_MAX),
        now,
    )


def exchange_cells(row: Exchange) -> tuple[Cell, ...]:
    return (
        row.provider,
        row.fx_id,
        row.rate_date,
        _whole(row.micro_won_per_usd, AMOUNT_MAX),
        _whole(row.vat_ppm, SMALL_MAX),
        _whole(row.fee_ppm, SMALL_MAX),
        row.source,
        _seconds(row.fetched_us),
    )


def _text(value: object, most: int = CHARACTERS_MAX) -> str:
    return clean(value, most) if isinstance(value, str) else ""


def _whole(value: object, most: int) -> int:
    return value if type(value) is int and -most <= value <= most else 0


def _seconds(microseconds: object) -> float:
    return _whole(microseconds, MOMENT_MAX_US) / MICROSECONDS


def _seq(value: object) -> int:
    """Raises ValueError: without it nobody knows how far was read."""
    if type(value) is not int:
        raise ValueError(f"the ledger has a row with {value!r} for its place in the sequence")
    return value
