"""What advice goes by, out of the store: sums of the last 30 days. See models/costs/advice.

All raise AgentSilent and QueryRefused. Hashes of prompts are compared in here and never read out.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from data.advice_sql import (
    BEGINNINGS,
    BUCKET_SECONDS,
    IDLE,
    LIMITS,
    LOSSES,
    RENTED,
    REPEATS,
    SEEN,
    USES,
)
from data.bill_answers import compared
from data.cost_sql import Span, local_us
from data.costs import buckets
from data.outside_use import used_outside
from data.rows import Answers, rows_of
from models.costs.advice.shapes import (
    SPAN_DAYS,
    Beginnings,
    Facts,
    Limits,
    Losses,
    Machine,
    Outside,
    Repeats,
    Use,
)
from models.costs.periods import DAY_SECONDS
from models.settings.rented import Rented
from sallim.ledger.money_rows import Tokens

BILL_DAYS = 62
"""Two months: the bill of a month lies in them as a whole."""
OF_CALLS = ("api", "total")
"""Buckets in which each call counts."""
HOUR_SECONDS = 3_600


def facts(reader: Answers, now: float, zone: ZoneInfo, rented: Sequence[Rented] = ()) -> Facts:
    """Of the SPAN_DAYS before `now` (UTC epoch seconds); `zone` says when it is night."""
    span = (now - SPAN_DAYS * DAY_SECONDS, now)
    [seen] = rows_of(reader.columns(SEEN, span))
    known = Facts(
        since=seen["since"],
        calls=seen["calls"],
        machines=machines(reader, span, rented),
        bills=outside(reader, now),
        minutes=used_outside(reader, span),
    )
    if not known.calls:
        return known
    repeats, beginnings, limits, losses = (
        rows_of(reader.columns(sql, span)) for sql in (REPEATS, BEGINNINGS, LIMITS, LOSSES)
    )
    return known._replace(
        uses=uses(reader, span, zone),
        repeats=[Repeats(**row) for row in repeats],
        beginnings=[Beginnings(**row) for row in beginnings],
        limits=[_limits(row) for row in limits],
        losses=[Losses(**row) for row in losses],
        left_won=left_won(reader, now),
    )


def uses(reader: Answers, span: Span, zone: ZoneInfo) -> list[Use]:
    sql = USES.format(local_us=local_us(span, zone))
    return [_use(row) for row in rows_of(reader.columns(sql, span))]


def machines(reader: Answers, span: Span, rented: Sequence[Rented]) -> list[Machine]:
    """Those for which something was booked, and that were watched."""
    watched = {one.name: one.machine or one.name for one in rented}
    booked = rows_of(reader.columns(RENTED, span))
    names = [watched.get(row["name"], row["name"]) for row in booked]
    if not names:
        return []
    known = {row["machine"]: row for row in rows_of(reader.columns(IDLE, [*span, names]))}
    return [
        Machine(
            row["name"],
            name,
            _hours(known[name]["on_buckets"]),
            _hours(known[name]["idle_buckets"]),
            row["won"],
            known[name]["has_gpu"],
        )
        for row, name in zip(booked, names, strict=True)
        if name in known
    ]


def outside(reader: Answers, now: float) -> list[Outside]:
    """Bills whose difference is an alarm, and a key used elsewhere its cause."""
    return [
        Outside(one.provider, one.model, one.theirs_usd, one.ours_usd)
        for one in compared(reader, (now - BILL_DAYS * DAY_SECONDS, now))
        if one.cause == "outside" and one.is_alarm
    ]


def left_won(reader: Answers, now: float) -> Decimal | None:
    """What is left for calls now, by the tightest of their buckets; None without a budget."""
    left = [one.left_won for one in buckets(reader, now) if one.bucket_id in OF_CALLS]
    return min(left, default=None)


def _use(row: dict[str, Any]) -> Use:
    tokens = Tokens(*(row.pop(name) for name in Tokens._fields))
    return Use(**row, tokens=tokens)


def _limits(row: Mapping[str, Any]) -> Limits:
    """Sums become what one call is: never divided in SQL, where that makes a float."""
    return Limits(
        row["workflow"],
        row["provider"],
        row["model"],
        row["calls"],
        row["p99_output"],
        row["output_max"],
        row["worst_won"] / row["calls"],
        row["won"] / row["usd"],
    )


def _hours(bucket_count: int) -> Decimal:
    return Decimal(bucket_count * BUCKET_SECONDS) / HOUR_SECONDS
