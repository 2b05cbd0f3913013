"""The rules that the agent writes: budgets, periods, exchange rates, prices."""

import pytest

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Period, RateRow
from sallim.ledger.statement_rows import Balance
from tests.sallim.money import (
    EXCHANGE,
    MONTHS,
    NOVEMBER,
    NOW_US,
    SEOUL,
    WON,
    asked,
    budget,
    seoul_us,
    settlement,
    used,
)
from tests.sallim.rows import MINUTE_US

RATE = RateRow("openai", "gpt-5-mini", "price-1", '{"input": 250}', "genai-prices", NOW_US)


def test_the_balance_of_a_bucket_is_told_with_its_rule_and_period(capped):
    capped.reserve(asked(buckets=("api",)))

    assert capped.balances(NOW_US) == [
        Balance("api", NOVEMBER.start_us, NOVEMBER.end_us, 60 * WON, 0, WON, 0, 1),
        Balance("total", NOVEMBER.start_us, NOVEMBER.end_us, 100 * WON, 0, 0, 0, 1),
    ]


def test_a_new_cap_holds_from_the_next_call_on(capped):
    capped.reserve(asked("a", 100 * WON))
    capped.put_budgets([budget(cap_micro=110 * WON, version=2)], MONTHS)
    assert capped.reserve(asked("b", 10 * WON)).worst_micro == 10 * WON

    capped.put_budgets([budget(cap_micro=50 * WON, version=3)], MONTHS)
    assert capped.reserve(asked("c", 1)).limit_micro == 50 * WON


def test_a_cap_that_another_program_lowers_holds_from_the_next_call_on(capped):
    other = Accounts.open(capped.path)
    capped.reserve(asked("a", WON))
    capped.reserve(asked("b", WON))
    other.put_budgets([budget(cap_micro=2 * WON, version=2)], MONTHS)
    assert capped.reserve(asked("c", 1)).limit_micro == 2 * WON

    other.put_budgets([budget(cap_micro=9 * WON, version=3)], MONTHS)
    assert other.reserve(asked("d", 7 * WON)).worst_micro == 7 * WON
    assert capped.reserve(asked("e", 1)).left_micro == 0
    other.close()


def test_in_another_file_in_its_place_the_same_numbers_are_other_balances(capped, tmp_path):
    for number in range(3):
        capped.reserve(asked(f"{number}"))
    other = Accounts.open(tmp_path / "other.sqlite3")
    other.put_budgets([budget("api"), budget()], MONTHS)
    other.reserve(asked("first", 5 * WON, buckets=("api",)))
    other.close()
    for path in tmp_path.glob("ledger.sqlite3*"):
        path.unlink()
    (tmp_path / "other.sqlite3").rename(capped.path)
    capped.reserve(asked("a"))

    assert used(capped) == {"api": (0, 5 * WON, 0), "total": (0, WON, 0)}


