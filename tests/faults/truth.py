"""What was there before the damage, and whether what opening says of the damage is true.

Three answers are right: opened whole; repaired, with an account by seq that is exactly true;
refused with a clear message. The one that is wrong is to be short without saying so. What is
true is worked out here, from a copy that nobody damaged.
"""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from data.control import Loss
from data.home import Home
from data.ops.store import Store
from models.errors import StoreDamaged, StoreError
from tests.data.stores import ask, counts_by_seq, opened, raw_tables, rows_at

START = 1_763_854_200
"""2025-11-22 23:30 UTC: the past crosses midnight, so that there are two raw tables."""
TICKS = 420
NOW = START + 10 * TICKS


class Truth(NamedTuple):
    """What was there before the damage."""

    counts: dict[int, int]
    hashes: dict[int, int]
    rollups: dict[str, set[tuple[Any, ...]]]
    series: set[tuple[Any, ...]]


def write_and_die(path: Path) -> None:
    """Fill a store with hours of rows, and end as a killed process does: with a WAL behind."""
    store = opened(Home(path), START)
    for tick in range(TICKS):
        now = START + 10 * tick
        store.write(rows_at(now - 10, 40, (tick * 7919 % 1000) / 7), now)
        store.maintain(now)
    os._exit(0)


def truth_of(store: Store) -> Truth:
    # Rollups are compared where they are settled: up to a moment that is folded everywhere.
    store.maintain(NOW)
    hashes: dict[int, int] = {}
    for table in raw_tables(store):
        sql = f"SELECT seq, sum(hash(taken_at, series_id, mean, min, max, n)) FROM {table} GROUP BY seq"  # noqa: E501, S608 our own names
        hashes.update((seq, int(total)) for seq, total in ask(store, sql))
    rollups = {}
    for (table,) in ask(store, "SELECT table_name FROM periods WHERE tier <> 'samples'"):
        sql = f"SELECT epoch(taken_at), series_id, n, min, max FROM {table}"  # noqa: S608 our own names
        rollups[table] = set(ask(store, sql))
    series = set(ask(store, "SELECT id, machine, name, unit, labels FROM series"))
    return Truth(counts_by_seq(store), hashes, rollups, series)


def copy_of(home: Home, folder: Path) -> Home:
    return Home(Path(shutil.copytree(home.path, folder / "home")))


def outcome_of(home: Home, truth: Truth, done: str) -> str:
    try:
        store = opened(home, NOW)
    except StoreError as error:
        is_clear = str(home.path) in str(error) and not isinstance(error, StoreDamaged)
        return "refused" if is_clear else f"{done}: {error!r}"
    try:
        losses = store.report.losses
        found = truth_of(store)
        assert_account_is_true(truth, found, losses, done)
        seq = store.write(rows_at(NOW, 45), NOW + 10)
        assert seq > max(truth.counts), done
        assert_values_stand_under_their_names(store, done)
    finally:
        store.close()
    assert_quiet_the_second_time(home, done)
    return "repaired" if losses or store.report.quarantine else "whole"


def assert_values_stand_under_their_names(store: Store, done: str) -> None:
    """What is written after a repair: 40 series that were there, and five new ones."""
    sql = """
        SELECT series.labels, mean FROM samples JOIN series ON series.id = series_id
        WHERE taken_at = to_timestamp(?)
    """
    found = {int(json.loads(labels)["number"]): mean for labels, mean in ask(store, sql, NOW)}
    assert found == {number: 1.0 + number for number in range(45)}, done


def assert_account_is_true(truth: Truth, found: Truth, losses: Iterable[Loss], done: str) -> None:
    assert found.series == truth.series, done
    missing = {
        seq: rows - found.counts.get(seq, 0)
        for seq, rows in truth.counts.items()
        if found.counts.get(seq, 0) != rows
    }
    told = {loss.first_seq: loss for loss in losses if loss.first_seq is not None}
    assert sum(missing.values()) == sum(loss.rows_lost for loss in told.values()), done
    in_ranges = {seq for loss in told.values() for seq in range(loss.first_seq, loss.last_seq + 1)}
    assert set(missing) == in_ranges, done
    for seq, expected in truth.hashes.items():
        if seq not in missing:
            assert found.hashes[seq] == expected, (done, seq)
    short = Counter({loss.table_name: loss.rows_lost for loss in losses if loss.first_seq is None})
    for table, rows in truth.rollups.items():
        here = found.rollups.get(table, set())
        gone = {row[:2] for row in rows} - {row[:2] for row in here}
        assert len(gone) == short[table], (done, table)
        if not missing:
            assert here <= rows, (done, table)


def assert_quiet_the_second_time(home: Home, done: str) -> None:
    """What was found and written down once is not found again."""
    again = opened(home, NOW + 20)
    assert again.report.losses == (), done
    assert again.report.quarantine is None, done
    again.close()
