"""Providers asked for what they charge, over the wire, up to what the ledger says then."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agent.billing import BillCollector, Reconciliation
from agent.bills.anthropic import AnthropicBill
from agent.bills.export import ExportBill
from agent.bills.openai import OpenAiBill
from agent.bills.openrouter import OpenRouterBill, OpenRouterCredits
from agent.bills.runpod import RunPodBill
from agent.bills.vast import VastBill
from agent.budgeting import Budgeting
from agent.checks import Level
from agent.checks.bills import bills as checked
from agent.sampling import Clocks
from agent.wiring.money import money_sources
from data.bill_answers import compared
from data.bills.bills import bills_since
from data.bills.notes import began
from data.cost_fold import fold_step
from data.home import Home
from models.costs.bills import Balance
from models.costs.charges import Price
from models.errors import SourceRefused, SourceUnreachable
from models.settings import Settings
from sallim.ledger import Ledger
from sallim.ledger.accounts import Accounts
from tests.agent.prepaying import looked
from tests.data.stores import Direct, home_in, opened
from tests.sallim.money import asked, settlement
from tests.standins.bills import anthropic_costs, desk, openai_costs, openrouter

pytestmark = pytest.mark.slow

DAY = int(datetime(2026, 11, 19, tzinfo=UTC).timestamp())
NOW = DAY + 4 * 86_400.0
NANO = 10**9
WON = 10**6
LINES = {
    DAY: [("gpt-5-mini, input_tokens", "0.06"), ("gpt-5-mini, output_tokens", "0.1")],
    DAY + 86_400: [("gpt-5-mini, input_tokens", "1e-2"), ("web search tool calls", "0.01")],
    DAY + 2 * 86_400: [],
}
ACTIVITY = [
    {
        "date": "2026-11-19",
        "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14",
        "endpoint_id": "e1",
        "provider_name": "OpenAI",
        "usage": 0.015,
        "byok_usage_inference": 0.012,
        "requests": 5,
        "prompt_tokens": 50,
        "completion_tokens": 125,
        "reasoning_tokens": 25,
    }
]


@pytest.fixture
def standing():
    with desk() as standing:
        yield standing


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    home.make()
    return home


def openai(standing, key="sk-admin-1"):
    return OpenAiBill("bill:main", key, standing.url)


def collector(home, reads):
    return BillCollector("bill:main", reads, home, lambda: NOW)


def test_openai_says_dollars_as_numbers_page_by_page(standing):
    openai_costs(standing, LINES)
    found = openai(standing).read(NOW).bills

    assert [(bill.model, bill.price.amount) for bill in found] == [
        ("gpt-5-mini", Decimal("0.06")),
        ("gpt-5-mini", Decimal("0.1")),
        ("gpt-5-mini", Decimal("0.01")),
        ("", Decimal("0.01")),
    ]
    assert found[0].quantity == 240_000
    assert found[0].period_end - found[0].period_start == 86_400
    assert [query.get("page") for _, query in standing.asked] == [None, ["2"]]
    assert standing.asked[0][1]["start_time"] == [str(DAY - 36 * 86_400)]


def test_anthropic_says_cents_as_texts(standing):
    days = {"2026-11-19": [("claude-haiku-4-5", "123.45")], "2026-11-20": [("x", "0.5")]}
    anthropic_costs(standing, days)
    found = AnthropicBill("bill:main", "sk-ant-admin-1", standing.url).read(NOW).bills

    assert [bill.price for bill in found] == [
        Price(Decimal("1.2345"), "USD"),
        Price(Decimal("0.005"), "USD"),
    ]
    assert found[0].period_start == DAY
    assert found[0].model == "claude-haiku-4-5"


def test_openrouter_says_its_days_and_what_is_left(standing):
    openrouter(standing, ACTIVITY, "100.5", "25.75")
    told = OpenRouterBill("bill:main", "key", standing.url).read(NOW)
    [cash] = OpenRouterCredits("cash:main", "key", standing.url).read(NOW).cash

    assert cash.price == Balance(Decimal("74.75"), "USD")
    [bill] = told.bills
    assert (bill.price.amount, bill.model, bill.quantity) == (
        Decimal("0.015"),
        "openai/gpt-4.1",
        Decimal(5),
    )


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_without_the_right_is_told_which_it_takes(standing, status):
    standing.says("/v1/organization/costs", b"{}", status)

    with pytest.raises(SourceRefused, match=f"answers {status}: it takes an admin key"):
        openai(standing).read(NOW)


@pytest.mark.parametrize("status", [429, 500, 529])
def test_who_is_busy_is_asked_again_later(standing, status):
    standing.says("/v1/organization/costs", b"{}", status)

    with pytest.raises(SourceUnreachable, match=f"answers {status}; it is asked again later"):
        openai(standing).read(NOW)


def page(start="1795046400", end="1795132800", value="1", currency="usd"):
    amount = f'{{"value":{value},"currency":"{currency}"}}'
    bucket = f'{{"start_time":{start},"end_time":{end},"results":[{{"amount":{amount}}}]}}'
    return f'{{"data":[{bucket}],"has_more":false}}'.encode()


def test_what_is_a_page_is_read(standing, home):
    standing.says("/v1/organization/costs", page())
    collector(home, openai(standing)).collect(0)

    assert len(bills_since(home, 0)) == 1


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>", b"null", b"[]", b"{}", b'{"data":null}', b"[" * 100_000),
        *(page(value="null"), page(value="NaN"), page(value="1e99"), page(value='"=1+1"')),
        *(page(start='"x"'), page(start="1" + "0" * 400), page(start="1"), page(end="2")),
        *(page(currency="doge"), page(value="{}"), page(value="true")),
    ],
)
def test_garbage_is_refused_and_nothing_is_taken_over(standing, home, body):
    openai_costs(standing, LINES)
    collector(home, openai(standing)).collect(0)
    before = bills_since(home, 0)
    standing.says("/v1/organization/costs", body)

    with pytest.raises(SourceRefused, match="not taken over"):
        collector(home, openai(standing)).collect(0)
    assert bills_since(home, 0) == before


def test_a_restated_line_takes_the_place_of_what_it_said_and_that_is_remembered(standing, home):
    openai_costs(standing, LINES)
    bill = collector(home, openai(standing))
    bill.collect(0)
    openai_costs(standing, {**LINES, DAY: [("gpt-5-mini, input_tokens", "0.09")]})
    bill.collect(0)
    bill.collect(0)

    known = {each.bill.line_item: each for each in bills_since(home, DAY)[:2]}
    restated = known["gpt-5-mini, input_tokens"]
    assert restated.bill.price == Price(Decimal("0.09"), "USD")
    assert restated.former == Price(Decimal("0.06"), "USD")
    assert known["gpt-5-mini, output_tokens"].former is None


def test_the_sum_of_the_month_is_a_series(standing, home):
    openai_costs(standing, LINES)
    harvest = collector(home, openai(standing)).collect(0)

    assert [(r.name, r.value, r.labels) for r in harvest.readings] == [
        ("bill.month", 0.18, (("provider", "openai"),))
    ]


@pytest.fixture
def house(tmp_path, standing):
    """A store and a ledger that have been there since the day before the bill's."""
    home = home_in(tmp_path)
    began(home, DAY - 86_400)
    clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
    Budgeting(home, clocks).take_over(Settings())
    store = opened(home, NOW)
    yield home, store
    store.close()


