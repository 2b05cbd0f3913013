"""Whoever may write the file of the ledger may write anything into it."""

# ruff: noqa: S608  The changes are those of the tests.

import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import LedgerError
from sallim.ledger.money_rows import ESSENTIAL, Admitted, Refused
from sallim.ledger.statement_rows import Miscount
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, settlement

BOTH = ("api", "total")


def forge(accounts, change):
    with closing(sqlite3.connect(accounts.path)) as stranger, stranger:
        stranger.execute(change)


def standing(accounts):
    return {
        row.bucket_id: (row.settled_micro, row.reserved_micro, row.unverified_micro)
        for row in accounts.balances(NOW_US)
    }


@pytest.fixture
def spent(capped):
    """One call of 30 won that is settled, one of 10 that is open and one of 5 in doubt."""
    for name, won in (("a", 30), ("b", 10), ("c", 5)):
        capped.reserve(asked(name, won * WON, buckets=BOTH))
    capped.settle("a", 1, settlement(30 * WON))
    capped.reserve(asked("d", WON, buckets=BOTH))
    capped.release("d", 1, 500, "", NOW_US)
    with closing(sqlite3.connect(capped.path)) as stranger, stranger:
        stranger.execute("UPDATE calls SET expires_us = 1 WHERE call_id = 'c'")
    assert [call.call_id for call in capped.expire(NOW_US)] == ["c"]
    assert standing(capped) == dict.fromkeys(BOTH, (30 * WON, 10 * WON, 5 * WON))
    return capped


def test_what_nobody_forged_is_as_it_was_counted(spent):
    assert spent.recount(NOW_US) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE balances SET settled_micro = 0",
        "UPDATE balances SET settled_micro = -9223372036854775808",
        "UPDATE balances SET settled_micro = 'nothing'",
        "UPDATE balances SET reserved_micro = 0, unverified_micro = 0",
        "UPDATE balances SET unverified_micro = 1e300, settled_micro = 1",
        "UPDATE balances SET start_us = start_us - 1",
        "UPDATE balances SET bucket_id = 'x' || bucket_id",
        "DELETE FROM balances",
    ],
)
def test_what_was_taken_away_counts_again_and_ends_as_it_should(spent, change):
    forge(spent, change)

    assert sorted(spent.recount(NOW_US)) == ["api", "total"]

    assert all(sum(each) >= 45 * WON for each in standing(spent).values())
    assert isinstance(spent.reserve(asked("e", 16 * WON, buckets=BOTH)), Refused)
    before = standing(spent)["api"]
    spent.settle("b", 1, settlement(9 * WON))
    after = standing(spent)["api"]
    assert (after[0] - before[0], after[1] - before[1]) == (9 * WON, -10 * WON)
    assert spent.recount(NOW_US) == []


def test_both_sums_are_told_and_which_is_lower(spent):
    forge(spent, "UPDATE balances SET settled_micro = 'x' WHERE bucket_id = 'api'")
    forge(spent, "UPDATE balances SET reserved_micro = 11000000 WHERE bucket_id = 'total'")

    assert spent.miscounts(NOW_US) == [
        Miscount("api", 15 * WON, 45 * WON, is_lower=True),
        Miscount("total", 46 * WON, 45 * WON, is_lower=False),
    ]


def test_calls_that_were_taken_away_lower_nothing(spent):
    forge(spent, "DELETE FROM calls WHERE call_id = 'a'")
    forge(spent, "UPDATE balances SET unverified_micro = 0")

    assert sorted(spent.recount(NOW_US)) == ["api", "total"]

    assert sum(standing(spent)["api"]) == 40 * WON


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE budgets SET cap_micro = cap_micro * 100",
        "UPDATE budgets SET blocks = 0",
        "UPDATE periods SET end_us = end_us + 1",
        "DELETE FROM periods WHERE start_us < 1",
        "INSERT INTO quotas VALUES ('a:hour', '', '', '', '', 1, 3600000000, '')",
        "INSERT INTO exchange VALUES ('openai', '', '', 1, 0, 0, '', 0)",
        "UPDATE budgets SET cap_micro = 'much'",
    ],
)
def test_another_rule_is_seen(spent, change):
    forge(spent, "INSERT INTO periods VALUES ('x', 0, 1)")
    before = spent.rules()
    assert spent.rules() == before

    forge(spent, change)

    assert spent.rules() != before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE budgets SET cap_micro = 'much'",
        "UPDATE budgets SET thresholds_ppm = 'a,b'",
        "UPDATE budgets SET until_us = 'never'",
        "UPDATE budgets SET calendar = 'none'",
        "UPDATE periods SET end_us = 'never'",
        "UPDATE balances SET start_us = 'x'",
        "UPDATE balances SET settled_micro = 'x'",
    ],
)
def test_whatever_stands_there_is_put_right_by_new_budgets_and_a_recount(spent, change):
    forge(spent, change)

    spent.put_budgets([budget(), budget("api", 60 * WON)], MONTHS)
    spent.recount(NOW_US)

    assert standing(spent) == dict.fromkeys(BOTH, (30 * WON, 10 * WON, 5 * WON))
    assert isinstance(spent.reserve(asked("e", 15 * WON, buckets=BOTH)), Admitted)
    assert isinstance(spent.reserve(asked("f", 1, buckets=BOTH)), Refused)


@pytest.mark.parametrize("column", ["cap_micro", "important_ppm", "until_us", "blocks"])
def test_a_program_is_told_of_a_rule_that_is_none_and_nothing_is_let_through(capped, column):
    forge(capped, f"UPDATE budgets SET {column} = 'x'")

    with pytest.raises(LedgerError, match="another program has written"):
        capped.reserve(asked("a", WON, buckets=BOTH, priority=ESSENTIAL))
    with pytest.raises(LedgerError, match="another program has written"):
        capped.balances(NOW_US)


@pytest.mark.parametrize(
    "forged",
    [
        "'threshold', 'api', 'x', 2, 1, 700000, '', 1, 1, '', 0, '', '', 1",
        "'threshold', 'api', 1, 9223372036854775807, 1, 700000, '', 1, 1, '', 0, '', '', 1",
        "'threshold', 'api', 1, 2, 1, 700000, '', 1, 'x', '', 0, '', '', 1",
        "'overrun', 'api', 1, 2, 1, 0, 'y', 1, 1, '', 0, x'ff', '', 1",
        "'threshold', 'api', 1, 2, 1, 700000, '', 1, 1, '', 0, '', '', 1.5",
    ],
)
def test_an_event_that_is_none_does_not_hide_those_behind_it(spent, forged):
    names = "kind, bucket_id, start_us, end_us, version, threshold_ppm, once, cap_micro"
    names += ", spent_micro, call_id, attempt, provider, model, at_us"
    forge(spent, f"INSERT INTO limit_events ({names}) VALUES ({forged})")
    spent.reserve(asked("e", 15 * WON, buckets=BOTH))
    spent.settle("e", 1, settlement(15 * WON))

    found = spent.limit_events_since(0, 1)

    assert [(event.bucket_id, event.threshold_ppm) for event in found] == [("api", 700_000)]
