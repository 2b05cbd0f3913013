"""A process that writes to a store as fast as it can, to be killed at any moment.

It runs in a fork of a server that has imported everything already, so that 25 deaths take
seconds. What was acknowledged goes through a pipe, which outlives the process.
"""

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from tests.data.stores import rows_at

FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.faults.writer"])

ROWS_MAX = 60


def write_until_killed(path: Path, start: int, seed: int, acknowledged: Connection) -> None:
    """Write batches of all sizes; time runs 40 times as fast, with jumps, so that all upkeep runs.

    Sends (seq, rows, now) after each acknowledgement.
    """
    chance = random.Random(seed)  # noqa: S311 a test that repeats itself
    now = start
    store = Store.open(Home(path), StoreLimits(free_min_bytes=0), now)
    while True:
        now += chance.choice((10, 10, 10, 60, 600, 7_200))
        late = chance.choice((0, 0, 0, 0, 120, 4_000))
        rows = rows_at(now - 10 - late, chance.randint(1, ROWS_MAX), chance.random())
        acknowledged.send((store.write(rows, now), len(rows), now))
        store.maintain(now)
