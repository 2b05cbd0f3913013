"""What pages and exports ask the store about the money. See `models/costs/shapes.py`.

A span is [since, until) in UTC epoch seconds, by when a call was opened. `only` narrows it to
calls of which all that is said. Everything raises AgentSilent and QueryRefused.
"""

# ruff: noqa: S608  Columns are constants of this file, and offsets of a zone whole numbers.

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from data.cost_sql import (
    BUCKETS,
    COLUMNS,
    FIRST_DAYS,
    HEADROOM,
    IN_SPAN,
    IS_PATH,
    LINE,
    OVER_TIME,
    REFUSED,
    REFUSED_LINES,
    SPENDING,
    Span,
    local_day,
)
from data.rows import Answers, rows_of
from models.costs.periods import Unit, periods
from models.costs.shapes import (
    NOTHING,
    Bucket,
    By,
    CallLine,
    Headroom,
    Point,
    RefusedLine,
    Spending,
)


def spending(
    reader: Answers, span: Span, by: By, only: Mapping[By, str] | None = None
) -> list[Spending]:
    """Sums of each provider, model, workflow ...; the dearest first."""
    said, params = _only(only, 3)
    provider = "coalesce(provider, '')" if by == "model" else "''"
    sql = SPENDING.format(provider=provider, name=f"coalesce({COLUMNS[by]}, '')", only=said)
    refused = _refused(reader, span, by) if not only and by in ("provider", "model") else None
    lines = []
    for row in rows_of(reader.columns(sql, [*span, *params])):
        key = (row["provider"], row["name"])
        lines.append(Spending(**row, refused=None if refused is None else refused.pop(key, 0)))
    return [*lines, *(_only_refused(*key, n) for key, n in (refused or {}).items())]


def whole_spending(
    reader: Answers, span: Span, only: Mapping[By, str] | None = None
) -> Spending | None:
    """Of all together; None where there is nothing."""
    said, params = _only(only, 3)
    sql = SPENDING.format(provider="''", name="''", only=said)
    rows = rows_of(reader.columns(sql, [*span, *params]))
    refused = None if only else sum(_refused(reader, span, "provider").values())
    return Spending(**rows[0], refused=refused) if rows else None


def spending_over_time(
    reader: Answers, span: Span, by: By, unit: tuple[Unit, ZoneInfo], **more: Any
) -> list[Point]:
    """What each name cost in each day, week, month or year of a zone; all of them of every name.

    `only` as elsewhere. The first and the last unit may be cut by the span.
    """
    since, until = span
    said, params = _only(more.get("only"), 3)
    sql = OVER_TIME.format(
        day=local_day(span, unit[1]),
        first_day=FIRST_DAYS[unit[0]],
        name=f"coalesce({COLUMNS[by]}, '')",
        only=said,
    )
    rows = rows_of(reader.columns(sql, [since, until, *params]))
    known = {(row["name"], row["first_day"]): row for row in rows}
    return [
        _point(name, period, known.get((name, period.first_day)))
        for name in dict.fromkeys(row["name"] for row in rows)
        for period in periods(since, until, *unit)
    ]


def headroom(reader: Answers, span: Span) -> list[Headroom]:
    """Reserved against used of each model; the most reserved first."""
    return [Headroom(**row) for row in rows_of(reader.columns(HEADROOM, span))]


def buckets(reader: Answers, at: float) -> list[Bucket]:
    """Of the period in which that moment lies, in the order of their ids."""
    return [Bucket(**row) for row in rows_of(reader.columns(BUCKETS, [at]))]


def refused_lines(reader: Answers, span: Span, count: int = 50) -> list[RefusedLine]:
    """What was not let through and why, the latest first."""
    return [RefusedLine(**row) for row in rows_of(reader.columns(REFUSED_LINES, [*span, count]))]


def latest_calls(
    reader: Answers, span: Span, only: Mapping[By, str] | None = None, count: int = 50
) -> list[CallLine]:
    return _highest(reader, span, only, ("opened_at", count))


def dearest_calls(
    reader: Answers, span: Span, only: Mapping[By, str] | None = None, count: int = 50
) -> list[CallLine]:
    """By what they cost; open ones by what is kept free for them."""
    cost = "greatest(won, CASE WHEN state = 'open' THEN worst_won ELSE 0 END)"
    return _highest(reader, span, only, (cost, count))


def _highest(
    reader: Answers, span: Span, only: Mapping[By, str] | None, wanted: tuple[str, int]
) -> list[CallLine]:
    """First the lowest value that is among them, so that few whole rows are ever put in order."""
    said, params = _only(only, 3)
    value, count = wanted
    sql = f"""
    WITH highest AS MATERIALIZED (
        SELECT {value} AS value FROM {"cost_facts" if only else "calls"}
        WHERE {IN_SPAN} AND {said} ORDER BY value DESC LIMIT {count})
    SELECT {LINE} FROM cost_facts
    WHERE {IN_SPAN} AND {said} AND {value} >= (SELECT min(value) FROM highest)
    ORDER BY {value} DESC, seq DESC LIMIT {count}
    """
    return [CallLine(**row) for row in rows_of(reader.columns(sql, [*span, *params]))]


def _refused(reader: Answers, span: Span, by: By) -> dict[tuple[str, str], int]:
    """By (provider or "", name)."""
    found: dict[tuple[str, str], int] = {}
    by_model = by == "model"
    sql = REFUSED.format(
        name="model" if by_model else "provider",
        named=f"NOT {IS_PATH}" if by_model else "provider <> ''",
    )
    for row in rows_of(reader.columns(sql, span)):
        provider = row["provider"] if by == "model" else ""
        key = (provider, row["name"])
        found[key] = found.get(key, 0) + row["refused"]
    return found


def _only_refused(provider: str, name: str, refused: int) -> Spending:
    """What was asked for and never let through."""
    return Spending(
        provider,
        name,
        NOTHING,
        NOTHING,
        NOTHING,
        NOTHING,
        0,
        0,
        refused,
        0,
        0,
        0,
        None,
        None,
    )


def _only(only: Mapping[By, str] | None, first: int) -> tuple[str, Sequence[str]]:
    """A condition, and its parameters from $first on."""
    wanted = list((only or {}).items())
    said = [f"coalesce({COLUMNS[by]}, '') = ${first + n}" for n, (by, _) in enumerate(wanted)]
    return " AND ".join(said) or "true", [value for _, value in wanted]


def _point(name: str, period: Any, row: Mapping[str, Any] | None) -> Point:
    won, calls = (NOTHING, 0) if row is None else (row["won"], row["calls"])
    return Point(name, period.since, period.until, won, calls)
