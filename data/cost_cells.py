"""Rows of the ledger's money as the store takes them: whatever stands in the file, they fit.

Every program of the group writes the ledger, and SQLite takes any value into any column. What is
no whole number, or beyond what any row can hold, counts as 0.
"""

from functools import lru_cache

from data.ops.costs import Call, CallCells, Labels
from data.ops.records import Cell
from models.costs.kinds import is_call, kind_of
from models.redaction import redact
from sallim.ledger.calls import CALL_ID_MAX, CHARACTERS_MAX, TOOL_CALLS_MAX
from sallim.ledger.money_rows import (
    AMOUNT_MAX,
    CAP_MAX,
    THRESHOLD,
    Balance,
    CallRow,
    Exchange,
    LimitEvent,
    Refusal,
)
from sallim.ledger.rows import SECONDS_MAX, clean

MICROSECONDS = 1_000_000
MOMENT_MAX_US = int(SECONDS_MAX) * MICROSECONDS
SMALL_MAX = 2**31 - 1
LARGE_MAX = 2**62
STATE_CHARACTERS_MAX = 20


def cells(call: CallRow) -> Call:
    """A call with its labels."""
    tokens = call.tokens
    error = _text(call.error)
    labels = _labels(
        (call.provider, call.model, call.model_billed, call.endpoint, call.workflow),
        (call.analysis, call.key_label, call.priority, call.source, call.host),
        (call.price_id, call.fx_id, call.vat_ppm, call.fee_ppm, call.stream),
        call.buckets,
    )
    return labels, CallCells(
        _text(call.call_id, CALL_ID_MAX),
        _whole(call.attempt, SMALL_MAX),
        _text(call.state, STATE_CHARACTERS_MAX),
        _text(call.job_key),
        _whole(call.opened_us, MOMENT_MAX_US),
        _whole(call.settled_us, MOMENT_MAX_US) or None,
        _whole(call.nano_usd, AMOUNT_MAX),
        _whole(call.worst_nano_usd, AMOUNT_MAX),
        _whole(call.gross_micro, AMOUNT_MAX),
        _whole(call.worst_micro, AMOUNT_MAX),
        _whole(call.status, SMALL_MAX),
        _whole(call.latency_us, LARGE_MAX),
        _whole(call.overhead_us, LARGE_MAX),
        _whole(tokens.input, LARGE_MAX),
        _whole(tokens.cache_read, LARGE_MAX),
        _whole(tokens.cache_write_5m, LARGE_MAX),
        _whole(tokens.cache_write_1h, LARGE_MAX),
        _whole(tokens.output, LARGE_MAX),
        _whole(tokens.reasoning, LARGE_MAX),
        _whole(tokens.audio_input, LARGE_MAX),
        _whole(tokens.media_input, LARGE_MAX),
        _text(call.tool_calls, TOOL_CALLS_MAX),
        redact(error) if error else "",
        _seq(call.seq),
    )


Values = tuple[object, ...]


@lru_cache(maxsize=1_000)
def _labels(names: Values, more: Values, terms: Values, lines: tuple[str, ...]) -> Labels:
    """Remembered, for thousands of calls share one."""
    provider, model, model_billed, endpoint, workflow = map(_text, names)
    analysis, key_label, priority, source, host = map(_text, more)
    price_id, fx_id, vat_ppm, fee_ppm, streamed = terms
    buckets = [_text(line) for line in lines]
    kind = kind_of(endpoint, buckets)
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
        "\n".join(buckets),
        _text(price_id),
        _text(fx_id),
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
