"""What `sallim.job` costs the owner's program, beside its peers in the same run.

    python -m bench.job [--quick]

Enter and exit with nothing in between. The rounds of all take turns, so that all share whatever
else the machine does; of each the middle round by its median counts. What a p99 by the clock has
beyond that of the CPU is waiting: for the machine, for the disk.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram

import sallim
from bench.report import Figure, percentile, report
from sallim import recording

ROUNDS = 5
LIMIT_US = 100
TABLE = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY, name TEXT, key TEXT, state TEXT, started_at REAL, ended_at REAL)
"""
IMPORTING = """
import sys, time
before = time.perf_counter()
import sallim
print(1000 * (time.perf_counter() - before))
"""


def one_job() -> None:
    with sallim.job("analysis", key="video-17"):
        pass


def job_with_stage() -> None:
    with sallim.job("analysis", key="video-17") as job, job.stage("download"):
        pass


@contextmanager
def job_into(folder: Path, ledger: str):
    """`sallim.job` as a program finds it that sets this ledger."""
    os.environ["SALLIM_LEDGER"] = ledger or str(folder / "ledger.sqlite3")
    recording.flush()
    yield one_job
    recording.flush()


@contextmanager
def job_and_stage_into(folder: Path):
    with job_into(folder, ""):
        yield job_with_stage


@contextmanager
def prometheus():
    """Counted in memory: what is not scraped before the process ends is lost."""
    registry = CollectorRegistry()
    runs = Counter("jobs", "Jobs.", ["name", "state"], registry=registry)
    seconds = Histogram("job_seconds", "Their duration.", ["name"], registry=registry)

    def once() -> None:
        runs.labels("analysis", "started").inc()
        with seconds.labels("analysis").time():
            pass
        runs.labels("analysis", "succeeded").inc()

    yield once


@contextmanager
def plain_sqlite(folder: Path, synchronous: str):
    """One INSERT and one UPDATE, each committed, as one would write it oneself."""
    path = folder / f"{synchronous}.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(TABLE)
        insert = "INSERT INTO jobs (name, key, state, started_at) VALUES (?, ?, 'running', ?)"
        update = "UPDATE jobs SET state = 'succeeded', ended_at = ? WHERE id = ?"

        def once() -> None:
            begun = connection.execute(insert, ["analysis", "video-17", time.time()])
            connection.execute(update, [time.time(), begun.lastrowid])

        yield once


class Taken(NamedTuple):
    """Microseconds of one round."""

    median: float
    p99: float
    cpu_median: float
    cpu_p99: float


def measured(once: Callable[[], None], runs: int) -> Taken:
    """After some runs that warm up."""
    for _ in range(runs // 10):
        once()
    clock, cpu = [], []
    for _ in range(runs):
        cpu_before, before = time.thread_time_ns(), time.perf_counter_ns()
        once()
        after, cpu_after = time.perf_counter_ns(), time.thread_time_ns()
        clock.append((after - before) / 1000)
        cpu.append((cpu_after - cpu_before) / 1000)
    return Taken(*(percentile(took, share) for took in (clock, cpu) for share in (0.5, 0.99)))


def middles(runs: int) -> dict[str, Taken]:
    rounds: dict[str, list[Taken]] = {}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            contenders = {
                "sallim.job": job_into(folder, ""),
                "sallim.job with a stage": job_and_stage_into(folder),
                "sallim.job turned off": job_into(folder, recording.OFF),
                "prometheus_client, in memory": prometheus(),
                "plain sqlite3, synchronous=NORMAL": plain_sqlite(folder, "NORMAL"),
                "plain sqlite3, synchronous=FULL": plain_sqlite(folder, "FULL"),
            }
            for what, contender in contenders.items():
                with contender as once:
                    rounds.setdefault(what, []).append(measured(once, runs))
    return {what: sorted(each)[ROUNDS // 2] for what, each in rounds.items()}


def import_ms() -> float:
    command = [sys.executable, "-c", IMPORTING]
    took = [float(subprocess.check_output(command, text=True)) for _ in range(ROUNDS)]
    return sorted(took)[ROUNDS // 2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the runs")
    runs = 1_000 if parser.parse_args().quick else 5_000
    found = middles(runs)
    figures = []
    for what, taken in found.items():
        limit = LIMIT_US if what == "sallim.job" else None
        figures += [
            Figure(f"{what}, median", taken.median, "µs", limit),
            Figure(f"{what}, p99", taken.p99, "µs"),
            Figure(f"{what}, CPU, median", taken.cpu_median, "µs"),
            Figure(f"{what}, CPU, p99", taken.cpu_p99, "µs"),
        ]
    ours = found["sallim.job"].median
    for what in ("prometheus_client, in memory", "plain sqlite3, synchronous=FULL"):
        figures.append(
            Figure(f"sallim.job as a multiple of {what}", ours / found[what].median, "x")
        )
    figures.append(Figure("import sallim", import_ms(), "ms"))
    return report("bench.job", figures)


if __name__ == "__main__":
    sys.exit(main())
