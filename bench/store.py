"""How fast and how large the store is: 400 days of 300 series, asked through the agent's socket.

    python -m bench.store [--quick]

The store is noise of full entropy (data/demo.py), kept in ~/.cache/sallim-bench for six hours.
Every question takes six other series, and is asked by the functions that the pages call.
"""

# ruff: noqa: S608  Names of tables come from the store itself.

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

from bench import processes
from bench.processes import CACHE, memory_bytes
from bench.report import Figure, percentile, report
from data import monitoring
from data.demo import fill_bench
from data.home import Home
from data.monitoring import Stored
from data.ops.connection import open_for_looking
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.reader import Reader
from models.spans import POINTS_MAX
from models.tiers import DAY_SECONDS, TIERS, resolution_for

DAYS, SERIES = 400, 300
SIX = 6
WARM_UP = 20
ROUNDS = 5
POINTS_CLOSE = 1_440
"""Points of a trace that is looked at closely; what refreshes by itself has POINTS_MAX."""

BLOCKS = """
SELECT count(DISTINCT block_id) FROM pragma_storage_info('{table}') WHERE block_id >= 0
"""
SETTINGS = """\
# A store for benchmarks: nothing is collected, so nothing disturbs.
[collectors]
host.enabled = "off"
gpu.enabled = "off"
processes.enabled = "off"
itself.enabled = "off"
"""


def bench_home() -> Home:
    """The store of noise, made when there is none of the last six hours."""
    home = Home(CACHE / "store")
    if fill_bench(home, time.time(), DAYS, SERIES):
        print(f"made {DAYS} days of {SERIES} series in {home.path}")
    (home.path / "sallim.toml").write_text(SETTINGS, encoding="utf-8")
    return home


def opening(home: Home) -> Figure:
    started = time.monotonic()
    store = Store.open(home, StoreLimits(), time.time())
    seconds = time.monotonic() - started
    store.close()
    if store.report.losses:
        raise SystemExit(f"{home.path}: the store reports losses; remove the folder, start again")
    return Figure("opening, with verification of every row's account", seconds, "s")


def sizes(home: Home) -> list[Figure]:
    """Bytes on the disk, and what one sample (mean, min, max, n) of each tier takes of them."""
    on_disk = sum(path.stat().st_size for path in (home.ops, home.control))
    figures = [Figure("the store on the disk", on_disk / 1e6, "MB", 1_000)]
    connection = open_for_looking(home.ops)

    def number(sql: str) -> int:
        return connection.execute(sql).fetchone()[0]

    try:
        block_bytes = number("SELECT block_size FROM pragma_database_size()")
        for tier in TIERS:
            found = connection.execute(
                "SELECT table_name FROM periods WHERE tier = ?", [tier.view]
            ).fetchall()
            blocks = sum(number(BLOCKS.format(table=table)) for (table,) in found)
            rows = number(f"SELECT count(*) FROM {tier.view}")
            figures.append(Figure(f"samples in {tier.view}", rows / 1e6, "million"))
            figures.append(Figure(f"a sample in {tier.view}", blocks * block_bytes / rows, "B"))
    finally:
        connection.close()
    return figures


def timed(what: str, ask: Callable[[], object], runs: int, limit: float | None) -> list[Figure]:
    """Percentiles of the middle round of a fixed number; of what has a limit, best and worst too.

    How many rounds there are never depends on what they show.
    """
    for _ in range(WARM_UP):
        ask()
    count = 1 if limit is None else ROUNDS
    rounds = sorted(
        (_round(ask, runs) for _ in range(count)), key=lambda took: percentile(took, 0.95)
    )
    middle = rounds[count // 2]
    figures = [
        Figure(f"{what}, p50", percentile(middle, 0.5), "ms"),
        Figure(f"{what}, p95", percentile(middle, 0.95), "ms", limit),
    ]
    if limit is not None:
        figures += [
            Figure(f"{what}, p95 of the best of {count} rounds", percentile(rounds[0], 0.95), "ms"),
            Figure(f"{what}, p95 of the worst", percentile(rounds[-1], 0.95), "ms"),
        ]
    return figures


def _round(ask: Callable[[], object], runs: int) -> list[float]:
    took_ms = []
    for _ in range(runs):
        started = time.perf_counter()
        ask()
        took_ms.append(1000 * (time.perf_counter() - started))
    return took_ms


def questions(home: Home, runs: int) -> list[Figure]:
    reader = Reader(home)
    now = reader.columns("SELECT epoch(max(taken_at)) AS at FROM samples")["at"][0]
    chosen = random.Random(1)
    names = ["machine.cpu.utilization", "machine.memory.usage", "system.process.count"]
    known = [
        monitoring.series_of(reader, machine, names) for machine in monitoring.machines(reader)
    ]

    def six() -> list[Stored]:
        return sorted(chosen.sample(chosen.choice(known), SIX))

    def history(days: int, points: int) -> Callable[[], object]:
        since = now - days * DAY_SECONDS
        resolution = resolution_for(since, now, now, points)
        return lambda: monitoring.history(reader, six(), since, now, resolution)

    figures = []
    for days, limit in ((30, 50), (1, None), (7, None), (400, None)):
        what = f"{days} days of {SIX} series at {POINTS_MAX} points"
        figures += timed(what, history(days, POINTS_MAX), runs, limit)
    close = f"30 days of {SIX} series at {POINTS_CLOSE} points"
    figures += timed(close, history(30, POINTS_CLOSE), runs, None)
    latest = f"latest of all {SERIES} series"
    figures += timed(latest, lambda: monitoring.last_state(reader, now), runs, 10)
    if reader.source != "agent":
        raise SystemExit("the questions were not answered by the agent; see its log")
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.store",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="40 questions of each kind, not 200")
    runs = 40 if parser.parse_args().quick else 200
    home = bench_home()
    processes.go_first()
    figures = [opening(home), *sizes(home)]
    with processes.agent(Path(home.path)) as pid:
        figures += questions(home, runs)
        figures.append(
            Figure("agent's memory (PSS) after it", memory_bytes(pid, "Pss") / 1e6, "MB")
        )
    return report("bench.store", figures)


if __name__ == "__main__":
    raise SystemExit(main())