def test_a_bucket_that_is_not_named_any_more_limits_nothing(capped):
    capped.reserve(asked("a", 60 * WON, buckets=("api", "total")))
    capped.put_budgets([budget()], MONTHS)

    assert capped.reserve(asked("b", WON, buckets=("api", "total"))).worst_micro == WON
    assert set(used(capped)) == {"total"}
    capped.settle("a", 1, settlement())
    assert used(capped)["total"] == (WON // 2, WON, 0)


def test_a_new_bucket_begins_with_what_the_calls_that_name_it_have_cost(capped):
    both = ("workflow:ocr", "total")
    october_us = seoul_us(2025, 10, 9)
    capped.reserve(asked("settled", buckets=both))
    capped.settle("settled", 1, settlement(WON // 2))
    capped.reserve(asked("lost", 2 * WON, buckets=both))
    capped.expire(NOW_US + 16 * MINUTE_US)
    capped.reserve(asked("open", 4 * WON, buckets=both))
    capped.reserve(asked("released", 8 * WON, buckets=both))
    capped.release("released", 1, 400, "", NOW_US)
    capped.book(asked("old", buckets=both, opened_us=october_us), settlement(3 * WON))
    capped.reserve(asked("other", 16 * WON, buckets=("total", "workflow:ocr2")))
    rules = [budget(), budget("workflow:ocr", 10 * WON)]
    capped.put_budgets(rules, MONTHS)

    assert used(capped)["workflow:ocr"] == (WON // 2, 4 * WON, 2 * WON)
    assert used(capped, october_us)["workflow:ocr"] == (3 * WON, 0, 0)
    assert capped.reserve(asked("b", 4 * WON, buckets=both)).bucket_id == "workflow:ocr"
    capped.settle("open", 1, settlement(WON))
    capped.put_budgets([budget()], MONTHS)
    capped.put_budgets(rules, MONTHS)
    assert used(capped)["workflow:ocr"] == (WON // 2 + WON, 0, 2 * WON)
    assert used(capped)["total"] == (WON // 2 + WON, 16 * WON, 2 * WON)


def test_another_calendar_of_a_bucket_counts_what_was_spent_in_its_period(capped):
    week = Period("week:Asia/Seoul", seoul_us(2025, 11, 17), seoul_us(2025, 11, 24))
    capped.book(asked("a", opened_us=seoul_us(2025, 11, 3)), settlement(30 * WON))
    capped.book(asked("b"), settlement(5 * WON))
    capped.put_budgets([budget(calendar=week.calendar, cap_micro=20 * WON)], [week])

    [balance] = capped.balances(NOW_US)
    assert (balance.settled_micro, balance.end_us) == (5 * WON, week.end_us)


def test_periods_of_a_calendar_that_is_not_named_stay(capped):
    capped.put_budgets([budget(version=2)], [])

    assert capped.reserve(asked()).worst_micro == WON


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"bucket_id": ""}, "bucket_id ''"),
        ({"bucket_id": "a\nb"}, "bucket_id 'a.nb'"),
        ({"cap_micro": 1.0}, "cap_micro of total is 1.0: it must be a whole number"),
        ({"cap_micro": -1}, "cap_micro of total is -1"),
        ({"important_ppm": 1_000_001}, "important_ppm of total is 1000001"),
        ({"thresholds_ppm": (0.7,)}, "thresholds_ppm of total is 0.7"),
    ],
)
def test_a_budget_that_is_malformed_is_named_and_the_others_stay(capped, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        capped.put_budgets([budget()._replace(**wrong)], MONTHS)
    assert set(used(capped)) == {"api", "total"}


@pytest.mark.parametrize("end_us", [NOVEMBER.start_us, NOVEMBER.end_us + 1])
def test_periods_that_are_empty_or_overlap_are_refused(capped, end_us):
    wrong = [*MONTHS[:10], Period(SEOUL, NOVEMBER.start_us, end_us), MONTHS[11]]

    with pytest.raises(ValueError, match="must not overlap"):
        capped.put_budgets([budget()], wrong)
    with pytest.raises(ValueError, match="stand there once"):
        capped.put_budgets([budget(), budget()], MONTHS)


def test_the_rate_of_a_provider_comes_before_the_one_for_all(accounts):
    assert accounts.exchange_for("openai") is None
    card = EXCHANGE._replace(provider="openai", fee_ppm=0)
    accounts.put_exchange([EXCHANGE, card])

    assert accounts.exchange_for("openai") == card
    assert accounts.exchange_for("anthropic") == EXCHANGE
    accounts.put_exchange([EXCHANGE])
    assert accounts.exchange_for("openai") == EXCHANGE


def test_a_rate_that_is_no_whole_number_is_named(accounts):
    with pytest.raises(ValueError, match=r"micro_won_per_usd of '' is 1383\.5"):
        accounts.put_exchange([EXCHANGE._replace(micro_won_per_usd=1383.5)])


def test_prices_are_kept_as_they_are_and_replaced_as_a_whole(accounts):
    others = [RATE._replace(model=f"m{number}") for number in range(3)]
    accounts.put_rates([RATE, *others])

    assert accounts.rates_for("openai", "gpt-5-mini") == RATE
    assert accounts.rates_for("openai", "gpt-5") is None
    assert accounts.all_rates() == [RATE, *others]
    accounts.put_rates([RATE])
    assert accounts.all_rates() == [RATE]
