"""The statements about forecasts that pages and the agent share, and what their rows mean.

$1 is a target, $2 and $3 a span in UTC epoch seconds, by when steps begin.
"""

# ruff: noqa: S608  Put together out of constants.

import json
from collections.abc import Mapping
from typing import Any

from models.demand.accuracy import WHOLE_DAY, Accuracy
from models.demand.shapes import QUANTILES, Forecast
from models.messages import Message
from models.scaling.shapes import Plan
from models.tiers import DAY_SECONDS

# Lists as text: read anew they are what was stored, without the digits that a FLOAT has not.
FORECAST = """
target, work, epoch(made_at)::BIGINT AS made_at, epoch(start_at)::BIGINT AS start_at, step_seconds,
model, asked, members, parameters, why, means::VARCHAR AS means, bands, naive::VARCHAR AS naive,
cpu_seconds
"""
LATEST = f"""
SELECT {FORECAST} FROM forecasts WHERE target = $1 ORDER BY forecasts.made_at DESC, work LIMIT 1
"""
BAND = tuple(f"q{place}" for place in range(len(QUANTILES)))
"""Columns of a band, in the order of QUANTILES."""
# Of forecasts that begin with the same step the newest counts.
PLACED = f"""
WITH told AS (
    SELECT epoch(start_at)::BIGINT AS start, step_seconds, means, naive,
           from_json(bands, '[["DOUBLE"]]') AS bands
    FROM forecasts
    WHERE target = $1 AND start_at < to_timestamp($3)
      AND start_at + to_seconds(len(means) * step_seconds) > to_timestamp($2)
    QUALIFY row_number() OVER (PARTITION BY start_at ORDER BY made_at DESC, work) = 1),
steps AS (
    SELECT start, step_seconds, unnest(range(len(means)))::INTEGER + 1 AS ahead,
           unnest(means)::DOUBLE AS mean, unnest(naive)::DOUBLE AS naive,
           {", ".join(f"unnest(bands[{n + 1}]) AS {name}" for n, name in enumerate(BAND))}
    FROM told),
placed AS (
    SELECT *, start + (ahead - 1) * step_seconds AS begun FROM steps
    WHERE begun >= $2 AND begun < $3)
"""
# The newest that was made so many steps before, and not the one that was made exactly then: where
# one is missing, an older one is what there was.
PICKED = f"""
{PLACED},
wanted AS (
    SELECT * FROM placed WHERE ahead >= $4
    QUALIFY row_number() OVER (PARTITION BY begun ORDER BY ahead) = 1)
"""
DAY = f"""
{PLACED},
wanted AS (SELECT * FROM placed WHERE ahead * step_seconds <= $4)
"""
WITH_TRUTH = f"""
SELECT begun, mean, naive, {", ".join(BAND)},
       CASE WHEN mark = 'measured' THEN value END AS truth
FROM wanted LEFT JOIN truths ON target = $1 AND begun_at = to_timestamp(begun) ORDER BY begun
"""
HOURS = """
SELECT epoch(begun_at)::BIGINT AS begun, step_seconds,
       CASE WHEN mark = 'measured' THEN value END AS value
FROM truths WHERE target = $1 AND begun_at >= to_timestamp($2) AND begun_at < to_timestamp($3)
ORDER BY begun
"""
ACCURACY = """
SELECT target, epoch(made_at)::BIGINT AS made_at, days, ahead, steps, one_minus_wape,
       naive_one_minus_wape, noise_floor, skill, coverage80, coverage95, pinball, bias, drifted
FROM accuracies WHERE target = $1
"""
ACCURACIES = f"""
{ACCURACY} AND accuracies.made_at = (SELECT max(made_at) FROM accuracies WHERE target = $1)
ORDER BY days, ahead
"""
ACCURACY_HISTORY = f"{ACCURACY} AND days = $2 AND ahead = $3 ORDER BY made_at"
# With the one that was in force when the span began.
PLANS = """
SELECT pool, epoch(planned_at)::BIGINT AS "at", wanted, reactive, predicted, allowed, reason, inputs
FROM plans WHERE pool = $1 AND planned_at < to_timestamp($3) AND planned_at >= coalesce(
    (SELECT max(planned_at) FROM plans WHERE pool = $1 AND planned_at <= to_timestamp($2)),
    to_timestamp($2))
ORDER BY planned_at
"""
# $1 is a bucket, $2 when its period begins.
MONTH = """
SELECT bucket_id, epoch(start_at)::BIGINT AS start_at, epoch(end_at)::BIGINT AS end_at,
       epoch(made_at)::BIGINT AS made_at, document
FROM month_forecasts WHERE bucket_id = $1 AND start_at = to_timestamp($2)
ORDER BY month_forecasts.made_at DESC LIMIT 1
"""

Row = Mapping[str, Any]


def pairs_question(target: str, span: tuple[float, float], ahead: int) -> tuple[str, list[object]]:
    """A statement and its parameters; `ahead` in steps, or WHOLE_DAY."""
    if ahead == WHOLE_DAY:
        return DAY + WITH_TRUTH, [target, *span, DAY_SECONDS]
    return PICKED + WITH_TRUTH, [target, *span, ahead]


def forecast_of(row: Row, state: Mapping[str, Any] | None = None) -> Forecast:
    texts = ("asked", "members", "parameters", "why", "means", "bands", "naive")
    shape = {**row, **{name: json.loads(row[name]) for name in texts}}
    return Forecast.from_json({**shape, "state": state or {}})


def accuracy_of_row(row: Row) -> Accuracy:
    return Accuracy(**{**row, "drifted": bool(row["drifted"])})


def plan_of(row: Row) -> Plan:
    predicted = row["predicted"]
    return Plan(
        **{
            **row,
            "predicted": None if predicted is None else int(predicted),
            "reason": Message.from_json(json.loads(row["reason"])),
            "inputs": json.loads(row["inputs"]),
        }
    )
