"""Prices of servers in the settings beside Hetzner's price list, over the wire."""

from decimal import Decimal

import pytest

from agent.bills.hetzner import HetznerPrices
from agent.checks import Level
from agent.checks.bills import bills as checked
from agent.checks.bills import prices_said
from agent.price_listing import PriceCollector
from agent.wiring.money import money_sources
from models.costs.price_list import ListPrice, wanted_of
from models.errors import SourceRefused, SourceUnreachable
from models.settings import Settings
from tests.agent.bills.using import START
from tests.standins.bills import hetzner

SERVERS = {
    ("cx22", "fsn1"): ("0.0060", "3.79"),
    ("cx22", "hel1"): ("0.0064", "3.99"),
    ("cpx31", "hel1"): ("0.0208", "13.10"),
}
HOURS = {"hour_price": "0.006 EUR"}


@pytest.fixture
def listed(standing):
    hetzner(standing, SERVERS)
    return HetznerPrices("prices:main", "hcloud-1", standing.url)


def settings_of(kind="fixed", **item):
    known = {"name": "vps", "provider": "hetzner", "server_type": "cx22", "location": "fsn1"}
    return Settings.model_validate(
        {kind: [{**known, **item}], "bill": [{"name": "main", "source": "hetzner"}]}
    )


def found_of(listed, settings):
    watching = PriceCollector("prices:main", listed, wanted_of(settings))
    harvest = watching.collect(0)
    assert harvest.readings[0].value == len(watching.findings)
    return [str(each) for each in watching.findings]


def test_the_list_is_net_in_its_own_currency(listed):
    told = listed.prices()

    assert (told.currency, told.vat_rate) == ("EUR", Decimal("19.00"))
    assert told.servers["cx22", "fsn1"] == ListPrice(Decimal("0.006"), Decimal("3.79"))
    assert told.addresses == {"fsn1": ListPrice(Decimal("0.0008"), Decimal("0.5"))}


@pytest.mark.parametrize("price", ["3.79 EUR", "4.29 EUR", "3.8 EUR", "3.79 eur"])
def test_a_price_of_the_list_with_or_without_an_address_is_well(listed, price):
    assert found_of(listed, settings_of(month_price=price)) == []


def test_hours_are_compared_with_hours(listed):
    assert found_of(listed, settings_of("rented", **HOURS)) == []
    assert found_of(listed, settings_of("rented", hour_price="0.0068 EUR")) == []
    [finding] = found_of(listed, settings_of("rented", hour_price="0.005 EUR"))
    assert "0.0060 EUR for cx22 in fsn1 (0.0068 EUR with an IPv4 address)" in finding


def test_a_price_that_went_stale_is_found(listed):
    [finding] = found_of(listed, settings_of(month_price="3.29 EUR"))

    assert finding == (
        "vps: the settings say 3.29 EUR, and the price list of Hetzner 3.79 EUR for cx22 in fsn1 "
        "(4.29 EUR with an IPv4 address), without VAT; write what you are charged"
    )


def test_a_price_in_another_currency_follows_no_rate(listed):
    [finding] = found_of(listed, settings_of(month_price="6200 KRW"))

    assert "the settings say 6200 KRW, and Hetzner charges 3.79 EUR without VAT" in finding


def test_what_is_not_in_the_list_is_said_with_what_is(listed):
    [place] = found_of(listed, settings_of(location="ash", month_price="3.79 EUR"))
    [kind] = found_of(listed, settings_of(server_type="cx11", month_price="3.79 EUR"))

    assert place == "vps: Hetzner has no cx22 in ash; it has them in fsn1, hel1"
    assert kind == "vps: Hetzner has no server type cx11 any more; it has cpx31, cx22"


def test_who_names_no_server_type_or_another_provider_is_not_compared(listed):
    assert wanted_of(settings_of(provider="vultr")) == []
    assert wanted_of(settings_of(server_type="")) == []


def broken(**changed):
    price = {
        "location": "fsn1",
        "price_hourly": {"net": "0.006", "gross": "0.00714"},
        "price_monthly": {"net": "3.79", "gross": "4.51"},
    }
    kind = {"name": "cx22", "prices": [{**price, **changed.pop("price", {})}]}
    return {"pricing": {"currency": "EUR", "vat_rate": "19.00", "server_types": [kind], **changed}}


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"null", b"[]", {}, {"pricing": {}}, broken(server_types=[])),
        *(broken(currency=value) for value in (None, "", "euro")),
        *(broken(vat_rate=value) for value in (None, 19, "-1", "900", "x")),
        *(
            broken(price={"price_monthly": {"net": net, "gross": "4.51"}})
            for net in (None, 3.79, "-3.79", "1e99", "NaN", "5.00")
        ),
        broken(price={"price_hourly": None}),
        broken(price={"price_hourly": {"net": "0.006"}}),
    ],
)
def test_what_is_no_list_is_refused(standing, listed, body):
    standing.says("/v1/pricing", body)

    with pytest.raises(SourceRefused, match="not taken over"):
        listed.prices()


def test_a_token_that_is_none_and_one_who_is_busy(standing, listed):
    with pytest.raises(SourceRefused, match="401: it takes an API token of a project"):
        HetznerPrices("prices:main", "x", standing.url).prices()
    standing.says("/v1/pricing", b"{}", 429)
    with pytest.raises(SourceUnreachable, match="it is asked again later"):
        listed.prices()


def test_the_list_is_a_source_that_is_asked_once_a_day(house):
    found = list(money_sources(settings_of(), "m", house, lambda: START))

    assert [source.collector.name for source in found] == ["prices:main", "reconcile"]
    assert found[0].timing.interval_seconds == 86_400


def test_the_doctor_compares_too(listed):
    [well] = prices_said("prices", listed, wanted_of(settings_of(month_price="3.79 EUR")))
    [stale] = prices_said("prices", listed, wanted_of(settings_of(month_price="3.29 EUR")))
    [nothing] = prices_said("prices", listed, [])

    assert str(well.text) == "1 prices are as in the list, which adds 19 % VAT"
    assert (well.level, stale.level, nothing.level) == (Level.OK, Level.PROBLEM, Level.ABSENT)


def test_the_doctor_names_the_missing_token_and_who_is_not_compared():
    [missing] = checked(settings_of(), {}, START)
    assert str(missing.text).startswith("HCLOUD_TOKEN is not set")

    alone = settings_of().model_copy(update={"bill": ()})
    [finding] = checked(alone, {}, START)
    assert finding.level is Level.ABSENT
    assert "nobody compares the prices of vps" in str(finding.text)
