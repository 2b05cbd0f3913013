"""The money on its way through the agent."""

import sqlite3
from contextlib import closing

import pytest

from agent.costs import TELL_EVERY_SECONDS, Costs
from agent.jobs import FORGET_EVERY_SECONDS, KEPT_SECONDS
from agent.sampling import Clocks
from sallim.ledger import Ledger
from tests.sallim.money import EXCHANGE, MONTHS, NOW_US, WON, asked, budget, settlement

DAY = 86_400


class CannedStore:
    """Remembers what it was given."""

    def __init__(self):
        self.calls, self.balances, self.marks, self.told = {}, [], {}, 0

    def watermark(self, source):
        return self.marks.get(source, 0)

    def fold_costs(self, batch, now):
        for calls in (batch.archived, batch.calls):
            for call_id, _, state, *_ in zip(*calls.columns, strict=True):
                self.calls[call_id] = state
        if batch.balances is not None:
            self.balances, self.told = batch.balances, self.told + 1
        self.marks |= dict(batch.marks)

    def states(self):
        return self.calls


class Hands:
    """Two clocks that a test turns."""

    def __init__(self):
        self.monotonic = 0.0

    def clocks(self):
        return Clocks(wall=lambda: NOW_US / 1e6 + self.monotonic, monotonic=lambda: self.monotonic)


@pytest.fixture
def store():
    return CannedStore()


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def costs(tmp_path, path, store, hands):
    return Costs(path, tmp_path / "archive", store, hands.clocks())


@pytest.fixture
def accounts(path):
    ledger = Ledger.open(path)
    ledger.accounts.put_exchange([EXCHANGE])
    ledger.accounts.put_budgets([budget(cap_micro=100 * WON)], MONTHS)
    yield ledger.accounts
    ledger.close()


def test_while_nobody_writes_a_ledger_none_is_made(costs, tmp_path):
    costs.step()

    assert list(tmp_path.iterdir()) == []
    assert costs.problem is None


def test_a_call_and_how_full_its_bucket_is_reach_the_store(costs, accounts, store):
    accounts.reserve(asked("a", worst_micro=3 * WON))
    costs.step()

    assert store.states() == {"a": "open"}
    [now, before] = [row[:1] + row[3:7] for row in store.balances]
    assert now == ("total", 100 * WON, 0, 3 * WON, 0)
    assert before == ("total", 100 * WON, 0, 0, 0)


def test_balances_are_told_when_they_change_and_now_and_then(costs, accounts, store, hands):
    costs.step()
    costs.step()
    assert store.told == 1

    accounts.reserve(asked("a"))
    costs.step()
    assert store.told == 2

    hands.monotonic += TELL_EVERY_SECONDS
    costs.step()
    assert store.told == 3


def test_what_nobody_settles_is_counted_at_its_worst(costs, accounts, store, hands):
    accounts.reserve(asked("a"))
    costs.step()
    hands.monotonic += 3_600
    costs.step()

    assert store.states() == {"a": "unverified"}


def test_after_90_days_calls_go_into_the_archive_and_not_before_they_are_folded(
    costs, accounts, store, hands, tmp_path
):
    accounts.reserve(asked("a"))
    accounts.settle("a", 1, settlement())
    hands.monotonic += KEPT_SECONDS + DAY
    costs.step()
    assert len(accounts.calls_since(0, 10)) == 1

    hands.monotonic += FORGET_EVERY_SECONDS
    costs.step()
    assert accounts.calls_since(0, 10) == []
    assert [path.name for path in (tmp_path / "archive").iterdir()] == ["calls-2025-11.jsonl"]

    store.calls.clear()
    store.marks.clear()
    costs.step()
    assert store.states() == {"a": "settled"}


def test_a_damaged_archive_is_a_problem_until_it_is_put_right(
    costs, accounts, store, hands, tmp_path
):
    damaged = tmp_path / "archive" / "calls-2025-08.jsonl"
    damaged.parent.mkdir()
    damaged.write_text("nonsense")
    accounts.reserve(asked("a"))
    costs.step()

    assert store.states() == {"a": "open"}
    assert "calls-2025-08.jsonl" in str(costs.problem)
    costs.step()
    assert "calls-2025-08.jsonl" in str(costs.problem)

    damaged.unlink()
    costs.step()
    assert costs.problem is None


def test_a_ledger_with_a_text_for_a_number_is_told_and_ends_nothing(costs, accounts, path):
    accounts.reserve(asked("a"))
    with closing(sqlite3.connect(path)) as hostile, hostile:
        hostile.execute("UPDATE calls SET seq = 'last'")
    costs.step()

    assert "the costs are not read" in str(costs.problem)
