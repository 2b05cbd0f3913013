"""What the doctor says of budget and exchange rate."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agent.budgeting import Budgeting
from agent.checks import Level
from agent.checks.money import caps, money, prices, quotas, rented
from agent.sampling import Clocks
from data.bills.rates import put_rates
from data.home import Home
from data.reader import Reader
from models.costs.fx import DayRate
from models.settings import Settings
from models.settings.problems import settings_of
from sallim.ledger.accounts import Accounts
from sallim.prices import lines_to_paste
from tests.data.stores import home_in, opened

NOW = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
ONLINE = Settings.model_validate({"exchange": {"online": True}})


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.make()
    return home


def start(home):
    Budgeting(home, Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)).take_over(Settings())


def test_before_the_first_start_there_is_no_budget_and_need_not_be(home):
    assert [finding.level for finding in money(home, Settings(), NOW)] == [Level.ABSENT]


def test_caps_that_never_hold_are_told_with_a_value_that_works():
    asked = {
        "budget": {"total_krw": 9_000, "api_krw": 12_000, "workflows_krw": ["a=9000", "b=9001"]}
    }
    first, second = caps(Settings.model_validate(asked))

    assert first.level is Level.PROBLEM
    assert str(first.text) == (
        "budget.api_krw is 12000 and never holds, since budget.total_krw is 9000; write 9000 or "
        "less, or raise total_krw to 12000"
    )
    assert str(second.text).startswith("budget.workflows_krw b is 9001 and never holds")
    below = {"budget": {"api_krw": 5_000, "providers_krw": ["openai=6000"]}}
    assert "since budget.api_krw is 5000" in str(caps(Settings.model_validate(below))[0].text)
    assert caps(Settings()) == []


@pytest.mark.slow
def test_a_ledger_that_can_be_read_and_not_written_is_a_problem(home):
    start(home)
    with closing(sqlite3.connect(home.ledger, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        [found] = money(home, Settings(), NOW)
        other.execute("ROLLBACK")

    assert found.level is Level.PROBLEM
    assert "another process has been writing" in str(found.text)


def test_what_was_tried_in_the_ledger_is_undone(home):
    start(home)
    assert all(found.level is not Level.PROBLEM for found in money(home, Settings(), NOW))

    accounts = Accounts.open(home.ledger)
    assert accounts.refusals_since(0, 10) == []
    accounts.close()


def test_a_ledger_without_a_budget_refuses_every_call(home):
    Accounts.open(home.ledger).close()

    [found] = money(home, Settings(), NOW)
    assert found.level is Level.PROBLEM
    assert "every call is refused" in str(found.text)
    assert money(home, Settings(demo=True), NOW) == []


def test_a_quota_says_how_many_calls_it_counts_and_one_that_bounds_nothing_what_to_say(home):
    known = [{"name": "free", "hour_calls_max": 1_500}, {"name": "none"}]
    settings = Settings.model_validate({"quota": known})
    clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
    Budgeting(home, clocks).take_over(settings)

    found = {each.name: each for each in money(home, settings, NOW)}
    assert str(found["quota free:hour"].text) == "0 of 1,500 calls"
    assert "quota none" not in found
    [bad] = quotas(settings)
    assert (bad.level, bad.name) == (Level.PROBLEM, "quota none")
    assert str(bad.text).endswith("for example minute_calls_max = 10")


def test_a_budget_that_only_counts_is_named(home):
    settings = Settings.model_validate({"budget": {"modes": ["api=count"]}})
    Budgeting(home, Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)).take_over(settings)

    [found] = [each for each in money(home, settings, NOW) if each.name == "budget api"]
    assert found.level is Level.ABSENT
    assert str(found.text).startswith("only counts, so no call is refused")


def test_a_rented_machine_that_nobody_has_seen_is_a_problem(tmp_path):
    home = home_in(tmp_path)
    opened(home, NOW).close()
    settings = Settings.model_validate({"rented": [{"name": "gpu", "machine": "gpu-1"}]})

    [found] = rented(Reader(home), settings)
    assert found.level is Level.PROBLEM
    assert str(found.text).startswith("no machine gpu-1 was ever seen, so none of its hours")
    assert rented(Reader(home), Settings()) == []


def test_the_age_of_the_rate_that_came_along_is_said(home):
    start(home)

    budget, rate = money(home, Settings(), NOW)
    assert str(budget.text) == "won this month: api 15,000, total 24,900"
    assert rate.level is Level.ABSENT
    assert "1,410.66 won a dollar is of 2026-11-01, 21 days old" in str(rate.text)
    assert money(home, ONLINE, NOW)[1].level is Level.PROBLEM


def test_a_rate_of_this_week_is_well(home):
    put_rates(home, [DayRate(date(2026, 11, 20), Decimal(1383), Decimal(1598), "ECB")], NOW)
    start(home)

    assert str(money(home, ONLINE, NOW)[1].text) == "1,396.83 won a dollar, of 2026-11-20"


def test_a_price_that_was_pasted_and_not_filled_in_is_a_problem():
    pasted = settings_of("\n".join(lines_to_paste("openai", "gpt-99")), "sallim.toml")
    filled = "[[price]]\nname = 'mine'\nmodel = 'gpt-99'\ninput_mtok_usd = 0.15\n"
    cheaper = "[[price]]\nname = 'less'\nmodel = 'gpt-5*'\ndiscount_percent = 50\n"

    [found] = prices(pasted)

    assert (found.name, found.level) == ("price gpt-99", Level.PROBLEM)
    assert "fill in input_mtok_usd" in str(found.text)
    assert prices(settings_of(filled + cheaper, "sallim.toml")) == []
    assert prices(settings_of('[[price]]\nprovider = "local"\n', "sallim.toml")) == []
