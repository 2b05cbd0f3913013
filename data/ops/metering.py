"""What the store has of a series that is paid by its bytes: functions over a cursor."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import duckdb

from models.costs.metered import Bucket
from models.monitoring import Labels
from models.tiers import Tier

Connection = duckdb.DuckDBPyConnection


class Found(NamedTuple):
    """A series as the store knows it."""

    id: int
    unit: str


def series_with(connection: Connection, machine: str, name: str, labels: Labels) -> list[Found]:
    """Those of a machine that have all these labels, whatever others they have."""
    rows = connection.execute(
        "SELECT id, unit, labels FROM series WHERE machine = ? AND name = ? ORDER BY id",
        [machine, name],
    ).fetchall()
    wanted = set(labels)
    return [
        Found(number, unit)
        for number, unit, text in rows
        if wanted <= set(json.loads(text).items())
    ]


def buckets_in(
    connection: Connection, ids: Sequence[int], span: tuple[float, float], tier: Tier
) -> list[list[Bucket]]:
    """Of each series, in [since, until)."""
    rows = connection.execute(
        f"""
        SELECT series_id, epoch(taken_at), mean::DOUBLE FROM {tier.view}
        WHERE list_contains(?::INTEGER[], series_id) AND mean IS NOT NULL
          AND taken_at >= ? AND taken_at < ?
        ORDER BY series_id, taken_at
        """,  # noqa: S608  the name of a view
        [list(ids), *(datetime.fromtimestamp(at, UTC) for at in span)],
    ).fetchall()
    found: dict[int, list[Bucket]] = {number: [] for number in ids}
    for number, at, mean in rows:
        found[number].append(Bucket(at, mean))
    return list(found.values())


def is_rolled(connection: Connection, tier: Tier, until: float) -> bool:
    """Whether the tier has all that is known of the time before that moment."""
    row = connection.execute(
        "SELECT epoch(rolled_before) FROM rollups WHERE tier = ?", [tier.view]
    ).fetchone()
    return row is not None and row[0] >= until
