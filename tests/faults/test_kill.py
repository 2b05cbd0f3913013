"""kill -9 at any moment: what was acknowledged stays, and the store opens every time."""

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.home import Home
from tests.data.stores import ANYWHERE, NOON, ask, counts_by_seq, home_in, opened
from tests.faults.writer import FORKING, write_until_killed

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "8"))


def killed_after(seconds: float, path: Path, start: int, seed: int) -> list[tuple[int, int, int]]:
    """Let a writer run, kill it; what it said was acknowledged: (seq, rows, now)."""
    receiving, sending = FORKING.Pipe(duplex=False)
    writer = FORKING.Process(target=write_until_killed, args=(path, start, seed, sending))
    writer.start()
    sending.close()
    acknowledged = [receiving.recv()]
    writer.join(seconds)
    assert writer.is_alive(), "the writer ended by itself"
    writer.kill()
    writer.join()
    while True:
        try:
            acknowledged.append(receiving.recv())
        except EOFError:
            return acknowledged


@pytest.mark.timeout(60 + 5 * COUNT)
def test_nothing_acknowledged_is_lost_however_often_the_agent_is_killed(tmp_path):
    chance = random.Random(20_251_123)  # noqa: S311 a test that repeats itself
    home = home_in(tmp_path)
    acknowledged: dict[int, int] = {}
    now = NOON
    for round_number in range(COUNT):
        told = killed_after(chance.uniform(0.0, 0.3), home.path, now, round_number)
        acknowledged |= {seq: rows for seq, rows, _ in told}
        now = told[-1][2] + 10

        store = opened(home, now, ANYWHERE)
        assert store.report.losses == ()
        assert store.report.quarantine is None
        found = counts_by_seq(store)
        assert_rolled_once(store)
        store.close()
        assert_all_there(home, found, acknowledged)


def assert_all_there(home: Home, found: dict[int, int], acknowledged: dict[int, int]) -> None:
    """Every seq is there in full, or belongs to a day that was dropped on purpose."""
    with closing(sqlite3.connect(home.control)) as control:
        dropped = control.execute("SELECT first_seq, last_seq FROM flush_days").fetchall()
        flushes = dict(control.execute("SELECT seq, row_count FROM flushes"))
    for seq, rows in acknowledged.items():
        if seq in flushes:
            assert (flushes[seq], found.get(seq)) == (rows, rows)
        else:
            assert any(first <= seq <= last for first, last in dropped)


def assert_rolled_once(store: Any) -> None:
    """No rollup counts a row twice or not at all, where the raw rows are still there."""
    for view, step in (("samples_1m", 60), ("samples_10m", 600)):
        wrong = ask(
            store,
            f"""
            WITH bounds AS (
                SELECT (SELECT min(first_at) FROM periods WHERE tier = 'samples') AS first_at,
                       (SELECT rolled_before FROM rollups WHERE tier = '{view}') AS end_at
            ), raw AS (
                SELECT make_timestamptz(epoch_us(taken_at) // {step}000000 * {step}000000) AS at_,
                       series_id, sum(n) AS n, min(min) AS low, max(max) AS high
                FROM samples, bounds WHERE taken_at < end_at GROUP BY ALL
            )
            SELECT raw.at_::VARCHAR, raw.series_id, raw.n, rolled.n
            FROM raw FULL JOIN (
                SELECT * FROM {view}, bounds WHERE taken_at >= first_at
            ) AS rolled ON rolled.taken_at = raw.at_ AND rolled.series_id = raw.series_id
            WHERE raw.n IS DISTINCT FROM rolled.n OR raw.low IS DISTINCT FROM rolled.min
               OR raw.high IS DISTINCT FROM rolled.max
            """,  # noqa: S608 our own names
        )
        assert wrong == []
