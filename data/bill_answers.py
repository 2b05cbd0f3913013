"""What pages ask the store about bills. Everything raises AgentSilent and QueryRefused."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from data.rows import Answers, rows_of
from models.costs.freshness import Compared
from models.costs.left import Hourly, hourly_of
from models.costs.metered import MeteredMonth
from models.costs.prepaid import Outlook
from models.costs.prepaid_json import prepaid_of
from models.costs.told import HOURLY, HOUSE, METERED, MONEY, PREPAID

OPENINGS = """
SELECT id AS bucket FROM things
WHERE kind = 'opening' AND detail = 'open' AND name = $1 ORDER BY id
"""
VERDICTS = """
SELECT source AS provider, id, name AS cause, detail FROM things
WHERE kind = 'verdict' AND (detail ->> 'since')::DOUBLE >= $1 AND (detail ->> 'until')::DOUBLE <= $2
ORDER BY (detail ->> 'until')::DOUBLE DESC, source, id
"""
TOLD = f"SELECT detail FROM things WHERE kind = '{MONEY}' AND source = '{HOUSE}' AND id = $1"  # noqa: S608


def incomplete(reader: Answers, at: float, zone: ZoneInfo) -> list[str]:
    """The buckets of which, in the month of `at`, the part before Sallim began is not known.

    `at` is UTC epoch seconds. While there are any, sums of that month are too small.
    """
    month = datetime.fromtimestamp(at, zone).strftime("%Y-%m")
    return [row["bucket"] for row in rows_of(reader.columns(OPENINGS, [month]))]


def compared(reader: Answers, span: tuple[float, float]) -> list[Compared]:
    """Of bills whose spans lie in [since, until), the newest first."""
    rows = rows_of(reader.columns(VERDICTS, list(span)))
    return [_compared(row, json.loads(row["detail"])) for row in rows]


def prepaid(reader: Answers) -> list[Outlook]:
    """Each balance that was paid ahead, as the agent told it last; those that end first first."""
    found = [prepaid_of(shape) for shape in told_list(reader, PREPAID)]
    return sorted(found, key=lambda one: (one.gone_at is None, one.gone_at or 0.0, one.provider))


def hourly(reader: Answers) -> list[Hourly]:
    """What an hour of each rented machine costs, as it would be booked today."""
    return [hourly_of(shape) for shape in told_list(reader, HOURLY)]


def metered(reader: Answers) -> list[MeteredMonth]:
    """Traffic and space that are paid by the gigabyte, this month, in the order of the settings."""
    amounts = ("gb", "free_gb", "won")
    return [
        MeteredMonth(
            **{
                **shape,
                **{name: Decimal(shape[name]) for name in amounts},
                "gaps": [(day, seconds) for day, seconds in shape["gaps"]],
            }
        )
        for shape in told_list(reader, METERED)
    ]


def told_list(reader: Answers, name: str) -> list[dict[str, Any]]:
    """What the agent told of the money under that name; see `models/costs/told.py`."""
    rows = rows_of(reader.columns(TOLD, [name]))
    return json.loads(rows[0]["detail"]) if rows else []


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
