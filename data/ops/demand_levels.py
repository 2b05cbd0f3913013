"""Demand out of series: any metric, and the use of the cards."""

import json
from typing import Literal, NamedTuple

from data.ops.demand_steps import Steps, Values, parts
from data.ops.records import Connection
from models.monitoring import Labels
from models.settings.target import Target

NOT_ADDITIVE = frozenset({"1", "s", "Cel"})
"""Units of which two machines together have no sum: shares, times, degrees."""
GPU, GPU_TASK = "hw.gpu.utilization", ("hw.gpu.task", "general")
"""A card whose tasks are not told apart is all task."""
Fold = Literal["mean", "sum", "max"]
# Of each part the series are put together first: what comes and goes within an hour counts as long
# as it was there.
FOLDED = """
WITH told AS ({parts}),
of_series AS (
    SELECT part, series_id, sum(mean::DOUBLE * n) / sum(n) AS level, max(max)::DOUBLE AS high,
           sum(mean::DOUBLE * n) AS total
    FROM told GROUP BY ALL),
together AS (
    SELECT part, {together}(level) AS level, {highest}(high) AS high, sum(total) AS total
    FROM of_series GROUP BY part)
SELECT part * {part_seconds} // {seconds} * {seconds} AS begun, {fold}
FROM together GROUP BY begun
"""
FOLDS: dict[Fold, str] = {"mean": "avg(level)", "sum": "sum(total)", "max": "max(high)"}


class Known(NamedTuple):
    """Which series a target means, and whether those of several machines add up."""

    ids: list[int]
    is_additive: bool


def sampled(connection: Connection, target: Target, steps: Steps, *, peak: bool) -> Values:
    """By hours as the target says; with `peak` a level is as high as its highest part."""
    known = _series_of(connection, target)
    if not known.ids:
        return {}
    fold = FOLDS[target.hourly]
    if peak and target.hourly != "sum":
        fold = f"max({'high' if target.hourly == 'max' else 'level'})"
    sql = FOLDED.format(
        parts=parts(connection, steps, "list_contains($1::INTEGER[], series_id)"),
        together="sum" if known.is_additive else "avg",
        highest="sum" if known.is_additive else "max",
        part_seconds=steps.part_seconds,
        seconds=steps.seconds,
        fold=fold,
    )
    return dict(connection.execute(sql, [known.ids]).fetchall())


def _series_of(connection: Connection, target: Target) -> Known:
    is_gpu = target.kind == "gpu"
    wanted = {GPU_TASK} if is_gpu else set(_pairs(target))
    rows = connection.execute(
        "SELECT id, unit, labels FROM series WHERE name = $1 AND ($2 = '' OR machine = $2)",
        [GPU if is_gpu else target.metric, target.machine],
    ).fetchall()
    mine = [
        (number, unit)
        for number, unit, text in rows
        if wanted <= {**dict([GPU_TASK] if is_gpu else []), **json.loads(text)}.items()
    ]
    return Known([number for number, _ in mine], not {unit for _, unit in mine} & NOT_ADDITIVE)


def _pairs(target: Target) -> Labels:
    cut = (text.partition("=") for text in target.labels)
    return tuple((name.strip(), value.strip()) for name, _, value in cut)
