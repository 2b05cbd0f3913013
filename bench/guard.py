"""What a call costs before and after it is sent: kept free in two buckets, and settled.

    python -m bench.guard [--quick]

One process alone; eight at a hundred calls a second in all, and eight as fast as they can; then
eight that race for a cap. What is timed is reserve and settle of one call together. The eight
begin at the same moment, and what they may not do is admit one call too many.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from bench import guarded
from bench.processes import go_first
from bench.report import Figure, percentile, report
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import (
    IMPORTANT_PPM,
    OPTIONAL_PPM,
    THRESHOLDS_PPM,
    Admitted,
    Asked,
    Budget,
    Period,
    Settlement,
    Tokens,
)

ROUNDS, ROUNDS_TOGETHER = 5, 3
PROCESSES = 8
CALLS_A_SECOND = 100
CALENDAR = "month:Asia/Seoul"
DAY_US = 86_400_000_000
BUCKETS = ("total", "api", "provider:openai")
"""Of these two have a budget."""
ROOM_MICRO = 10**17
WORST_MICRO, COST_MICRO = 1_700_000, 900_000


class Load(NamedTuple):
    """What each of the processes does: `pause_seconds` 0 is as fast as it can."""

    seconds: float
    pause_seconds: float


def opened(folder: Path, cap_micro: int = ROOM_MICRO) -> Accounts:
    now_us = time.time_ns() // 1_000
    accounts = Accounts.open(folder / "ledger.sqlite3")
    rules = (IMPORTANT_PPM, OPTIONAL_PPM, CALENDAR, THRESHOLDS_PPM, 1)
    accounts.put_budgets(
        [Budget("total", cap_micro, *rules), Budget("api", ROOM_MICRO, *rules)],
        [Period(CALENDAR, now_us - DAY_US, now_us + 30 * DAY_US)],
    )
    return accounts


def asked(name: str, number: int) -> Asked:
    now_us = time.time_ns() // 1_000
    return Asked(
        *(f"{now_us:x}-{name}-{number}", 1, "openai", "gpt-5-mini", "/v1/chat/completions", "ocr"),
        *("video", "video-17", "laptop", "essential", BUCKETS, 1_100_000, WORST_MICRO),
        *("openai/gpt-5-mini/2026-11", "ecb-2026-11-20", 100_000, 25_000, False, "vps", 4_711),
        *("0a1b2c3d/4026531836/123456", now_us, now_us + DAY_US),
    )


SETTLEMENT = Settlement(
    *(580_000, COST_MICRO, "usage", 200, 900_000, "gpt-5-mini-2026-08-07"),
    *(Tokens(input=1_200, cache_read=300, output=400, reasoning=100), "", 90, "", 0),
)


def once(accounts: Accounts, call: Asked) -> bool:
    """Whether it was admitted; settled then."""
    admitted = type(accounts.reserve(call)) is Admitted
    if admitted:
        accounts.settle(call.call_id, call.attempt, SETTLEMENT)
    return admitted


def timed(accounts: Accounts, call: Asked) -> float:
    """Microseconds."""
    before = time.perf_counter_ns()
    once(accounts, call)
    return (time.perf_counter_ns() - before) / 1000


def alone(calls: int) -> tuple[float, float]:
    """Median and p99 of one process: of some rounds, the middle one by its median."""
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            accounts = opened(Path(folder))
            for number in range(calls // 10):
                timed(accounts, asked("warm", number))
            took = [timed(accounts, asked("alone", number)) for number in range(calls)]
            rounds.append((percentile(took, 0.5), percentile(took, 0.99)))
            accounts.close()
    return sorted(rounds)[ROUNDS // 2]


def work(folder: Path, name: str, load: Load, all_here: Barrier, said: Connection) -> None:
    """One of the eight; says what each call took."""
    accounts, chance = Accounts.open(folder / "ledger.sqlite3"), random.Random(name)
    timed(accounts, asked(f"{name}-warm", 0))
    all_here.wait()
    end = time.monotonic() + load.seconds
    took: list[float] = []
    while time.monotonic() < end:
        if load.pause_seconds:
            time.sleep(chance.expovariate(1 / load.pause_seconds))
        took.append(timed(accounts, asked(name, len(took))))
    said.send(took)


def race(folder: Path, name: str, tries: int, all_here: Barrier, said: Connection) -> None:
    """One of the eight; says how many of its calls were admitted."""
    accounts = Accounts.open(folder / "ledger.sqlite3")
    all_here.wait()
    admitted = [type(accounts.reserve(asked(name, number))) is Admitted for number in range(tries)]
    said.send(sum(admitted))


def all_eight(what, folder: Path, how) -> list:
    """What each of them says."""
    context = multiprocessing.get_context("spawn")
    all_here = context.Barrier(PROCESSES)
    begun = []
    for number in range(PROCESSES):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=what, args=(folder, f"{number}", how, all_here, theirs))
        process.start()
        begun.append((process, ours))
    said = [ours.recv() for _, ours in begun]
    for process, _ in begun:
        process.join()
    return said


def together(load: Load) -> tuple[list[float], int]:
    """Microseconds of all calls of the eight: of some rounds, the middle one by its p99.

    And the calls that the ledger does not count as they did, in all rounds.
    """
    rounds, wrong = [], 0
    for _ in range(ROUNDS_TOGETHER):
        with tempfile.TemporaryDirectory() as name:
            accounts = opened(Path(name))
            took = [each for one in all_eight(work, Path(name), load) for each in one]
            counted = COST_MICRO * (len(took) + PROCESSES)
            for balance in accounts.balances(time.time_ns() // 1_000):
                wrong += abs(balance.settled_micro - counted) // COST_MICRO
            accounts.close()
            rounds.append(took)
    return sorted(rounds, key=lambda took: percentile(took, 0.99))[ROUNDS_TOGETHER // 2], wrong


def beyond_the_cap(calls: int) -> int:
    """Calls that eight programs admitted beyond a cap, or fewer than it would have held."""
    with tempfile.TemporaryDirectory() as name:
        accounts = opened(Path(name), calls * WORST_MICRO)
        admitted = sum(all_eight(race, Path(name), calls))
        accounts.close()
        return abs(admitted - calls)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the calls")
    share = 1 if parser.parse_args().quick else 5
    go_first()
    median, p99 = alone(1_000 * share)
    calm_load = Load(2.0 * share, PROCESSES / CALLS_A_SECOND)
    saturated_load = Load(0.6 * share, 0)
    calm, calm_wrong = together(calm_load)
    saturated, saturated_wrong = together(saturated_load)
    eight = f"{PROCESSES} processes"
    figures = [
        Figure("reserve + settle, two buckets, median", median, "µs", 150),
        Figure("reserve + settle, two buckets, p99", p99, "µs", 1_000),
        Figure(f"{eight}, calls/s in all", len(calm) / calm_load.seconds, "/s"),
        Figure(f"{eight}, 100 calls/s, median", percentile(calm, 0.5) / 1000, "ms"),
        Figure(f"{eight}, 100 calls/s, p99", percentile(calm, 0.99) / 1000, "ms", 2),
        Figure(
            f"{eight}, saturated, calls/s in all", len(saturated) / saturated_load.seconds, "/s"
        ),
        Figure(f"{eight}, saturated, median", percentile(saturated, 0.5) / 1000, "ms"),
        Figure(f"{eight}, saturated, p99", percentile(saturated, 0.99) / 1000, "ms", 10),
        Figure(f"{eight}, calls counted wrongly", calm_wrong + saturated_wrong, "calls", 0),
        Figure(f"{eight}, a cap of 1,000 calls missed by", beyond_the_cap(1_000), "calls", 0),
        *guarded.figures(300 * share, opened),
    ]
    return report("bench.guard", figures)


if __name__ == "__main__":
    sys.exit(main())
