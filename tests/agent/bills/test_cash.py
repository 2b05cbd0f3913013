"""What is left of money paid ahead, in the currency it is kept in, over the wire."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agent.billing import BillCollector
from agent.bills.deepseek import DeepSeekBalance
from agent.bills.openrouter import OpenRouterCredits
from agent.checks import Level
from agent.checks.bills import bills as checked
from agent.checks.bills import cash_said
from agent.wiring.money import money_sources
from models.costs.bills import Balance
from models.errors import SourceRefused, SourceUnreachable
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.bills.using import HOUR, START
from tests.sallim.money import asked, settlement
from tests.standins.bills import deepseek, openrouter, openrouter_key

WON = 10**6
DAY = datetime(2026, 11, 20, tzinfo=UTC).timestamp()


def yuan(standing):
    return DeepSeekBalance("cash:main", "sk-1", standing.url)


def credits_of(standing, call_key="sk-or-v1-1"):
    return OpenRouterCredits("cash:main", "key", standing.url, call_key)


def collector(house, reads, now=START):
    return BillCollector("cash:main", reads, house, lambda: now)


def test_yuan_stay_yuan_and_are_never_added_to_dollars(standing, house):
    deepseek(standing, {"CNY": "110.00", "USD": "5.25"})
    harvest = collector(house, yuan(standing)).collect(0)

    assert [(r.name, r.value, dict(r.labels)["currency"]) for r in harvest.readings] == [
        ("bill.cash", 110.0, "CNY"),
        ("bill.cash", 5.25, "USD"),
    ]
    assert [(thing.source, thing.id, thing.name) for thing in harvest.records] == [
        ("deepseek", "CNY", "110.00"),
        ("deepseek", "USD", "5.25"),
    ]


def test_a_balance_that_does_not_suffice_is_a_finding(standing, house):
    deepseek(standing, {"CNY": "0.00"}, is_available=False)
    watching = collector(house, yuan(standing))
    watching.collect(0)

    [finding] = watching.findings
    assert str(finding).startswith("DeepSeek says that its balance does not suffice for calls")
    deepseek(standing, {"CNY": "20.00"})
    watching.collect(0)
    assert watching.findings == []


def balance(**changed):
    info = {"currency": "CNY", "total_balance": "110.00", **changed}
    return {"is_available": True, "balance_infos": [info]}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", {}, {"balance_infos": []}, {"is_available": True}),
        *(balance(total_balance=value) for value in (None, 110, 1.5, "", "NaN", "1e99", "=1+1")),
        *(balance(currency=value) for value in (None, "", "yuan", "C1Y", "CNYY", 7)),
        {"is_available": True, "balance_infos": [balance()["balance_infos"][0]] * 2},
        {"is_available": True, "balance_infos": [7]},
    ],
)
def test_what_is_no_balance_is_refused(standing, body):
    standing.says("/user/balance", body)

    with pytest.raises(SourceRefused, match="not taken over"):
        yuan(standing).read(START)


def test_a_debt_is_said_as_it_is(standing):
    deepseek(standing, {"USD": "-0.02"})

    assert yuan(standing).read(START).cash[0].price == Balance(Decimal("-0.02"), "USD")


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_none_is_told_which_it_takes(standing, status):
    standing.says("/user/balance", b"{}", status)

    with pytest.raises(SourceRefused, match=f"answers {status}: it takes an API key of the acc"):
        yuan(standing).read(START)


@pytest.mark.parametrize("status", [429, 500])
def test_who_is_busy_is_asked_again_later(standing, status):
    standing.says("/user/balance", b"{}", status)

    with pytest.raises(SourceUnreachable, match=f"answers {status}; it is asked again later"):
        yuan(standing).read(START)


def test_openrouter_says_what_a_key_used_and_may_use_yet(standing, house):
    openrouter(standing, [], "100.5", "25.75")
    openrouter_key(standing)
    watching = collector(house, credits_of(standing))
    harvest = watching.collect(0)

    assert [(each.name, each.value) for each in harvest.readings] == [
        ("bill.cash", 74.75),
        ("key.used", 1.5),
        ("key.used", 5.25),
        ("key.used", 25.5),
        ("key.left", 74.5),
    ]


def test_a_key_without_a_limit_has_none_left_and_one_used_up_is_a_finding(standing, house):
    openrouter(standing, [], "100.5", "25.75")
    openrouter_key(standing, limit=None, limit_remaining=None, usage_daily=0)
    watching = collector(house, credits_of(standing))
    assert watching.collect(0).readings[-1].name == "key.used"
    assert watching.findings == []

    openrouter_key(standing, limit_remaining=-0.001, usage_daily=0)
    watching.collect(0)
    assert "own limit at OpenRouter is used up" in str(watching.findings[0])


def test_without_a_key_for_calls_none_is_asked_about(standing):
    openrouter(standing, [], "100.5", "25.75")

    assert credits_of(standing, call_key="").read(START).key is None
    assert standing.count("/api/v1/key") == 0


def test_a_wrong_key_for_calls_is_named(standing):
    openrouter(standing, [], "100.5", "25.75")
    openrouter_key(standing)

    with pytest.raises(SourceRefused, match="401: `call_key` takes a key for calls"):
        credits_of(standing, "sk-or-v1-2").read(START)


def test_a_key_that_used_more_today_than_passed_the_guard_is_found(standing, house):
    openrouter(standing, [], "100.5", "25.75")
    openrouter_key(standing, usage_daily=1.5)
    accounts = Accounts.open(house.ledger)
    for call_id, at in (("yesterday", DAY - HOUR), ("today", DAY + HOUR)):
        row = asked(call_id, WON, opened_us=int(at * 1e6), provider="openrouter")
        accounts.reserve(row._replace(expires_us=int((at + HOUR) * 1e6)))
        accounts.settle(call_id, 1, settlement(WON, nano_usd=1_250_000_000))
    watching = collector(house, credits_of(standing))
    watching.collect(0)

    [finding] = watching.findings
    assert str(finding).startswith(
        "0.2500 USD of today (UTC) were called with the key at openrouter"
    )
    row = asked("open", WON, opened_us=int(DAY * 1e6), provider="openrouter")
    accounts.reserve(row._replace(worst_nano_usd=250_000_000))
    watching.collect(0)
    assert watching.findings == []


def settings_of(**bill):
    return Settings.model_validate({"bill": [{"name": "main", **bill}]})


def test_each_balance_is_a_source_that_is_asked_every_ten_minutes(house):
    found = list(money_sources(settings_of(source="deepseek"), "m", house, lambda: START))

    assert [source.collector.name for source in found] == ["cash:main", "reconcile"]
    assert found[0].timing.interval_seconds == 600


def test_the_doctor_says_what_is_left_and_which_key_is_missing(standing):
    [missing] = checked(settings_of(source="deepseek"), {}, START)
    assert str(missing.text).startswith("DEEPSEEK_API_KEY is not set")

    environ = {"OPENROUTER_MANAGEMENT_KEY": "key"}
    chosen = settings_of(source="openrouter", call_key="OPENROUTER_API_KEY")
    _, cash = checked(chosen, environ, START)
    assert str(cash.text).startswith("OPENROUTER_API_KEY is not set")

    deepseek(standing, {"CNY": "110.00", "USD": "5.25"}, is_available=False)
    left, note = cash_said("cash main", yuan(standing), START)
    assert str(left.text) == "110.00 CNY, 5.25 USD left of what was paid ahead"
    assert (left.level, note.level) == (Level.OK, Level.PROBLEM)
