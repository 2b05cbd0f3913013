"""What pages ask the store about bills. Everything raises AgentSilent and QueryRefused."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from data.rows import Answers, rows_of
from models.costs.bills import days_left

OPENINGS = """
SELECT id AS bucket FROM things
WHERE kind = 'opening' AND detail = 'open' AND name = $1 ORDER BY id
"""
BURN_DAYS = 7
VERDICTS = """
SELECT source AS provider, id, name AS cause, detail FROM things
WHERE kind = 'verdict' AND (detail ->> 'since')::DOUBLE >= $1 AND (detail ->> 'until')::DOUBLE <= $2
ORDER BY (detail ->> 'until')::DOUBLE DESC, source, id
"""
CASH = f"""
SELECT source AS provider, id AS currency, name AS amount, epoch(seen_at) AS told_at,
       coalesce((SELECT sum(usd) FROM cost_facts
                 WHERE cost_facts.provider = things.source AND is_call
                       AND opened_at >= to_timestamp($1) - INTERVAL {BURN_DAYS} DAY), 0)::VARCHAR
           AS burnt_usd
FROM things WHERE kind = 'cash' ORDER BY source, id
"""  # noqa: S608  a constant of this file


def incomplete(reader: Answers, at: float, zone: ZoneInfo) -> list[str]:
    """The buckets of which, in the month of `at`, the part before Sallim began is not known.

    `at` is UTC epoch seconds. While there are any, sums of that month are too small.
    """
    month = datetime.fromtimestamp(at, zone).strftime("%Y-%m")
    return [row["bucket"] for row in rows_of(reader.columns(OPENINGS, [month]))]


class Compared(NamedTuple):
    """A bill beside the ledger, in net USD. `guarded` is the part of it that passed the guard.

    `cause` is one of `models/costs/reconcile.py`; moments are UTC epoch seconds.
    """

    provider: str
    model: str
    since: float
    until: float
    theirs_usd: Decimal
    ours_usd: Decimal
    cause: str
    is_alarm: bool
    guarded: Decimal | None


class Prepaid(NamedTuple):
    """What is left of money paid ahead beside what a day burns; `days_left` None: nothing burns."""

    provider: str
    left: Decimal
    currency: str
    burnt_a_day_usd: Decimal
    days_left: Decimal | None
    told_at: float


def compared(reader: Answers, span: tuple[float, float]) -> list[Compared]:
    """Of bills whose spans lie in [since, until), the newest first."""
    rows = rows_of(reader.columns(VERDICTS, list(span)))
    return [_compared(row, json.loads(row["detail"])) for row in rows]


def prepaid(reader: Answers, now: float) -> list[Prepaid]:
    """By the calls of the last seven days; other currencies than USD have no days."""
    return [_prepaid(row) for row in rows_of(reader.columns(CASH, [now]))]


def _compared(row: dict[str, Any], detail: dict[str, Any]) -> Compared:
    guarded = detail["guarded_ppm"]
    return Compared(
        row["provider"],
        row["id"].split(":", 2)[2],
        detail["since"],
        detail["until"],
        Decimal(detail["theirs_nano"]).scaleb(-9),
        Decimal(detail["ours_nano"]).scaleb(-9),
        row["cause"],
        detail["is_alarm"],
        None if guarded is None else Decimal(guarded).scaleb(-6),
    )


def _prepaid(row: dict[str, Any]) -> Prepaid:
    left, burnt = Decimal(row["amount"]), Decimal(row["burnt_usd"])
    days = days_left(left, burnt, BURN_DAYS) if row["currency"] == "USD" else None
    return Prepaid(row["provider"], left, row["currency"], burnt / BURN_DAYS, days, row["told_at"])
