"""Series that may tell what held up a stage: when each was strained, out of the store."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from data.rows import Answers, rows_of
from models.bottlenecks.inputs import Blocker, Statement, Strain
from models.bottlenecks.resources import ERRORS
from models.bottlenecks.strains import (
    API_UP,
    STATEMENTS,
    THRESHOLDS,
    USUAL_MIN_SECONDS,
    USUAL_TIMES,
    counts,
    instance_of,
)
from models.live import labels_of
from models.spans import finer
from models.tiers import Resolution

SERIES = "SELECT id, machine, name, labels FROM series WHERE list_contains(?::VARCHAR[], name)"

# Of a series whose threshold is RELATIVE, what is twice its usual value is strained. Which
# buckets those were comes over only where there are both kinds: else nothing can be compared.
VALUES = """
WITH asked AS (SELECT $4::INTEGER[] AS ids, $5::DOUBLE[] AS thresholds, $6::BOOLEAN[] AS inverted),
buckets AS (
    SELECT series_id, floor(epoch(taken_at) / $3)::BIGINT AS bucket,
           sum(mean * n) / sum(n) AS value, max(max) AS top
    FROM {view}
    WHERE list_contains($4::INTEGER[], series_id)
      AND taken_at >= to_timestamp($1) AND taken_at < to_timestamp($2)
    GROUP BY ALL),
told AS (
    SELECT series_id, bucket,
           CASE WHEN inverted[list_position(ids, series_id)] THEN 1 - value ELSE value END AS value,
           CASE WHEN inverted[list_position(ids, series_id)] THEN 1 - value ELSE top END AS top,
           thresholds[list_position(ids, series_id)] AS given
    FROM buckets, asked),
limits AS (
    SELECT series_id, CASE WHEN any_value(given) >= 0 THEN any_value(given)
        ELSE greatest($7 * median(value), median(value) + $8) END AS threshold
    FROM told GROUP BY series_id),
sums AS (
    SELECT series_id, any_value(threshold) AS threshold, count(*) AS buckets, avg(value) AS mean,
           quantile_cont(value, 0.95) AS p95, max(top) AS most,
           count(*) FILTER (value >= threshold) AS strained_buckets,
           list(bucket) FILTER (value >= threshold) AS strained,
           list(bucket) FILTER (value < threshold) AS calm
    FROM told JOIN limits USING (series_id) GROUP BY series_id)
SELECT series_id, threshold, buckets, mean, p95, most, strained_buckets,
       CASE WHEN strained_buckets > 0 AND strained_buckets < buckets THEN strained END AS strained,
       CASE WHEN strained_buckets > 0 AND strained_buckets < buckets THEN calm END AS calm
FROM sums
"""

GROWTH = """
SELECT machine, name, sum(grown) AS errors
FROM (SELECT machine, name, series_id,
             CASE WHEN any_value(unit) LIKE '%/s' THEN avg(mean) * ($2 - $1)
                  ELSE max(max) - min(min) END AS grown
      FROM {view} JOIN series ON id = series_id
      WHERE list_contains($3::VARCHAR[], name)
        AND taken_at >= to_timestamp($1) AND taken_at < to_timestamp($2)
      GROUP BY ALL)
GROUP BY ALL
"""

NAMES = """
SELECT source, id, arg_max(name, seen_at) AS name, arg_max(detail, seen_at) AS detail
FROM things WHERE kind = $1 AND seen_at >= to_timestamp($2) GROUP BY ALL
"""


class Found(NamedTuple):
    strains: tuple[Strain, ...]
    statements: tuple[Statement, ...]


def strains_of(reader: Answers, since: float, until: float, resolution: Resolution) -> Found:
    """Every series that may hold up a stage, and the statements among them by their text."""
    series = _series(reader)
    if not series:
        return Found((), ())
    strains = _strains(reader, since, until, resolution, series)
    texts = {
        (instance_of(row["source"]), row["id"]): row["name"]
        for row in _things(reader, "statement", 0)
    }
    span_seconds = until - since
    statements = tuple(
        Statement(
            source=strain.label("source"),
            query_id=strain.label("queryid"),
            text=texts.get((strain.label("source"), strain.label("queryid")), ""),
            busy=strain.mean * strain.buckets * resolution.bucket_seconds / span_seconds,
        )
        for strain in strains
        if strain.name == STATEMENTS
    )
    return Found(strains, statements)


def blockers_of(reader: Answers, since: float) -> tuple[Blocker, ...]:
    """Sessions that others waited for, where the collector left a word about them."""
    return tuple(
        Blocker(instance_of(row["source"]), row["name"], int(_number(row["detail"], "blocked")))
        for row in _things(reader, "blocker", since)
    )


def errors_of(
    reader: Answers, since: float, until: float, resolution: Resolution
) -> dict[tuple[str, str], float]:
    """Errors of each machine's resources over the span."""
    sql = GROWTH.replace("{view}", resolution.tier.view)
    rows = rows_of(reader.columns(sql, [since, until, list(ERRORS)]))
    errors: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row["machine"], ERRORS[row["name"]])
        errors[key] = errors.get(key, 0.0) + float(row["errors"] or 0.0)
    return errors


def _series(reader: Answers) -> dict[int, Strain]:
    """What is asked for, by the number of the series; its values are not known yet."""
    rows = rows_of(reader.columns(SERIES, [list(THRESHOLDS)]))
    found = {}
    for row in rows:
        labels = labels_of(json.loads(row["labels"]))
        if counts(row["name"], dict(labels)):
            threshold = THRESHOLDS[row["name"]]
            found[row["id"]] = Strain(
                row["machine"], row["name"], labels, 0, 0.0, 0.0, 0.0, threshold, 0
            )
    return found


def _strains(
    reader: Answers,
    since: float,
    until: float,
    resolution: Resolution,
    series: dict[int, Strain],
) -> tuple[Strain, ...]:
    """Out of the coarse tier; out of finer ones as long as that has nothing yet."""
    params = [
        *(since, until, resolution.bucket_seconds, list(series)),
        [strain.threshold for strain in series.values()],
        [strain.name == API_UP for strain in series.values()],
        *(USUAL_TIMES, USUAL_MIN_SECONDS),
    ]
    for one in (resolution, *finer(resolution)):
        rows = rows_of(reader.columns(VALUES.replace("{view}", one.tier.view), params))
        if rows:
            return tuple(_measured(series[row.pop("series_id")], row) for row in rows)
    return ()


def _measured(strain: Strain, row: dict[str, Any]) -> Strain:
    strained, calm = (frozenset(_numbers(row.pop(name))) for name in ("strained", "calm"))
    return replace(strain, **row, strained=strained, calm=calm)


def _numbers(values: Sequence[int] | None) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _things(reader: Answers, kind: str, since: float) -> list[dict[str, Any]]:
    return rows_of(reader.columns(NAMES, [kind, since]))


def _number(detail: str, name: str) -> float:
    value = json.loads(detail or "{}").get(name)
    return float(value) if isinstance(value, int | float) else 0.0
