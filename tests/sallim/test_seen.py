"""What a process remembers is only ever a condition: others change the file meanwhile."""

import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import turns
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted
from tests.sallim.money import MONTHS, WON, asked, budget, settlement, states, used


@pytest.fixture
def other(capped):
    """Another program on the same file."""
    accounts = Accounts.open(capped.path)
    yield accounts
    accounts.close()


def spend(accounts, call_id, won):
    assert type(accounts.reserve(asked(call_id, won * WON))) is Admitted
    assert accounts.settle(call_id, 1, settlement(won * WON))


def crossed(accounts):
    events = accounts.limit_events_since(0, 100)
    return [(event.threshold_ppm // 10_000, event.version, event.call_id) for event in events]


def test_a_line_is_crossed_once_whoever_comes_first(capped, other):
    spend(capped, "a", 60)
    spend(other, "b", 5)
    spend(capped, "c", 6)
    spend(other, "d", 1)
    spend(capped, "e", 7)

    assert crossed(capped) == [(70, 1, "c")]
    assert used(capped)["total"] == (79 * WON, 0, 0)


def test_lines_that_others_have_crossed_are_not_told_again(capped, other):
    spend(capped, "a", 60)
    spend(other, "b", 10)
    spend(capped, "c", 1)
    spend(other, "d", 9)
    spend(capped, "e", 1)

    assert crossed(capped) == [(70, 1, "b"), (80, 1, "d")]


def test_a_correction_of_another_is_seen_and_the_line_not_told_twice(capped, other):
    spend(capped, "a", 75)
    spend(capped, "b", 1)
    other.book(asked("correction"), settlement(-20 * WON))
    spend(capped, "c", 20)

    assert crossed(capped) == [(70, 1, "a")]


def test_a_line_below_which_a_correction_went_is_crossed_by_what_comes_next(capped, other):
    spend(capped, "a", 72)
    other.put_budgets([budget(cap_micro=90 * WON, version=2)], MONTHS)
    spend(capped, "b", 1)
    other.book(asked("correction"), settlement(-11 * WON))
    spend(capped, "c", 2)

    assert crossed(capped) == [(70, 1, "a"), (80, 2, ""), (70, 2, "c")]


def test_a_cap_that_another_has_changed_counts_at_once(capped, other):
    spend(capped, "a", 40)
    spend(capped, "b", 1)
    other.put_budgets([budget(cap_micro=60 * WON, version=2)], MONTHS)
    spend(capped, "c", 2)

    assert crossed(capped) == [(70, 2, "c")]


def test_a_call_is_settled_by_whoever_knows_what_it_did_cost(capped, other):
    capped.reserve(asked("a", 10 * WON))
    capped.reserve(asked("b", 10 * WON))
    capped.reserve(asked("c", 10 * WON))
    assert other.settle("a", 1, settlement(WON))
    assert other.release("b", 1, 0, "ConnectError", 1)

    assert not capped.settle("a", 1, settlement(WON))
    assert not capped.settle("b", 1, settlement(WON))
    assert capped.settle("c", 1, settlement(WON))
    assert not capped.settle("c", 1, settlement(WON))
    assert used(capped)["total"] == (2 * WON, 0, 0)
    assert states(capped) == {("a", 1): "settled", ("b", 1): "released", ("c", 1): "settled"}


def test_a_call_that_another_found_overdue_is_settled_out_of_doubt(capped, other):
    call = asked("a", 10 * WON)
    capped.reserve(call)
    assert len(other.expire(call.expires_us)) == 1

    assert capped.settle("a", 1, settlement(WON))
    assert used(capped)["total"] == (WON, 0, 0)


def test_a_bucket_that_is_new_between_reserve_and_settle_counts_the_call(capped, other):
    capped.put_budgets([budget()], MONTHS)
    capped.reserve(asked("a", 10 * WON, buckets=("total", "api")))
    other.put_budgets([budget(), budget("api")], MONTHS)
    capped.settle("a", 1, settlement(4 * WON))

    assert used(capped) == {"total": (4 * WON, 0, 0), "api": (4 * WON, 0, 0)}


def test_another_file_in_its_place_knows_none_of_the_calls(capped, tmp_path):
    spend(capped, "a", 1)
    capped.reserve(asked("b", WON))
    for name in ("ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"):
        (tmp_path / name).rename(tmp_path / f"old-{name}")

    assert not capped.settle("b", 1, settlement(WON))
    assert states(capped) == {}


class Clock:
    """Time that passes by a tenth of a millisecond a look, and pauses that are noted."""

    def __init__(self):
        self.now, self.pauses = 0.0, []

    def monotonic(self):
        self.now += 0.0001
        return self.now

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds


def test_who_writes_alone_pauses_for_less_than_among_others(capped, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    with closing(sqlite3.connect(capped.path)) as stranger:
        for number in range(turns.BREATHLESS * 2):
            capped.reserve(asked(f"alone {number}", 1))
        alone = clock.pauses[:]
        stranger.execute("UPDATE money_sequence SET last_refusal = 1")
        stranger.commit()
        for number in range(turns.BREATHLESS * 2):
            capped.reserve(asked(f"shared {number}", 1))
        shared = clock.pauses[len(alone) :]

    assert set(alone) == {turns.SHORT_BREATH_SECONDS}
    assert set(shared) == {turns.BREATH_SECONDS}
