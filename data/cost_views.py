"""Every view of the money as a table with names: what exports write down.

Moments are texts in UTC; won, dollars and counts are as the store has them, never rounded.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from data.advice import facts
from data.analysis_costs import analysis_costs
from data.bill_answers import compared, metered, prepaid
from data.cost_sql import Span
from data.costs import buckets, headroom, refused_lines, spending, spending_over_time
from data.focus import all_calls
from data.rows import Answers
from models.costs.advice import advise
from models.costs.advice.shapes import Market
from models.costs.advice.table import COLUMNS, table_of
from models.costs.freshness import Compared
from models.costs.periods import UNITS, Unit
from models.costs.shapes import (
    BYS,
    AnalysisCost,
    Bucket,
    By,
    CallLine,
    Headroom,
    Point,
    RefusedLine,
    Spending,
)
from models.csv_text import Value
from models.settings.analysis import Analysis
from models.settings.rented import Rented
from sallim.prices import PriceList

REFUSED_MAX = 100_000
MOMENTS = {"opened_at", "last_at", "since", "until", "start", "end", "told_at", "gone_at"}
BALANCE = ("provider", "currency", "left", "burn_a_day", "days_left", "gone_at", "told", "told_at")
GIGABYTES = ("name", "kind", "provider", "gb", "free_gb", "price", "won", "counted_to")


class Asked(NamedTuple):
    """What all views need; `until` is also the moment of which buckets are told."""

    span: Span
    zone: ZoneInfo
    prices: Callable[[], PriceList]
    """Read where a view needs them."""
    analyses: Sequence[Analysis] = ()
    rented: Sequence[Rented] = ()


class View(NamedTuple):
    """Its columns, and its rows when they are asked for."""

    header: Sequence[str]
    rows: Callable[[Answers, Asked], Iterable[tuple[object, ...]]]


def _by(by: By) -> View:
    return View(Spending._fields, lambda reader, asked: spending(reader, asked.span, by))


def _over(unit: Unit) -> View:
    return View(
        Point._fields,
        lambda reader, asked: spending_over_time(reader, asked.span, "kind", (unit, asked.zone)),
    )


def _part(columns: Sequence[str], rows: Callable[[Answers], Iterable[object]]) -> View:
    """Those columns of rows that have lists and sentences as well, which no table takes."""
    return View(
        columns,
        lambda reader, _asked: (
            tuple(getattr(row, column) for column in columns) for row in rows(reader)
        ),
    )


def _advice(reader: Answers, asked: Asked) -> Iterable[tuple[object, ...]]:
    """Always of the last 30 days before the end of the span."""
    now = asked.span[1]
    market = Market(asked.prices(), int(now * 1_000_000))
    return table_of(advise(facts(reader, now, asked.zone, asked.rented), market))


VIEWS: dict[str, View] = {
    "calls": View(CallLine._fields, lambda reader, asked: all_calls(reader, asked.span)),
    "refused": View(
        RefusedLine._fields, lambda reader, asked: refused_lines(reader, asked.span, REFUSED_MAX)
    ),
    "buckets": View(Bucket._fields, lambda reader, asked: buckets(reader, asked.span[1] - 1e-6)),
    "headroom": View(Headroom._fields, lambda reader, asked: headroom(reader, asked.span)),
    "cost-of-analyses": View(
        AnalysisCost._fields,
        lambda reader, asked: analysis_costs(reader, *asked.span, asked.analyses),
    ),
    "bills": View(Compared._fields, lambda reader, asked: compared(reader, asked.span)),
    "prepaid": _part(BALANCE, prepaid),
    "metered": _part(GIGABYTES, metered),
    "advice": View(COLUMNS, _advice),
    **{f"by-{by}": _by(by) for by in BYS},
    **{f"by-{unit}": _over(unit) for unit in UNITS},
}
"""By name; those of time tell each kind (api, server ...) apart; two know no span but now."""


def view_rows(view: View, reader: Answers, asked: Asked) -> Iterator[list[Value]]:
    """Raises AgentSilent, QueryRefused."""
    for row in view.rows(reader, asked):
        yield [_told(name, value) for name, value in zip(view.header, row, strict=True)]


def _told(name: str, value: object) -> Value:
    if name in MOMENTS and isinstance(value, int | float):
        return utc_text(value)
    assert value is None or isinstance(value, Value), f"{name} is no value of a table"
    return value


def utc_text(moment: float) -> str:
    """Such as 2026-11-20T03:04:05.678901Z; the part of a second only where there is one."""
    told = datetime.fromtimestamp(moment, UTC).isoformat().removesuffix("+00:00")
    return f"{told}Z"
