"""What would cost less by another model, tier, hour or cache: each saving worked out by hand."""

from decimal import Decimal

import pytest

from models.costs.advice import advise, together
from models.costs.advice.families import is_comparable
from models.costs.advice.shapes import Beginnings, Facts, Market, Repeats
from sallim.prices import PriceList
from tests.models.costs.advising import (
    FLEX,
    LOST,
    MARKET,
    NOW_US,
    RENTED,
    WIDE,
    WON_A_DOLLAR,
    figures,
    rates,
    said,
    the,
    use,
)


def test_nothing_is_advised_where_nothing_is_known():
    assert advise(Facts(), MARKET) == []


def test_the_next_smaller_model_of_the_family_by_the_same_tokens():
    """10 + 20 dollars become 2 + 8: 20 dollars less, at 1,500 won each."""
    advice = the("cheaper_model", uses=[use()])

    assert advice.saving_krw_month == 20 * WON_A_DOLLAR
    assert str(advice.sentence) == "gpt-9-mini instead of gpt-9 would cost 67% less."
    assert advice.code == 'model = "gpt-9-mini"'
    assert advice.confidence == "medium"
    assert figures(advice)["the same tokens with the cheaper model"] == 10 * WON_A_DOLLAR


def test_calls_that_wait_and_those_that_do_not_are_one_workflow():
    advice = the("cheaper_model", uses=[use(calls=10), use(calls=10, patient=True)])

    assert advice.saving_krw_month == 40 * WON_A_DOLLAR


def test_what_tools_did_cost_is_not_saved_by_another_model():
    """50 dollars were paid, of which tokens are 30."""
    advice = the("cheaper_model", uses=[use(usd="50")])

    assert advice.saving_krw_month == 20 * WON_A_DOLLAR


def test_what_was_cheaper_than_listed_saves_less():
    """A discount made 30 dollars 15; the smaller model costs 10."""
    assert the("cheaper_model", uses=[use(usd="15")]).saving_krw_month == 5 * WON_A_DOLLAR


@pytest.mark.parametrize(
    "changed",
    [
        {"calls": 19},
        {"model": "gpt-9-mini", "usd": "2.2"},  # 2 dollars are more than 90 % of it
        {"usd": "0.003", "input": 100, "output": 100},  # 3 won are saved
        {"model": "gpt-9-nano", "usd": "2"},
        {"model": "unknown"},
    ],
)
def test_no_cheaper_model_is_advised_for_little(changed):
    assert said("cheaper_model", uses=[use(**changed)]) == []


@pytest.mark.parametrize(
    ("model", "other", "comparable"),
    [
        ("gemini-2.5-pro", "gemini-2.5-flash", True),
        ("gemini-2.5-pro", "gemini-3.1-flash-lite", False),
        ("claude-sonnet-4-5", "claude-haiku-4-5", True),
        ("gpt-5", "gpt-5-nano", True),
        ("gpt-5", "gpt-5", False),
        ("gpt-5", "gpt-5-image-mini", False),
        ("gemini-2.5-flash-lite", "gemini-2.5-flash-preview", False),
        ("gemini-3-pro-preview", "gemini-3-flash-preview", True),
        ("ft:gpt-4o", "ft:gpt-4o-mini", False),
        ("text-embedding-3-large", "text-embedding-3-small", False),
    ],
)
def test_which_models_are_of_one_family(model, other, comparable):
    assert is_comparable(model, other) is comparable


def test_flex_for_calls_that_nobody_waits_for():
    """2 + 8 dollars become 1 + 4."""
    advice = the("batch", uses=[use(model="gpt-9-mini", usd="10", patient=True)])

    assert advice.saving_krw_month == 5 * WON_A_DOLLAR
    assert advice.confidence == "high"
    assert 'service_tier="flex"' in advice.code
    assert "50% less" in str(advice.sentence)


def test_a_batch_where_there_is_no_flex_and_that_the_guard_refuses_it():
    batch = FLEX.replace('"service_tier": "flex"', '"processing": "batch"')
    market = Market(PriceList([rates("anthropic", "claude-9", 2, 8, sheets=batch)]), NOW_US)
    told = Facts(uses=[use("anthropic", "claude-9", usd="10", patient=True)])

    [advice] = [one for one in advise(told, market) if one.kind == "batch"]
    assert advice.saving_krw_month == 5 * WON_A_DOLLAR
    assert advice.confidence == "medium"
    assert "sallim.metered" in " ".join(map(str, advice.steps))


