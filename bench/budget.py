"""The budgets: a look at all of them with a year of calls, and how soon a crossed line is told.

    python -m bench.budget [--quick]

The look is that of the agent's loop: the ledger's events and balances read, the policy asked, what
is new written to control. Then eight programs are refused 2,000 times a second in all, since all is
spent, and the look is timed again.
"""

import argparse
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import MutableSequence
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

from agent.budget_watch import BudgetWatch
from agent.budgeting import Budgeting
from agent.sampling import Clocks
from bench.guard import asked
from bench.processes import go_first
from bench.report import Figure, percentile, report
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Settlement, Tokens

PROCESSES, REFUSALS_A_SECOND = 8, 2_000
DAYS, CALLS_A_DAY = 365, 1_000
DAY_US, WON = 86_400_000_000, 1_000_000
BUCKETS = ("total", "api", "provider:openai")
CAPS = {"total_krw": 90_000_000, "api_krw": 90_000_000}
COLUMNS = "attempt, seq + 1000000 * i, charged, provider, model, endpoint, workflow, priority"
REPEAT = f"""
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO calls (call_id, attempt, seq, charged, provider, model, endpoint, workflow, priority,
                   buckets, worst_nano_usd, worst_micro, opened_us, expires_us, state, updated_us)
SELECT call_id || '-' || i, {COLUMNS},
       buckets, worst_nano_usd, worst_micro, opened_us, expires_us, state, updated_us FROM calls, n
"""  # noqa: S608  columns of our own


Counts = MutableSequence[int]
"""Of each program, how often it was refused."""


class Noted:
    """Outbox and services of a machine that has none: when each alert was put."""

    def __init__(self) -> None:
        self.put_at: list[float] = []

    def put(self, *_: object) -> None:
        self.put_at.append(time.monotonic())

    def stop(self, *_: object) -> str:
        return "stopped"

    def start(self, *_: object) -> str:
        return "started"


def spent(won: int, name: str, at_us: int) -> tuple:
    row = asked(name, 0)._replace(worst_micro=0, opened_us=at_us, buckets=BUCKETS)
    end = Settlement(*(0, won * WON, "usage", 200, 1, "gpt-5-mini", Tokens(), "", 1, "", at_us))
    return row, end


def fill(home: Home, now_us: int) -> None:
    """A year of calls, of which the ledger holds every one."""
    accounts = Accounts.open(home.ledger)
    for day in range(1, DAYS):
        accounts.book(*spent(10, f"day-{day}", now_us - day * DAY_US))
    accounts.close()
    with closing(sqlite3.connect(home.ledger)) as ledger, ledger:
        ledger.execute(REPEAT, [CALLS_A_DAY - 1])


def refused(path: Path, pause_seconds: float, over: Event, counts: Counts, place: int) -> None:
    """One of the eight: all is spent, and it asks on, at the same rate however long one takes."""
    accounts, number, due = Accounts.open(path), 0, time.monotonic()
    while not over.is_set():
        number += 1
        accounts.reserve(asked("refused", number)._replace(buckets=BUCKETS))
        counts[place] = number
        due += pause_seconds
        time.sleep(max(0.0, due - time.monotonic()))
    accounts.close()


def looks(watch: BudgetWatch, count: int) -> list[float]:
    """Milliseconds of each."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        watch.limiting.step()
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(0.01)
    return took


def besides(home: Home, watch: BudgetWatch, count: int) -> tuple[list[float], float]:
    """The same while eight programs are refused, and how many calls a second these were."""
    context = multiprocessing.get_context("spawn")
    over, counts = context.Event(), context.Array("L", PROCESSES, lock=False)
    told = (home.ledger, PROCESSES / REFUSALS_A_SECOND, over, counts)
    others = [context.Process(target=refused, args=(*told, n)) for n in range(PROCESSES)]
    for each in others:
        each.start()
    while not all(counts):
        time.sleep(0.05)
    before, since = sum(counts), time.monotonic()
    took = looks(watch, count)
    rate = (sum(counts) - before) / (time.monotonic() - since)
    over.set()
    for each in others:
        each.join()
    return took, rate


def handed_over(home: Home, watch: BudgetWatch, noted: Noted) -> list[float]:
    """Seconds from each line that is crossed to the alert that stands in the outbox."""
    took = []
    watch.ticking.start()
    cap_won = CAPS["api_krw"]
    accounts, now_us = Accounts.open(home.ledger), time.time_ns() // 1_000
    for number, percent in enumerate((70, 80, 90, 95, 100)):
        known, before = len(noted.put_at), (0, 70, 80, 90, 95)[number]
        accounts.book(*spent(cap_won * (percent - before) // 100, f"line-{number}", now_us))
        began = time.monotonic()
        while len(noted.put_at) == known:
            time.sleep(0.005)
        took.append(noted.put_at[known] - began)
        time.sleep(0.37 * (number + 1))
    accounts.close()
    watch.ticking.stop(5)
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the looks")
    count = 100 if parser.parse_args().quick else 500
    go_first()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.make()
        store = Store.open(home, StoreLimits(), time.time())
        settings = Settings.model_validate({"budget": {**CAPS, "pace_factor": 0}})
        clocks, noted = Clocks(), Noted()
        Budgeting(home, clocks, store.control).take_over(settings)
        fill(home, time.time_ns() // 1_000)
        world = (noted, noted, lambda *_: ())
        watch = BudgetWatch(home, (store.control, store), clocks, world)
        watch.take_over(settings)
        watch.limiting.step()
        idle = looks(watch, count)
        took = handed_over(home, watch, noted)
        busy, rate = besides(home, watch, count)
        figures = [
            Figure("a look, a year of 1,000 calls a day, median", percentile(idle, 0.5), "ms", 50),
            Figure("a look, a year of 1,000 calls a day, p99", percentile(idle, 0.99), "ms", 50),
            Figure("a line crossed until its alert is put, longest", max(took), "s", 5),
            Figure("calls refused a second, counted", rate, "/s"),
            Figure("a look beside these, p99", percentile(busy, 0.99), "ms"),
            Figure(
                "the same, by that without them",
                percentile(busy, 0.99) / percentile(idle, 0.99),
                "x",
                2,
            ),
        ]
        store.close()
    return report("bench.budget", figures)


if __name__ == "__main__":
    sys.exit(main())
