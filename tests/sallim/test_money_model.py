"""Whatever happens in whatever order: the ledger counts what a simple model counts."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import PRIORITIES, Admitted, Refused
from tests.sallim.money import MONTHS, asked, budget, settlement

pytestmark = pytest.mark.slow

BUCKETS = ("api", "total", "workflow:ocr")
PERIODS = MONTHS[8:11]
PARTS = {"essential": 1_000_000, "important": 950_000, "optional": 900_000}
LIFE_US = 1_000
amounts = st.integers(0, 60)
moments = st.sampled_from(
    [period.start_us + shift for period in PERIODS for shift in (0, 5, 10**9)]
    + [period.end_us - 1 for period in PERIODS]
)


class Money(RuleBasedStateMachine):
    """The model: a list of calls, each with its period, buckets and state; sums over them."""

    known = Bundle("known")

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.accounts = Accounts.open(Path(self.folder.name) / "ledger.sqlite3", 0.1)
        self.other = Accounts.open(self.accounts.path, 0.1)
        self.caps = {"api": 60, "total": 100}
        self.version = 1
        self.calls = {}
        self.now_us = PERIODS[0].start_us
        self.put()

    def teardown(self):
        self.accounts.close()
        self.other.close()
        self.folder.cleanup()

    def put(self):
        rules = [budget(name, cap, version=self.version) for name, cap in self.caps.items()]
        self.accounts.put_budgets(rules, MONTHS)

    def sums(self, bucket, moment_us):
        """Settled, open and unverified of a bucket in the period of that moment."""
        [period] = [each for each in MONTHS if each.start_us <= moment_us < each.end_us]
        total = {"settled": 0, "open": 0, "unverified": 0, "released": 0}
        for call in self.calls.values():
            inside = period.start_us <= call["opened_us"] < period.end_us
            if bucket in call["buckets"] and inside:
                total[call["state"]] += call["amount"]
        return total["settled"], total["open"], total["unverified"]

    @rule(
        target=known,
        number=st.integers(0, 40),
        attempt=st.integers(1, 2),
        buckets=st.lists(st.sampled_from(BUCKETS), max_size=3),
        worst=amounts,
        priority=st.sampled_from(PRIORITIES),
        moment_us=moments,
        elsewhere=st.booleans(),
    )
    def reserve(self, number, attempt, buckets, worst, priority, moment_us, elsewhere):
        call = asked(
            f"{number}",
            worst,
            attempt=attempt,
            buckets=tuple(buckets),
            priority=priority,
            opened_us=moment_us,
            expires_us=moment_us + LIFE_US,
        )
        key = (call.call_id, attempt)
        answer = (self.other if elsewhere else self.accounts).reserve(call)
        known = self.calls.get(key)
        if known and known["state"] in ("open", "unverified"):
            assert answer == Admitted(*key, known["worst"])
        elif known:
            assert answer.code == "repeated"
        elif not set(buckets) & set(self.caps):
            assert answer.code == "no_budget"
        else:
            self.check_admission(call, answer)
            if type(answer) is Admitted:
                self.note(call, "open", worst)
        return multiple(key)

    def check_admission(self, call, answer):
        """Admitted if and only if it fits in all of its buckets that have a budget."""
        fits = True
        for bucket in set(call.buckets) & set(self.caps):
            committed = sum(self.sums(bucket, call.opened_us))
            limit = self.caps[bucket] * PARTS[call.priority] // 1_000_000
            fits = fits and (committed + call.worst_micro <= limit or not call.worst_micro)
        assert type(answer) is (Admitted if fits else Refused)

    def note(self, call, state, amount):
        self.calls[call.call_id, call.attempt] = {
            "state": state,
            "amount": amount,
            "worst": call.worst_micro,
            "buckets": set(call.buckets),
            "opened_us": call.opened_us,
            "expires_us": call.expires_us,
        }

    @rule(key=known, amount=amounts)
    def settle(self, key, amount):
        call = self.calls.get(key)
        ends = bool(call) and call["state"] in ("open", "unverified")
        assert self.accounts.settle(*key, settlement(amount)) is ends
        if ends:
            call |= {"state": "settled", "amount": amount}

    @rule(key=consumes(known))
    def release(self, key):
        call = self.calls.get(key)
        ends = bool(call) and call["state"] in ("open", "unverified")
        assert self.accounts.release(*key, 400, "", self.now_us) is ends
        if ends:
            call |= {"state": "released", "amount": 0}

    @rule(moment_us=moments, shift_us=st.sampled_from([0, LIFE_US]))
    def expire(self, moment_us, shift_us):
        due = {
            key
            for key, call in self.calls.items()
            if call["state"] == "open" and call["expires_us"] <= moment_us + shift_us
        }
        found = self.accounts.expire(moment_us + shift_us)
        assert {(call.call_id, call.attempt) for call in found} == due
        for key in due:
            self.calls[key] |= {"state": "unverified", "amount": self.calls[key]["worst"]}

    @rule(
        number=st.integers(0, 40),
        amount=st.integers(-60, 60),
        buckets=st.lists(st.sampled_from(BUCKETS), max_size=3),
        moment_us=moments,
    )
    def book(self, number, amount, buckets, moment_us):
        call = asked(f"booked-{number}", 0, buckets=tuple(buckets), opened_us=moment_us)
        is_new = (call.call_id, 1) not in self.calls
        assert self.accounts.book(call, settlement(amount)) is is_new
        if is_new:
            self.note(call, "settled", amount)

    @rule(bucket=st.sampled_from(BUCKETS), cap=st.integers(0, 150))
    def rule_anew(self, bucket, cap):
        """Also a bucket that is new: it counts what its calls did before."""
        self.caps[bucket] = cap
        self.version += 1
        self.put()

    @rule()
    def open_again(self):
        self.accounts.close()

    @invariant()
    def the_ledger_counts_what_the_model_counts(self):
        for period in PERIODS:
            for balance in self.accounts.balances(period.start_us):
                counted = (balance.settled_micro, balance.reserved_micro, balance.unverified_micro)
                assert counted == self.sums(balance.bucket_id, period.start_us), balance
            assert self.accounts.miscounts(period.start_us) == []

    @invariant()
    def every_call_stands_as_the_model_says(self):
        rows = self.accounts.calls_since(0, 1_000)
        assert {(call.call_id, call.attempt): call.state for call in rows} == {
            key: call["state"] for key, call in self.calls.items()
        }


Money.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_the_ledger_is_the_model = Money.TestCase