def call(home, call_id, hour, nano):
    accounts = Accounts.open(home.ledger)
    at_us = (DAY + hour * 3600) * 10**6
    row = asked(call_id, 10 * WON, opened_us=at_us, buckets=("api", "total"))
    accounts.reserve(row._replace(worst_nano_usd=NANO))
    accounts.settle(
        call_id, 1, settlement(WON, nano_usd=nano, model_billed="gpt-5-mini-2025-08-07")
    )
    return accounts


def test_days_of_utc_are_compared_as_they_are_and_count_in_the_month_of_seoul(house, standing):
    home, store = house
    call(home, "a", 1, 100_000_000)
    accounts = call(home, "b", 25, 10_000_000)
    strange = asked("by hand", opened_us=DAY * 10**6, endpoint="correction")
    accounts.book(strange, settlement(WON))
    openai_costs(standing, LINES)
    collector(home, openai(standing)).collect(0)
    harvest = Reconciliation(home, Settings().house.zone, lambda: NOW).collect(0)
    store.record(harvest.records)

    rows = [row for row in accounts.calls_since(0, 10) if row.call_id.startswith("correction:")]
    assert [(row.model, row.nano_usd) for row in rows] == [
        ("gpt-5-mini", 60_000_000),
        ("", 10_000_000),
    ]
    found = compared(Direct(store), (DAY - 1, NOW))
    assert [(line.model, line.cause, line.theirs_usd, line.guarded) for line in found] == [
        ("", "outside", Decimal("0.01"), Decimal(0)),
        ("gpt-5-mini", "none", Decimal("0.01"), Decimal(1)),
        ("gpt-5-mini", "outside", Decimal("0.16"), Decimal("0.625")),
    ]
    assert [line.is_alarm for line in found] == [True, False, True]
    again = Reconciliation(home, Settings().house.zone, lambda: NOW).collect(0)
    assert again.readings == harvest.readings
    assert len(accounts.calls_since(0, 10)) == 5


