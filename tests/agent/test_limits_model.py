"""Calls of every priority, people's requests and months, in whatever order: what is let through,
told and kept is what a simple model says.
"""

import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.overriding import KeptOverrides
from agent.sampling import Clocks
from agent.wiring.requests import Asking, InForce, Parts
from data.budget import told
from models.errors import RequestRefused
from models.requests import Actor, Caller
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import PRIORITIES, Admitted
from tests.agent.limiting import Household
from tests.sallim.money import WON, asked, settlement

pytestmark = pytest.mark.slow

NOON = 1_794_366_000.0
"""The 11th of November 2026 in Seoul."""
OWNER = Caller(Actor("minji", "owner", "page", "10.0.0.7"), "session-1")
PERCENTS = (70, 80, 90, 95, 100)
PARTS = {"essential": 100, "important": 95, "optional": 90}
RAISES_MAX, RAISE_PERCENT_MAX = 3, 50
EXPIRES_SECONDS = 900.0


class Call:
    """Kept free, until it ends; `month` is that in which it was opened."""

    def __init__(self, name, worst, opened_at, month):
        self.name, self.worst, self.opened_at, self.month = name, worst, opened_at, month


class Limits(RuleBasedStateMachine):
    """The model counts in whole won: what is spent of each month, what is open, and the cap."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.cap, self.count = 1_000, 0
        self.house = Household(Path(self.folder.name), self.settings, NOON)
        self.open: list[Call] = []
        self.doubted: list[Call] = []
        self.settled: dict[float, int] = {}
        self.raises: list[tuple[int, float, float]] = []
        """Won, since when and until when; a release has none."""
        self.reached = set()
        self.begin()

    def begin(self):
        """Requests as the agent has them after each start."""
        clocks = Clocks(lambda: self.house.now, lambda: self.house.monotonic)
        in_force = InForce(self.settings)
        overrides = KeptOverrides(self.house.control, self.house.budgeting, in_force)
        parts = Parts(overrides=overrides)
        self.asking = Asking(self.house.home, self.house.control, in_force, clocks, parts)

    def teardown(self):
        self.house.close()
        self.folder.cleanup()

    # --- the model ----------------------------------------------------------------------------

    @property
    def settings(self):
        budget = {"total_krw": self.cap, "api_krw": 100_000, "pace_factor": 0}
        return Settings.model_validate({"budget": budget})

    @property
    def month(self):
        return float(self.house.month.since)

    def live(self):
        return [each for each in self.raises if self.house.now < each[2]]

    @property
    def cap_now(self):
        return self.cap + sum(won for won, *_ in self.live())

    def limit(self, priority):
        is_released = any(won == 0 for won, *_ in self.live())
        return self.cap_now * WON * (100 if is_released else PARTS[priority]) // 100

    def amounts(self, month=None):
        """Settled, kept free and in doubt, in that month; else in this one."""
        month = self.month if month is None else month
        mine = [
            sum(call.worst for call in calls if call.month == month)
            for calls in (self.open, self.doubted)
        ]
        return (self.settled.get(month, 0), *mine)

    def spent(self, month):
        settled, _, doubted = self.amounts(month)
        return settled + doubted

    def lines(self, spent):
        if not spent:
            return set()
        return {percent for percent in PERCENTS if spent * 100 >= self.cap_now * percent}

    def note(self):
        """Lines that are reached now were, whatever becomes of them."""
        self.reached |= {(self.month, each) for each in self.lines(self.spent(self.month))}

    def note_late(self, month, before):
        """A call that ends late crosses lines of its month, which may be over."""
        crossed = self.lines(self.spent(month)) - self.lines(before)
        self.reached |= {(month, each) for each in crossed}

    def expire(self):
        """What nobody ended in time is in doubt, and counts at its worst."""
        late = [c for c in self.open if c.opened_at + EXPIRES_SECONDS <= self.house.now]
        self.open = [call for call in self.open if call not in late]
        for call in late:
            before = self.spent(call.month)
            self.doubted.append(call)
            self.note_late(call.month, before)

    # --- calls --------------------------------------------------------------------------------

    @rule(priority=st.sampled_from(PRIORITIES), worst=st.integers(1, 400))
    def call(self, priority, worst):
        """It is let through if and only if it fits, whoever else is under way."""
        self.count += 1
        now_us = int(self.house.now * WON)
        row = asked(
            f"call-{self.count}",
            worst * WON,
            priority=priority,
            buckets=("api", "total"),
            opened_us=now_us,
            expires_us=now_us + int(EXPIRES_SECONDS * WON),
        )
        fits = (sum(self.amounts()) + worst) * WON <= self.limit(priority)
        with self.accounts() as accounts:
            assert isinstance(accounts.reserve(row), Admitted) == fits
        if fits:
            self.open.append(Call(row.call_id, worst, self.house.now, self.month))

    @precondition(lambda self: self.open or self.doubted)
    @rule(data=st.data(), percent=st.integers(0, 100))
    def settle(self, data, percent):
        """Also one that is in doubt may turn out to have cost less."""
        call = data.draw(st.sampled_from([*self.open, *self.doubted]))
        won = call.worst * percent // 100
        with self.accounts() as accounts:
            end = settlement(won * WON, settled_us=int(self.house.now * WON))
            assert accounts.settle(call.name, 1, end)
        before = self.spent(call.month)
        self.forget(call)
        self.settled[call.month] = self.settled.get(call.month, 0) + won
        self.note_late(call.month, before)
        self.note()

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def withdraw(self, data):
        """The provider never saw it."""
        call = data.draw(st.sampled_from(self.open))
        with self.accounts() as accounts:
            assert accounts.release(call.name, 1, 0, "no connection", int(self.house.now * WON))
        self.forget(call)

    # --- people and the owner ------------------------------------------------------------------

    @rule(won=st.integers(0, 600), hours=st.sampled_from([1, 30, 24 * 40]))
    def raise_or_release(self, won, hours):
        """By request. Nothing: a release. To the end of the month at the latest."""
        until = min(self.house.now + hours * 3_600.0, float(self.house.month.until))
        before = [each for each in self.raises if each[0] and self.month <= each[1]]
        live = sum(each[0] for each in before if self.house.now < each[2])
        may = won == 0 or (
            len(before) < RAISES_MAX and live + won <= self.cap * RAISE_PERCENT_MAX // 100
        )
        assert self.request(won, until) == may
        if may:
            self.raises.append((won, self.house.now, until))
        self.note()

    def request(self, won, until):
        self.house.monotonic += 60
        zone = self.settings.house.zone
        args = {"until": datetime.fromtimestamp(until, zone).isoformat()}
        if won:
            args["amount_krw"] = won
        shape = {"kind": "raise" if won else "release", "target": "total", "args": args}
        try:
            told_of = self.asking.requests.nonce(OWNER, shape)
            shape |= {
                "confirm": told_of["confirm"],
                "nonce": told_of["nonce"],
                "reason": "so it is",
            }
            assert self.asking.requests.ask(OWNER, shape).state == "done"
        except RequestRefused:
            return False
        return True

    @rule(cap=st.sampled_from([0, 300, 700, 1_000, 1_500]))
    def change_the_cap(self, cap):
        self.cap = cap
        self.house.take_over(self.settings)
        self.asking.take_over(self.settings)
        self.note()

    # --- time ---------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([60.0, 1_000.0, 7_200.0, 86_400.0, 8 * 86_400.0]))
    def wait(self, seconds):
        self.go_on(seconds)

    @rule()
    def roll(self):
        """A second after midnight, with calls under way."""
        self.go_on(float(self.house.month.until) + 1 - self.house.now)

    def go_on(self, seconds):
        self.house.step(seconds)
        with self.accounts() as accounts:
            accounts.expire(int(self.house.now * WON))
        self.expire()
        self.note()

    @rule()
    def restart(self):
        self.house.start()
        self.begin()

    # --- what holds always ----------------------------------------------------------------------

    @invariant()
    def the_ledger_is_the_model(self):
        with self.accounts() as accounts:
            found = {row.bucket_id: row for row in accounts.balances(int(self.house.now * WON))}
        total = found["total"]
        balance = (total.settled_micro, total.reserved_micro, total.unverified_micro)
        assert balance == tuple(won * WON for won in self.amounts())
        assert total.cap_micro == self.cap_now * WON

    @invariant()
    def each_line_is_told_once(self):
        """A line that was told twice would have been an error of the postbox, and raised."""
        self.house.step(0)
        assert self.house.limiting.problem is None
        found = {
            (row.start_us / WON, row.threshold_ppm // 10_000)
            for row in told(self.house.control, 0)
            if row.bucket_id == "total"
        }
        assert found == self.reached

    @invariant()
    def services_run_while_there_is_money_and_only_then(self):
        settled, kept_free, doubted = self.amounts()
        spent, is_released = settled + doubted, any(won == 0 for won, *_ in self.live())
        if spent > 0 and spent >= self.cap_now and not is_released:
            assert self.house.services.up == set()
        elif (spent + kept_free) * 100 < self.cap_now * 95 or is_released:
            assert self.house.services.up == {"gpu", "n8n"}

    def accounts(self):
        return closing(Accounts.open(self.house.home.ledger))

    def forget(self, call):
        self.open = [each for each in self.open if each is not call]
        self.doubted = [each for each in self.doubted if each is not call]


Limits.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
test_limits_are_the_model = Limits.TestCase
