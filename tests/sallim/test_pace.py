"""A loop cannot use up the month in an hour: what is let through at once, and what comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted, Refused
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, settlement, used
from tests.sallim.rows import MINUTE_US
from tests.sallim.together import all_eight

HOUR_US = 60 * MINUTE_US
BOTH = ("api", "total")


@pytest.fixture
def paced(accounts):
    """60 won an hour come back of the 20 that calls of APIs may use at once."""
    accounts.put_budgets(
        [budget(cap_micro=10_000 * WON), budget("api", 1_000 * WON, **PACE)], MONTHS
    )
    return accounts


PACE = {"pace_micro": 60 * WON, "burst_micro": 20 * WON}


def ask(accounts, name, won, at_us=NOW_US, **changed):
    known = {"priority": "important", "buckets": BOTH, **changed}
    return accounts.reserve(
        asked(name, won * WON, opened_us=at_us, expires_us=at_us + HOUR_US, **known)
    )


def test_what_is_used_at_once_is_bounded_and_comes_back(paced):
    assert type(ask(paced, "a", 15)) is Admitted
    refused = ask(paced, "b", 10)

    assert (refused.code, refused.bucket_id) == ("pace", "api")
    assert (refused.limit_micro, refused.used_micro, refused.left_micro) == (
        *(20 * WON, 15 * WON, 5 * WON),
    )
    # Five won too much, at a won a minute.
    assert 0 <= refused.resets_us - NOW_US - 5 * MINUTE_US < 2_000_000
    assert type(ask(paced, "b", 10, refused.resets_us - 2_000_000)) is Refused
    assert type(ask(paced, "b", 10, refused.resets_us)) is Admitted


def test_what_a_call_did_not_cost_is_given_back_at_once(paced):
    ask(paced, "a", 15)
    paced.settle("a", 1, settlement(1 * WON))
    ask(paced, "b", 19)
    paced.release("b", 1, 0, "not sent", NOW_US)

    assert type(ask(paced, "c", 19)) is Admitted
    assert type(ask(paced, "d", 1)) is Refused


def test_essential_calls_go_on_when_others_have_used_it(paced):
    ask(paced, "a", 20)
    assert type(ask(paced, "b", 1)) is Refused

    assert type(ask(paced, "c", 19, priority="essential")) is Admitted
    assert type(ask(paced, "d", 2, priority="essential")) is Refused


def test_one_call_that_is_larger_than_all_of_it_is_let_through_when_nothing_is_used(paced):
    assert type(ask(paced, "a", 90)) is Admitted
    assert type(ask(paced, "b", 90)) is Refused
    paced.settle("a", 1, settlement(0))

    assert type(ask(paced, "b", 90)) is Admitted


def test_fixed_items_and_machines_keep_no_pace_and_use_none_of_it(paced):
    paced.put_budgets([budget(cap_micro=10_000 * WON, **PACE)], MONTHS)
    assert type(ask(paced, "vps", 6_000, buckets=("servers", "total"))) is Admitted
    paced.book(asked("opening", buckets=BOTH), settlement(500 * WON))

    assert type(ask(paced, "a", 20)) is Admitted


def test_what_costs_nothing_is_always_let_through(paced):
    ask(paced, "a", 20)

    assert type(ask(paced, "b", 0)) is Admitted


def test_a_guard_that_begins_in_the_midst_of_a_month_begins_empty(accounts):
    accounts.put_budgets([budget("api", 1_000 * WON)], MONTHS)
    ask(accounts, "a", 500)
    accounts.put_budgets([budget("api", 1_000 * WON, **PACE)], MONTHS)

    assert type(ask(accounts, "b", 20)) is Admitted
    assert type(ask(accounts, "c", 1)) is Refused


@pytest.mark.parametrize("step_us", [-HOUR_US, 10 * 24 * HOUR_US])
def test_a_step_of_the_clock_blocks_nobody_until_it_is_made_up_for(paced, step_us):
    """What was used by the other clock is forgotten; by the new one it is as before."""
    ask(paced, "a", 20, NOW_US + max(0, step_us))
    now_us = NOW_US + min(0, step_us)
    assert type(ask(paced, "b", 20, now_us)) is Admitted
    assert type(ask(paced, "c", 10, now_us)) is Refused

    assert type(ask(paced, "c", 10, now_us + 10 * MINUTE_US)) is Admitted


def test_who_comes_a_little_late_brings_no_time_along(paced):
    for number in range(20):
        ask(paced, f"{number}", 1, NOW_US - (number % 2) * 1_000_000)

    assert type(ask(paced, "more", 1, NOW_US)) is Refused


def test_a_budget_that_only_counts_refuses_nothing(accounts):
    accounts.put_budgets([budget("api", 10 * WON, blocks=False, **PACE)], MONTHS)

    assert type(ask(accounts, "a", 500)) is Admitted
    assert type(ask(accounts, "b", 500, priority="optional")) is Admitted
    paced_and_capped = used(accounts)["api"]
    assert paced_and_capped == (0, 1_000 * WON, 0)


def test_a_raise_ends_by_itself_where_nobody_writes_the_rule_anew(accounts):
    until_us = NOW_US + HOUR_US
    after = {"after_cap_micro": 50 * WON, "after_important_ppm": 950_000}
    raised = budget("total", 80 * WON, important_ppm=1_000_000, until_us=until_us, **after)
    accounts.put_budgets([raised], MONTHS)

    assert type(ask(accounts, "a", 40)) is Admitted
    assert type(ask(accounts, "b", 20)) is Admitted
    accounts.release("b", 1, 0, "", NOW_US)
    refused = ask(accounts, "c", 20, until_us)
    assert (refused.code, refused.cap_micro, refused.limit_micro) == (
        *("budget", 50 * WON, 47_500_000),
    )
    assert accounts.balances(until_us)[0].cap_micro == 50 * WON
    # Of a call that waited while it ended, and knows it only from before.
    assert type(ask(accounts, "d", 20, until_us - 1)) is Admitted


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 20 * MINUTE_US), st.integers(0, 100)),
        max_size=40,
    )
)
def test_whatever_is_asked_never_more_is_used_than_at_once_and_what_came_back(calls):
    """Of all spans: what was kept free in it at most the burst and what its time lets through."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        accounts = Accounts.open(f"{folder}/ledger.sqlite3")
        accounts.put_budgets([budget("api", 10_000 * WON, **PACE)], MONTHS)
        at_us, spent = NOW_US, []
        for number, (won, gap_us, used_percent) in enumerate(calls):
            at_us += gap_us
            worst = min(won, 20)
            if type(ask(accounts, f"{number}", worst, at_us)) is Admitted:
                cost = worst * WON * used_percent // 100
                accounts.settle(f"{number}", 1, settlement(cost))
                spent.append((at_us, cost))
        accounts.close()

    for first, (since, _) in enumerate(spent):
        for last in range(first, len(spent)):
            total = sum(cost for _, cost in spent[first : last + 1])
            passed_us = spent[last][0] - since
            assert total <= 20 * WON + passed_us * 60 // 3_600 + len(spent)


