"""Whatever happens in whatever order: what the budgets say is what a simple model says."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import Household
from tests.sallim.money import WON, asked, settlement

pytestmark = pytest.mark.slow

NOON = 1_794_366_000.0
"""The 11th of November 2026 in Seoul."""
DAY = 86_400.0
PERCENTS = (70, 80, 90, 95, 100)


class Month(RuleBasedStateMachine):
    """The model: what is spent of a month, its cap, and the highest share it ever had."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.cap, self.raises, self.booked = 1_000, 0, 0
        self.house = Household(Path(self.folder.name), self.settings, NOON)
        self.spent = {}
        self.reached = set()
        self.note()

    def teardown(self):
        self.house.close()
        self.folder.cleanup()

    @property
    def settings(self):
        budget = {"total_krw": self.cap, "api_krw": 10_000, "pace_factor": 0}
        return Settings.model_validate({"budget": budget})

    @property
    def month(self):
        return self.house.month.since

    @property
    def total(self):
        return self.spent.get(self.month, 0)

    def cap_now(self):
        accounts = Accounts.open(self.house.home.ledger)
        found = {row.bucket_id: row for row in accounts.balances(int(self.house.now * WON))}
        accounts.close()
        return found["total"].cap_micro // WON

    def note(self):
        """Lines that are reached now were, whatever becomes of them."""
        for percent in PERCENTS:
            if self.total > 0 and self.total * 100 >= self.cap_now() * percent:
                self.reached.add((self.month, percent))

    @rule(won=st.integers(1, 400))
    def spend(self, won):
        if self.house.spend(won):
            self.spent[self.month] = self.total + won
            assert self.total <= self.cap_now()
        self.note()

    @rule(won=st.integers(-300, 300))
    def correct(self, won):
        """As a bill does, which nobody can refuse."""
        self.booked += 1
        accounts = Accounts.open(self.house.home.ledger)
        now_us = int(self.house.now * WON)
        row = asked(f"bill-{self.booked}", 0, opened_us=now_us, buckets=("api", "total"))
        accounts.book(row, settlement(won * WON, settled_us=now_us))
        accounts.close()
        self.spent[self.month] = self.total + won
        self.note()

    @rule(cap=st.integers(0, 2_000))
    def change_the_cap(self, cap):
        self.cap = cap
        self.house.take_over(self.settings)
        self.note()

    @rule(won=st.integers(0, 500), seconds=st.sampled_from([60.0, DAY]))
    def raise_it(self, won, seconds):
        self.raises += 1
        self.house.raised(won, "total", seconds, f"raise-{self.raises}")
        self.house.step(0)
        self.note()

    @rule(seconds=st.sampled_from([10.0, 3_600.0, DAY, 12 * DAY]))
    def wait(self, seconds):
        self.house.step(seconds)
        self.note()

    @rule(seconds=st.sampled_from([3_600.0, 5 * DAY]))
    def put_the_clock_wrong_and_right(self, seconds):
        self.house.now += seconds
        self.house.step(0)
        self.note()
        self.house.now -= seconds
        self.house.step(0)
        self.note()

    @rule()
    def kill_the_agent(self):
        self.house.start()

    @rule(stuck=st.booleans())
    def get_stuck(self, stuck):
        self.house.services.stuck = stuck

    @invariant()
    def what_is_told_and_stopped_is_what_the_model_says(self):
        house = self.house
        house.step(0)
        self.note()
        # A line that was told twice would have been an error of the postbox, and raised.
        told = {
            (row.start_us // WON, row.threshold_ppm // 10_000)
            for row in self.told()
            if row.bucket_id == "total"
        }
        assert told == self.reached
        if house.services.stuck:
            return
        assert house.limiting.problem is None
        cap, total = self.cap_now(), self.total
        is_released = house.limiting.seen.states["total"].is_released
        if total > 0 and total >= cap and not is_released:
            assert house.services.up == set()
        elif total * 100 < cap * 95 or is_released:
            assert house.services.up == {"gpu", "n8n"}

    def told(self):
        from data.budget import told

        return told(self.house.control, 0)


Month.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
test_the_budgets_are_the_model = Month.TestCase
