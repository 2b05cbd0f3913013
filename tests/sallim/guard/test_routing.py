"""OpenRouter chooses who answers: the dearest that it can choose is reserved, or it is refused."""

import json

import pytest

from sallim.guard.tariff import Tariff
from sallim.ledger.money_rows import RateRow
from tests.sallim.guard.test_bounding import bounded

PATH = "/api/v1/chat/completions"
ASKED = {"messages": [], "max_tokens": 1_000}
OPEN, CLOSED = "deepseek/deepseek-chat", "openai/gpt-5-mini"


def asked(model, **more):
    return bounded("openrouter", PATH, {"model": model, **ASKED, **more})


def at_most(prompt, completion, **more):
    return {"provider": {"max_price": {"prompt": prompt, "completion": completion, **more}}}


@pytest.mark.parametrize(
    "model",
    [OPEN, f"{OPEN}:nitro", "openai/gpt-oss-120b", "google/gemma-3-27b-it", "openrouter/auto",
     "~anthropic/claude-sonnet-latest", f"{CLOSED}:online", "@preset/mine", f"{CLOSED}@preset/a"],
)  # fmt: skip
def test_what_openrouter_chooses_is_refused_by_name(model):
    found = asked(model)

    assert found.code in ("unbounded", "unpriced_tool", "unknown_model")
    assert model in found.message


@pytest.mark.parametrize(
    "wanted",
    [
        {"order": ["Together"]},
        {"sort": "price"},
        {"max_price": 3},
        {"max_price": {"prompt": 1}},
        "Together",
        {"max_price": {"prompt": "NaN", "completion": 1}},
        {"max_price": {"prompt": -1, "completion": True}},
    ],
    ids=repr,
)
def test_preferences_without_a_highest_price_bound_nothing(wanted):
    found = asked(OPEN, provider=wanted)

    assert found.code == "unbounded"
    assert "max_price" in found.how


@pytest.mark.parametrize("price", [10, 10.0, "10"], ids=repr)
def test_the_highest_price_of_a_call_is_reserved(price):
    found = asked(OPEN, **at_most(0, price))

    assert found.worst_nano_usd == 1_000 * 10_000 + 1
    assert asked(OPEN, **at_most(0, price, request="0.01")).worst_nano_usd == 20_000_001
    # A promise below the list is not believed.
    low = asked(OPEN, **at_most(0, 0))
    assert low.worst_nano_usd == low.listed_nano_usd > 1_000_000


def test_a_highest_price_says_nothing_of_searches():
    assert asked(OPEN, web_search_options={}, **at_most(1, 1)).code in (
        "unbounded",
        "unpriced_tool",
    )


def test_makers_that_sell_at_one_price_may_be_dearer_in_a_region():
    found = asked(CLOSED)

    assert found.worst_nano_usd == -(-found.listed_nano_usd * 11 // 10)
    assert found.estimate(0, None) <= found.worst_nano_usd


def test_each_model_of_a_list_must_be_bounded():
    dear = asked(CLOSED, models=["openai/gpt-5"])

    assert dear.worst_nano_usd > 3 * asked(CLOSED).worst_nano_usd
    assert asked(CLOSED, models=[OPEN]).code == "unbounded"
    assert asked(CLOSED, models=[OPEN], **at_most(1, 3)).worst_nano_usd > 3_000_000


def test_a_price_of_the_owner_holds_whoever_answers():
    document = json.dumps({"v": 1, "prices": [{"rates": {"input": 10**9, "output": 10**9}}]})
    row = RateRow("openrouter", OPEN, "p", document, "owner", 0)
    found = bounded("openrouter", PATH, {"model": OPEN, **ASKED}, tariff=Tariff([row], {}))

    assert found.worst_nano_usd == found.listed_nano_usd > 0