def test_a_loop_of_a_night_does_not_use_up_the_month(accounts):
    """As it is by default: a fifth of 15,000 won at once, then three times the even pace."""
    pace = {"pace_micro": 62_500_000, "burst_micro": 3_000 * WON}
    accounts.put_budgets([budget("api", 15_000 * WON, **pace)], MONTHS)
    for minute in range(8 * 60):
        for number in range(3):
            name, at_us = f"{minute}-{number}", NOW_US + minute * MINUTE_US
            if type(ask(accounts, name, 30, at_us)) is Admitted:
                accounts.settle(name, 1, settlement(30 * WON))

    assert 3_400 * WON < used(accounts)["api"][0] <= 3_500 * WON


def loop(path, name, said):
    """Calls of which each might cost four won and costs one, as fast as it can."""
    accounts, spent = Accounts.open(path), 0
    for number in range(60):
        if type(ask(accounts, f"{name}-{number}", 4)) is Admitted:
            spent += accounts.settle(f"{name}-{number}", 1, settlement(WON))
    accounts.close()
    said.send(spent)


@pytest.mark.slow
def test_eight_loops_together_use_no_more_at_once_than_one_may(paced):
    spent = sum(all_eight(loop, paced.path))

    # Beyond 17 of the twenty won no worst case of four fits any more.
    assert 0 < spent <= 17
    assert used(paced)["api"] == (spent * WON, 0, 0)
