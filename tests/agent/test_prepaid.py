"""Money paid ahead, from what providers and people say to what the agent tells."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from agent.costs import Costs
from agent.prepaid import EVERY_SECONDS
from agent.sampling import Clocks
from data.bill_answers import prepaid
from data.bills.cash import Told, figures, forget_cash, put_figures
from data.bills.rates import put_rates
from models.costs.fx import DayRate
from models.costs.prepaid import DAY_SECONDS, Figure
from models.monitoring import Thing
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.prepaying import looked, watching
from tests.data.stores import Direct, home_in, opened
from tests.sallim.money import asked, settlement

NOW = datetime(2026, 11, 17, tzinfo=UTC).timestamp()
NANO, WON = 10**9, 10**6


@pytest.fixture
def house(tmp_path):
    home = home_in(tmp_path)
    store = opened(home, NOW)
    yield home, store
    store.close()


def says(store, amount, days_ago=0.0, provider="runpod"):
    """As `agent/billing.py` tells the store what a provider answered."""
    store.record([Thing("cash", provider, "USD", amount, "", NOW - days_ago * DAY_SECONDS)])


def calls(home, store, *costs, provider="google"):
    """Each costs so many dollars, so many days ago."""
    accounts = Accounts.open(home.ledger)
    for number, (dollars, days_ago) in enumerate(costs):
        at_us = int((NOW - days_ago * DAY_SECONDS) * 1e6)
        row = asked(f"{provider}{number}", WON, opened_us=at_us, provider=provider)
        nano = int(Decimal(dollars) * NANO)
        accounts.book(row, settlement(2_000 * WON, nano_usd=nano))
    accounts.close()
    Costs(home.ledger, home.archive, store, Clocks(lambda: NOW, lambda: NOW)).step()


def test_a_provider_that_tells_its_balance_is_watched_as_it_falls(house):
    home, store = house
    says(store, "12.50", 2)
    looked(home, store, NOW - 2 * DAY_SECONDS)
    says(store, "10.50")

    [one] = looked(home, store, NOW)
    assert (one.left, one.burn_a_day, one.by) == (Decimal("10.50"), Decimal(1), "balance")
    assert one.days_left == Decimal("10.5")


def test_from_a_typed_figure_the_calls_since_are_taken_off(house):
    home, store = house
    put_figures(home, [Told(("google", "USD"), Figure(NOW - 2 * DAY_SECONDS, Decimal(5), True))])
    calls(home, store, ("0.7", 3), ("0.3", 1), ("0.4", 0.5))
    calls(home, store, ("9", 1), provider="openai")

    [one] = looked(home, store, NOW)
    assert one.left == Decimal("4.3")
    assert one.burn_a_day == Decimal("1.4") / 3
    assert one.is_typed


def test_a_balance_in_won_or_euros_burns_in_its_own_currency(house):
    home, store = house
    put_rates(home, [DayRate(date(2026, 11, 16), Decimal(1400), Decimal(1750), "ECB")], NOW)
    at = NOW - DAY_SECONDS
    put_figures(home, [Told(("google", "KRW"), Figure(at, Decimal(10_000), True))])
    put_figures(home, [Told(("google", "EUR"), Figure(at, Decimal(10), True))])
    calls(home, store, ("1", 0.5))

    euros, won = sorted(looked(home, store, NOW), key=lambda one: one.currency)
    assert won.left == 8_000
    assert euros.left == Decimal("9.2")


def test_in_a_currency_without_a_rate_the_balance_itself_tells_the_pace(house):
    home, store = house
    for amount, days_ago in (("40", 2), ("20", 0)):
        at = NOW - days_ago * DAY_SECONDS
        put_figures(home, [Told(("deepseek", "CNY"), Figure(at, Decimal(amount)))])
    calls(home, store, ("1", 1), provider="deepseek")

    [one] = looked(home, store, NOW)
    assert (one.left, one.burn_a_day, one.by) == (20, 10, "balance")


def test_the_agent_tells_it_before_it_is_gone_and_is_silent_when_it_is_topped_up(house):
    home, store = house
    now = [NOW - DAY_SECONDS]
    watched = watching(home, store, lambda: now[0])
    says(store, "6", 1)
    watched.step()
    assert list(watched.problems) == []

    says(store, "5")
    now[0] = NOW
    watched.step()
    [problem] = watched.problems
    assert "runpod: $5.00" in str(problem)
    assert "gone on 2026-11-22" in str(problem)

    put_figures(home, [Told(("runpod", "USD"), Figure(NOW + 1, Decimal(25), True))])
    now[0] += EVERY_SECONDS
    watched.step()
    assert list(watched.problems) == []


def test_when_it_warns_is_the_owners(house):
    home, store = house
    calm = Settings.model_validate({"prepaid": {"warn_days": 2, "floor_krw": 0}})
    put_figures(home, [Told(("google", "USD"), Figure(NOW - 1, Decimal("0.5"), True))])
    watched = watching(home, store, lambda: NOW, calm)
    watched.step()
    assert list(watched.problems) == []

    watched = watching(home, store, lambda: NOW)
    watched.step()
    assert "only $0.50" in str(watched.problems[0])


def test_what_is_forgotten_is_gone_from_the_page_until_its_provider_says_it_anew(house):
    home, store = house
    put_figures(home, [Told(("google", "USD"), Figure(NOW - 1, Decimal(9), True))])
    says(store, "5", provider="openrouter")
    assert len(looked(home, store, NOW)) == 2

    assert forget_cash(home, "google", NOW + 1) == 1
    assert forget_cash(home, "openrouter", NOW + 1) == 1
    assert looked(home, store, NOW + 2) == []
    says(store, "4", -1, provider="openrouter")
    assert [one.provider for one in looked(home, store, NOW + DAY_SECONDS)] == ["openrouter"]


def test_of_a_balance_that_rests_only_both_ends_are_kept(house):
    home, _ = house
    account = ("openrouter", "USD")
    for minute, amount in enumerate(["5", "5", "5", "5", "4", "4"]):
        put_figures(home, [Told(account, Figure(NOW + 60 * minute, Decimal(amount)))])

    assert [(one.at - NOW, str(one.amount)) for one in figures(home)[account]] == [
        (0, "5"),
        (180, "5"),
        (240, "4"),
        (300, "4"),
    ]


def test_the_made_up_household_has_its_own(house):
    home, store = house
    says(store, "1")
    watching(home, store, lambda: NOW, Settings(demo=True)).step()

    assert prepaid(Direct(store)) == []
    assert figures(home) == {}