def test_cash_stands_beside_what_burns(house, standing):
    home, store = house
    openrouter(standing, ACTIVITY, "100.5", "25.75")
    reads = OpenRouterCredits("cash:main", "key", standing.url)
    store.record(collector(home, reads).collect(0).records)

    [cash] = looked(home, store, NOW)
    assert (cash.provider, cash.left, cash.days_left) == ("openrouter", Decimal("74.75"), None)


def test_the_doctor_names_the_key_that_is_missing():
    settings = Settings.model_validate({"bill": [{"name": "main", "source": "anthropic"}]})

    found = checked(settings, {}, NOW)
    assert [finding.name for finding in found] == ["bill main", "usage main"]
    assert {finding.level for finding in found} == {Level.PROBLEM}
    assert all(str(each.text).startswith("ANTHROPIC_ADMIN_KEY is not set") for each in found)


def test_each_bill_is_a_source_and_the_comparison_is_one(home):
    settings = Settings.model_validate(
        {
            "bill": [{"name": "a"}, {"name": "b", "source": "openrouter"}],
            "exchange": {"online": True},
        }
    )

    def names(chosen):
        return [source.collector.name for source in money_sources(chosen, "m", home, lambda: NOW)]

    assert names(settings) == ["fx", "bill:a", "usage:a", "bill:b", "cash:b", "reconcile"]
    assert names(Settings()) == []
    assert names(settings.model_copy(update={"demo": True})) == []


def test_runpod_says_each_pod_by_day(standing):
    record = {"time": "2026-11-19T00:00:00Z", "podId": "p1", "timeBilledMs": 5_400_000}
    standing.says(
        "/v1/billing/pods", [{**record, "amount": 0.51}, {**record, "amount": 0.1, "podId": "p2"}]
    )
    found = RunPodBill("bill:main", "key", standing.url).read(NOW).bills

    assert [(bill.line_item, bill.price.amount, bill.quantity) for bill in found] == [
        ("pod p1", Decimal("0.51"), Decimal("1.5")),
        ("pod p2", Decimal("0.1"), Decimal("1.5")),
    ]
    assert standing.asked[0][1]["bucketSize"] == ["day"]