@pytest.mark.parametrize(
    "changed",
    [{"patient": False}, {"calls": 19}, {"usd": "5"}, {"usd": "0", "model": "gpt-9-mini"}],
)
def test_no_slower_tier_is_advised_where_somebody_waits_or_it_is_paid_already(changed):
    told = {"model": "gpt-9-mini", "usd": "10", "patient": True, **changed}

    assert said("batch", uses=[use(**told)]) == []


def test_the_cheap_hours_of_a_provider():
    """4 + 8 dollars from 01:00 to 12:00, else 2 + 4."""
    advice = the("off_peak", uses=[use("deepseek", "deepseek-9", usd="12", patient=True)])

    assert advice.saving_krw_month == 6 * WON_A_DOLLAR
    assert "from 12:00 to 01:00 UTC" in str(advice.sentence)
    assert advice.confidence == "medium"
    assert the("off_peak", uses=[use("deepseek", "deepseek-9", usd="12")]).confidence == "low"


@pytest.mark.parametrize("changed", [{"usd": "6"}, {"calls": 19}, {"model": "gpt-9"}])
def test_no_hour_is_advised_where_calls_are_cheap_already(changed):
    told = {"provider": "deepseek", "model": "deepseek-9", "usd": "12", **changed}

    assert said("off_peak", uses=[use(**told)]) == []


def begun(
    provider="anthropic", model="claude-haiku-9", calls=100, reads=60, writes=20, input=5_000
):
    """Half a million tokens in 100 calls, which cost a dollar."""
    usd = Decimal(1)
    return Beginnings(
        "ocr", provider, model, calls, reads, writes, input * calls, usd * WON_A_DOLLAR, usd
    )


def test_beginnings_that_repeat_may_be_read_from_a_cache():
    """60 reads of 1,000 tokens at 0.9 dollars less, 20 writes at 0.25 more: 5.4 - 0.5 cents."""
    advice = the("caching", beginnings=[begun()])

    assert advice.saving_krw_month == Decimal("0.049") * WON_A_DOLLAR
    assert "At least 12%" in str(advice.sentence)
    assert figures(advice)["cheaper from so many repetitions on"] == 1
    assert "cache_control" in advice.code
    assert advice.confidence == "medium"


def test_where_writing_costs_no_more_each_repetition_saves():
    advice = the("caching", beginnings=[begun("google", "gemini-9-flash")])

    assert advice.saving_krw_month == Decimal("0.054") * WON_A_DOLLAR
    assert advice.confidence == "low"


@pytest.mark.parametrize(
    "told",
    [
        begun(input=4_000),  # shorter than what Anthropic keeps
        begun(calls=19),
        begun(reads=10, writes=40),  # writing costs more than reading saves
        begun(reads=5, writes=0),  # 6.75 won
        begun("openai", "gpt-9"),  # a cache costs the same there
    ],
)
def test_no_cache_is_advised_where_it_saves_little(told):
    assert said("caching", beginnings=[told]) == []


def test_the_same_question_need_not_be_paid_for_again():
    told = Repeats("ocr", "openai", "gpt-9", 200, 50, Decimal(321))
    advice = the("repeated", repeats=[told])

    assert advice.saving_krw_month == 321
    assert figures(advice)["part of all"] == Decimal("0.25")
    assert str(advice.sentence).startswith("25% of the calls of gpt-9 asked")
    assert advice.confidence == "medium"
    assert the("repeated", repeats=[told._replace(model="text-embedding-3")]).confidence == "high"


@pytest.mark.parametrize("changed", [{"calls": 19}, {"repeated_won": Decimal("9.99")}])
def test_few_repeated_calls_are_not_told(changed):
    told = Repeats("ocr", "openai", "gpt-9", 200, 50, Decimal(321))._replace(**changed)

    assert said("repeated", repeats=[told]) == []


def test_the_dearest_comes_first_and_what_saves_nothing_last():
    found = advise(Facts(uses=[use()], machines=[RENTED], losses=[LOST], limits=[WIDE]), MARKET)

    savings = [one.saving_krw_month for one in found]
    known = [saving for saving in savings if saving is not None]
    assert savings == [*sorted(known, reverse=True), None, None]


def test_what_looks_at_the_same_calls_is_not_added_up_twice():
    waits = use(model="gpt-9-mini", usd="10", patient=True)
    found = advise(Facts(uses=[waits], machines=[RENTED]), MARKET)

    by_kind = {one.kind: one.saving_krw_month for one in found}
    # 2 + 8 dollars: 5 by flex, 8 by the smallest model.
    assert by_kind["cheaper_model"] == 8 * WON_A_DOLLAR
    assert by_kind["batch"] == 5 * WON_A_DOLLAR
    assert together(found) == 8 * WON_A_DOLLAR + 15_000
