"""Whoever may write the file of the ledger may write anything into it."""

# ruff: noqa: S608  The changes are those of the tests.

import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import ESSENTIAL, Admitted, Exchange, Refused
from sallim.ledger.statement_rows import Miscount
from tests.sallim.money import EXCHANGE, MONTHS, NOW_US, WON, asked, budget, settlement

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
        "'threshold', 'api', 'x', 2, 1, 1, '', 1, 1, '', 0, '', '', 1",
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


@pytest.mark.parametrize("value", ["'x'", "1e30", "x'31'"])
@pytest.mark.parametrize(
    "column",
    [
        *("balances.settled_micro", "balances.reserved_micro", "balances.end_us"),
        *("balances.paced_us", "balances.paced_micro", "money_sequence.rules"),
    ],
)
def test_what_is_no_number_is_put_right_by_a_recount(spent, column, value):
    table, name = column.split(".")
    forge(spent, f"UPDATE {table} SET {name} = {value}")
    assert not spent.are_whole(NOW_US)

    spent.recount(NOW_US)

    assert spent.are_whole(NOW_US)
    assert standing(spent) == dict.fromkeys(BOTH, (30 * WON, 10 * WON, 5 * WON))
    assert isinstance(spent.reserve(asked("e", WON, buckets=BOTH)), Admitted)


@pytest.mark.parametrize("value", [2**63 - 1, 1 - 2**63])
def test_a_number_that_can_be_no_amount_is_none(spent, value):
    forge(spent, f"UPDATE balances SET unverified_micro = {value}")
    assert not spent.are_whole(NOW_US)

    assert spent.recount(NOW_US) == ["api", "total"]

    assert standing(spent) == dict.fromkeys(BOTH, (30 * WON, 10 * WON, 5 * WON))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE calls SET worst_micro = 'x'",
        "UPDATE calls SET worst_micro = 1e300, gross_micro = 1e300",
        "UPDATE calls SET gross_micro = 9223372036854775807 WHERE call_id <> 'b'",
        "UPDATE calls SET charged = 'a,b'",
        "UPDATE calls SET charged = 12345678901234567890123",
        "UPDATE calls SET charged = x'ff'",
        "UPDATE calls SET opened_us = 'x', expires_us = 'y'",
        "UPDATE calls SET buckets = x'ff'",
        "UPDATE calls SET state = 1",
    ],
)
@pytest.mark.parametrize("lowered", [True, False])
def test_calls_that_are_none_lower_nothing_and_raise_nothing(spent, change, lowered):
    forge(spent, change)
    if lowered:
        forge(spent, "UPDATE balances SET settled_micro = settled_micro - 1")
    before = standing(spent)

    spent.put_budgets([budget("new"), budget(), budget("api", 60 * WON)], MONTHS)
    spent.recount(NOW_US)

    after = standing(spent)
    assert all(sum(after[name]) >= sum(before[name]) for name in BOTH)
    spent.settle("b", 1, settlement(9 * WON))
    spent.release("c", 1, 500, "", NOW_US)
    assert isinstance(spent.reserve(asked("e", 0, buckets=BOTH)), Admitted)


def test_a_call_that_is_none_hides_no_other(spent):
    spent.reserve(asked("e", 2 * WON, buckets=BOTH))
    forge(spent, "UPDATE calls SET worst_micro = 'x' WHERE call_id = 'e'")
    forge(spent, "UPDATE balances SET reserved_micro = 0")

    spent.recount(NOW_US)

    assert standing(spent) == dict.fromkeys(BOTH, (30 * WON, 10 * WON, 5 * WON))


def test_the_number_of_a_balance_that_was_taken_away_is_that_of_another_one(spent):
    forge(spent, "DELETE FROM balances")
    spent.reserve(asked("e", 2 * WON, buckets=("total",)))
    spent.settle("b", 1, settlement(9 * WON))
    assert standing(spent) == {"api": (0, 0, 0), "total": (9 * WON, -8 * WON, 0)}

    spent.recount(NOW_US)

    assert standing(spent) == {"api": (39 * WON, 0, 5 * WON), "total": (39 * WON, 2 * WON, 5 * WON)}
    spent.release("e", 1, 500, "", NOW_US)
    spent.release("c", 1, 500, "", NOW_US)
    assert standing(spent) == dict.fromkeys(BOTH, (39 * WON, 0, 0))


def test_all_calls_that_were_taken_out_stay_spent_where_another_bucket_is_counted_anew(spent):
    forge(spent, "DELETE FROM calls")
    forge(spent, "UPDATE balances SET unverified_micro = 'x' WHERE bucket_id = 'api'")

    assert spent.recount(NOW_US) == ["api"]

    assert {name: sum(each) for name, each in standing(spent).items()} == {
        "api": 40 * WON,
        "total": 45 * WON,
    }


def test_a_text_that_is_none_is_read_all_the_same(spent):
    forge(spent, "UPDATE budgets SET thresholds_ppm = CAST(x'ff' AS TEXT)")

    assert len(spent.rules().budgets) == 2
    with closing(Accounts.open(spent.path)) as other:
        other.put_budgets([budget()], MONTHS)
        assert [row.bucket_id for row in other.balances(NOW_US)] == ["total"]


@pytest.mark.parametrize("column", Exchange._fields[1:])
def test_a_rate_of_exchange_that_is_none_is_not_there(accounts, column):
    accounts.put_exchange([EXCHANGE])
    forge(accounts, f"UPDATE exchange SET {column} = x'31'")

    assert accounts.exchange_for("openai") is None


@pytest.mark.parametrize("held", ["-5", "'x'", "0"])
def test_a_hold_that_somebody_made_no_moment_is_none(spent, held):
    spent.hold(NOW_US)
    forge(spent, f"UPDATE money_sequence SET held_us = {held}")

    assert spent.held_us() == 0
    assert isinstance(spent.reserve(asked("e", WON, buckets=BOTH)), Admitted)
