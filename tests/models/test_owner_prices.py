"""What the owner says of prices stands before what the lists say."""

import json

import pytest

from models.owner_prices import exchange_rows, with_owner
from models.settings.exchange import Exchange as Surcharges
from models.settings.price import Price
from models.settings.problems import settings_of
from sallim.ledger.money_rows import Exchange, RateRow
from sallim.prices import Bounds, PriceList, cost_of, shipped, worst_of
from sallim.usage import Usage

NOW_US = 1_795_900_000_000_000
CALL = Usage(1_000_000, output=1_000_000)


def found(prices, model, provider="openai"):
    return PriceList(with_owner(shipped().rates, prices, 7)).find(provider, model)


def test_a_price_of_ones_own_makes_an_unknown_model_known():
    price = Price(
        model="gpt-99",
        input_mtok_usd="0.15",
        output_mtok_usd=2,
        input_tokens_max=128_000,
        output_tokens_max=4_096,
    )
    rates = found([price], "GPT-99")

    assert cost_of(CALL, rates, NOW_US) == 2_150_000_000
    assert worst_of(Bounds(1_000_000, 1_000_000), rates) == 2_150_000_000
    assert rates.limits == (128_000, 4_096)
    assert rates.source == "owner"


def test_it_stands_before_the_list_and_takes_its_place():
    prices = [Price(model="gpt-5-mini", input_mtok_usd="1"), Price(model="*", input_mtok_usd="9")]

    assert cost_of(CALL, found(prices, "gpt-5-mini"), NOW_US) == 10**9
    assert cost_of(CALL, found(prices, "gpt-5-nano"), NOW_US) == 9 * 10**9
    keys = [row[:2] for row in with_owner(shipped().rates, prices, 7)]
    assert len(keys) == len(set(keys))


def test_a_discount_changes_the_models_that_are_meant_and_no_others():
    before = PriceList(shipped().rates)
    prices = [Price(model="gpt-5*", discount_percent=12.5)]
    for model, part in (("gpt-5-mini", 875), ("gpt-4o", 1_000)):
        known = cost_of(CALL, before.find("openai", model), NOW_US)

        assert cost_of(CALL, found(prices, model), NOW_US) * 1_000 == known * part
    changed, kept = found(prices, "gpt-5-mini"), before.find("openai", "gpt-5-mini")
    assert changed.price_id != kept.price_id
    assert changed.also == kept.also


def test_a_dated_name_means_its_model():
    prices = [Price(model="gpt-5-mini-2025-08-07", discount_percent=50)]

    assert cost_of(CALL, found(prices, "gpt-5-mini"), NOW_US) == 1_125_000_000


def test_zero_is_a_price_and_nothing_is_none():
    assert cost_of(CALL, found([Price(model="gpt-99", input_mtok_usd=0)], "gpt-99"), NOW_US) == 0
    assert found([Price(model="gpt-99")], "gpt-99") is None
    assert found([Price()], "gpt-99") is None


@pytest.mark.parametrize(
    ("key", "usage", "nano_usd"),
    [
        ("audio_hour_usd", Usage(tool_calls=(("audio_seconds", 1_800),)), 500_000_000),
        ("web_search_usd", Usage(tool_calls=(("web_search", 3),)), 3_000_000_000),
        ("request_usd", Usage(), 1_000_000_000),
        ("audio_input_mtok_usd", Usage(audio_input=1_000), 1_000_000),
        ("cache_read_mtok_usd", Usage(cache_read=1_000), 1_000_000),
        ("cache_write_mtok_usd", Usage(cache_write_1h=1_000), 1_000_000),
    ],
)
def test_each_price_is_for_its_own_unit(key, usage, nano_usd):
    rates = found([Price(model="m", **{key: "1"})], "m")

    assert cost_of(usage, rates, NOW_US) == nano_usd


def test_a_limit_that_is_not_said_is_left_to_the_table():
    assert found([Price(model="gpt-5", output_tokens_max=900)], "gpt-5").limits == (None, 900)
    assert found([], "gpt-5").limits == (None, None)


def test_the_document_says_what_was_meant_by_a_star():
    [row] = with_owner([], [Price(model="a.b*", request_usd="0.01")], 7)

    assert isinstance(row, RateRow)
    assert row[:2] == ("openai", "a.b*")
    assert json.loads(row.document)["match"] == {"regex": r"^a\.b.*$"}
    assert row.updated_us == 7


def test_each_provider_has_its_own_vat():
    rate = Exchange("", "fx", "2026-11-20", 1_383_000_000, 1, 1, "ecb", 5)
    rows = exchange_rows(rate, Surcharges(vat_rates=("openai = 0", "hetzner=0.19")))

    assert [(row.provider, row.vat_ppm, row.fee_ppm) for row in rows] == [
        ("", 100_000, 25_000),
        ("openai", 0, 25_000),
        ("hetzner", 190_000, 25_000),
    ]
    assert {row.micro_won_per_usd for row in rows} == {1_383_000_000}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("input_mtok_usd = -0.1", "price.input_mtok_usd is -0.1; it takes an amount in USD"),
        ('input_mtok_usd = "$3"', 'price.input_mtok_usd is "$3"; it takes an amount in USD'),
        ('request_usd = "1e-999999999"', "it takes an amount in USD from 0 to 1000000, for"),
        ("request_usd = true", "price.request_usd is true; it takes an amount in USD"),
        ("request_usd = inf", "it takes an amount in USD"),
        ('provider = "Open AI"', 'price.provider is "Open AI"; it takes the name of a provider'),
        ("discount_percent = 101", "it takes a number from 0 to 100"),
    ],
)
def test_what_is_no_price_is_refused_with_one_that_works(line, told):
    with pytest.raises(Exception, match="line 2") as refused:
        settings_of(f"[[price]]\n{line}\n", "sallim.toml")

    assert told in str(refused.value)


@pytest.mark.parametrize("text", ["openai", "openai=2", "=0.1", "Open AI=0.1", "openai=-0"])
def test_a_vat_that_cannot_be_is_refused(text):
    with pytest.raises(Exception, match="takes a provider and a part from 0 to 1"):
        settings_of(f'[exchange]\nvat_rates = ["{text}"]\n', "sallim.toml")


def test_numbers_of_the_file_are_read_as_they_are_written():
    settings = settings_of('[[price]]\nmodel = "m"\ninput_mtok_usd = 0.15\n', "sallim.toml")

    assert settings.price[0].input_mtok_usd == "0.15"