def test_vast_says_charges_as_texts_and_payments_are_none(standing):
    charge = {
        "type": "charge",
        "description": "Instance 123 GPU charge: hours * $/hr",
        "timestamp": DAY + 3600,
        "quantity": "10.000",
        "rate": "0.1000",
        "amount": "1.000",
        "instance_id": 123,
    }
    payment = {**charge, "type": "payment", "amount": "50"}
    standing.says("/api/v0/invoices", [charge, {**charge, "timestamp": DAY + 9}, payment])
    [found] = VastBill("bill:main", "key", standing.url).read(NOW).bills

    assert (found.period_start, found.line_item) == (DAY, "Instance 123 GPU charge")
    assert (found.price.amount, found.quantity) == (Decimal(2), Decimal(20))


@pytest.mark.parametrize("reads", [RunPodBill, VastBill])
@pytest.mark.parametrize("body", [b"{}", b"[1]", b"[{}]", b"null", b'[{"type":"charge"}]'])
def test_what_is_no_bill_of_a_machine_is_refused(standing, reads, body):
    standing.says("/", body)
    standing.says("/v1/billing/pods", body)
    standing.says("/api/v0/invoices", body)

    with pytest.raises(SourceRefused, match="not taken over"):
        reads("bill:main", "key", standing.url).read(NOW)


FOCUS = """ProviderName,ChargePeriodStart,BilledCost,BillingCurrency,ChargeDescription,SkuMeter
Google,2026-11-19T00:00:00Z,0.0125,USD,"Gemini 2.5 Flash, input",gemini-2.5-flash
Google,2026-11-19T00:00:00Z,-0.0025,USD,Credit,
"""


def test_an_export_in_focus_is_read_by_its_path(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(FOCUS)
    found = ExportBill("bill:main", str(path), Settings().house.zone).read(NOW).bills

    assert [(bill.provider, bill.model, bill.price.amount) for bill in found] == [
        ("google", "gemini-2.5-flash", Decimal("0.0125")),
        ("google", "", Decimal("-0.0025")),
    ]
    assert found[0].period_start == DAY


def test_an_export_that_is_not_there_or_is_none_says_so(tmp_path):
    reads = ExportBill("bill:main", str(tmp_path / "none.csv"), Settings().house.zone)
    with pytest.raises(SourceUnreachable, match=r"none\.csv cannot be read"):
        reads.read(NOW)
    (tmp_path / "none.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(SourceRefused, match="is no bill"):
        reads.read(NOW)


def test_hours_that_a_provider_bills_higher_are_made_up_for_among_the_servers(house, standing):
    home, _ = house
    accounts = Accounts.open(home.ledger)
    row = asked("server:gpu:1", opened_us=DAY * 10**6, provider="vast", endpoint="server:gpu")
    row = row._replace(buckets=("servers", "total"))
    accounts.book(row, settlement(WON, nano_usd=NANO // 2))
    record = {"type": "charge", "description": "GPU", "timestamp": DAY, "amount": "0.75"}
    standing.says("/api/v0/invoices", [record])
    collector(home, VastBill("bill:main", "key", standing.url)).collect(0)
    Reconciliation(home, Settings().house.zone, lambda: NOW).collect(0)

    [correction] = [row for row in accounts.calls_since(0, 9) if row.endpoint == "correction"]
    assert correction.nano_usd == NANO // 4
    assert "servers" in correction.buckets


def test_what_burns_says_how_long_the_cash_lasts(house, standing):
    home, store = house
    accounts = Accounts.open(home.ledger)
    at_us = int(NOW - 86_400) * 10**6
    row = asked("a", WON, opened_us=at_us, provider="openrouter", buckets=("api", "total"))
    accounts.book(row, settlement(WON, nano_usd=7 * NANO))
    ledger = Ledger.open(home.ledger)
    fold_step(ledger.accounts, ledger.ledger_id, store, NOW)
    openrouter(standing, ACTIVITY, "100.5", "25.75")
    reads = OpenRouterCredits("cash:main", "key", standing.url)
    store.record(collector(home, reads).collect(0).records)

    [cash] = looked(home, store, NOW)
    assert (cash.burn_a_day, cash.days_left) == (Decimal(7), Decimal("74.75") / 7)
