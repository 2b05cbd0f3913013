"""The loop of the budgets over a real store: its course, its pace, a year of data."""

import json
import sqlite3
import time
from contextlib import closing

import pytest

from agent.budget_watch import BudgetWatch
from agent.budgeting import Budgeting
from agent.costs import Costs
from agent.sampling import Clocks
from data.ops.demand import DemandBatch, MonthForecast
from models.costs.course import Course, Off
from models.costs.month_document import MonthAsked, document_of
from models.costs.periods import day_of
from models.settings import Settings
from models.tiers import DAY_SECONDS
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import NOW, Postbox, Services
from tests.data.stores import home_in, opened
from tests.processes import until
from tests.sallim.money import WON, asked, settlement

SETTINGS = Settings.model_validate({"budget": {"pace_factor": 0}})


class Watched:
    """A home with a store; what is told stands in its control."""

    def __init__(self, folder, now) -> None:
        self.home = home_in(folder)
        self.store = opened(self.home, now)
        self.now = now
        self.clocks = Clocks(lambda: self.now, time.monotonic)
        self.budgeting = Budgeting(self.home, self.clocks, self.store.control)
        self.budgeting.take_over(SETTINGS)
        world = (Postbox(), Services(), lambda bucket_id, spares: ())
        stores = (self.store.control, self.store)
        self.watch = BudgetWatch(self.home, stores, self.clocks, world)
        self.watch.take_over(SETTINGS)

    def book(self, name, won, at) -> None:
        accounts = Accounts.open(self.home.ledger)
        at_us = int(at * WON)
        row = asked(name, 0, opened_us=at_us, buckets=("api", "total"))
        accounts.book(row, settlement(int(won * WON), settled_us=at_us))
        accounts.close()

    @property
    def alerts(self):
        with self.store.control.transaction() as connection:
            rows = connection.execute(
                "SELECT value FROM state WHERE key LIKE 'alert:%' ORDER BY key"
            ).fetchall()
        return [value for (value,) in rows]


@pytest.fixture
def watched(tmp_path):
    # The morning of the 12th in Seoul.
    watched = Watched(tmp_path, NOW - 17 * DAY_SECONDS)
    yield watched
    watched.store.close()


def test_the_day_on_which_the_cap_is_reached_comes_from_the_days_of_the_store(watched):
    for day in range(1, 30):
        watched.book(f"day-{day}", 900, watched.now - day * DAY_SECONDS)
    costs = Costs(watched.home.ledger, watched.home.archive, watched.store, watched.clocks)
    costs.step()
    for _ in range(2):
        watched.watch.projecting.step()
    watched.watch.limiting.step()

    # 9,900 won of 15,000 until the 12th, three quarters of 900 on it, 900 on each that follows.
    [api, total] = watched.alerts
    assert "at this pace 100 % of the budget api (15,000 won) is reached on 2026-11-17" in api
    assert "at this pace 100 % of the budget total (24,900 won) is reached on 2026-11-28" in total
    watched.watch.projecting.step()
    watched.watch.limiting.step()
    assert watched.alerts == [api, total]


@pytest.mark.slow
def test_a_line_is_told_within_seconds_after_the_call_that_crosses_it(watched):
    watched.watch.start()
    try:
        watched.book("a", 10_600, watched.now)
        began = time.monotonic()
        until(lambda: watched.alerts, 5)
    finally:
        assert watched.watch.stop(5)

    assert time.monotonic() - began < 5
    assert "70 % of the budget api" in watched.alerts[0]
    assert watched.watch.problem is None


@pytest.mark.slow
def test_a_look_is_quick_with_a_year_of_calls_and_months(watched):
    accounts = Accounts.open(watched.home.ledger)
    for day in range(365):
        at_us = int((watched.now - day * DAY_SECONDS) * WON)
        row = asked(f"day-{day}", 0, opened_us=at_us, buckets=("api", "total"))
        accounts.book(row, settlement(400 * WON, settled_us=at_us))
    accounts.close()
    with closing(sqlite3.connect(watched.home.ledger)) as ledger, ledger:
        ledger.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
            INSERT INTO calls SELECT call_id || '-' || i, attempt, seq + 1000 * i, charged,
                provider, model, endpoint, workflow, analysis, job_key, key_label, priority,
                buckets, worst_nano_usd, worst_micro, price_id, fx_id, vat_ppm, fee_ppm, stream,
                host, pid, process, opened_us, expires_us, state, nano_usd, gross_micro, source,
                status, latency_us, model_billed, input, cache_read, cache_write_5m,
                cache_write_1h, output, reasoning, audio_input, media_input, tool_calls,
                overhead_us, error, settled_us, updated_us, prompt_hash, prefix_hash, output_max
            FROM calls, n
            """
        )
    watched.watch.limiting.step()
    took = []
    for _ in range(30):
        began = time.perf_counter()
        watched.watch.limiting.step()
        took.append(time.perf_counter() - began)

    assert watched.watch.limiting.seen.states["api"].spent_won > 0
    assert sorted(took)[15] < 0.05


def test_the_day_comes_from_what_was_fitted_where_that_is_fresh(watched):
    watched.book("today", 900, watched.now)
    Costs(watched.home.ledger, watched.home.archive, watched.store, watched.clocks).step()
    accounts = Accounts.open(watched.home.ledger)
    [api] = [each for each in accounts.balances(int(watched.now * WON)) if each.bucket_id == "api"]
    accounts.close()
    start_at, end_at = api.start_us // WON, api.end_us // WON
    today = day_of(watched.now, SETTINGS.house.zone)
    course = Course("theta", today, (3_000 * WON,) * 31, (Off(0, 0, 0),), 60, 42)
    asked = MonthAsked("api", 900 * WON, 0, api.cap_micro, start_at, end_at)
    text = json.dumps(document_of(asked, course, int(watched.now), "Asia/Seoul"))
    month = MonthForecast("api", start_at, end_at, int(watched.now), text)
    watched.store.demand.keep(DemandBatch(months=[month]))
    for _ in range(2):
        watched.watch.projecting.step()
    watched.watch.limiting.step()

    # 900 of 15,000 won, the rest of the 12th, and 3,000 on each day that follows.
    [told] = watched.alerts
    assert "at this pace 100 % of the budget api (15,000 won) is reached on 2026-11-16" in told
