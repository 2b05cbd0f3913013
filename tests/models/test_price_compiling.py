"""Documents price a call as the package that they are compiled from does."""

import json
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from genai_prices import extract_usage
from genai_prices.types import (
    ClauseContains,
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    TimeOfDateConstraint,
)
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models.price_compiling import METERS, Unpriceable, document_of, rate_row, since
from sallim.prices import Bounds, Rates, cost_of, worst_of
from sallim.usage import Usage, usage_of
from tests.models.genai import (
    LEFT_OUT,
    PRICE_LIST,
    PROVIDERS,
    RATES,
    ROWS,
    SHIPPED,
    moment,
    nano_usd,
)
from tests.sallim import bodies

FIRST_US = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) * 10**6
LAST_US = int(datetime(2027, 6, 1, tzinfo=UTC).timestamp()) * 10**6
NOW_US = int(datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()) * 10**6
MODELS = [(name, model.id) for name in SHIPPED for model in PROVIDERS[name].models]
SPECIAL = [
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("google", "gemini-2.5-flash-image"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-haiku-5-5"),
    ("openai", "gpt-6-astra"),
    ("openai", "gpt-5-mini"),
    ("openai", "gpt-4o-audio-preview"),
    ("openai", "whisper-1"),
    ("openai", "gpt-4o-transcribe"),
    ("deepseek", "deepseek-v4-flash"),
    ("deepseek", "deepseek-chat"),
    ("groq", "whisper-large-v3"),
]
CONTEXTS = [
    {},
    {"processing": "batch"},
    {"service_tier": "flex"},
    {"service_tier": "priority"},
    {"service_tier": "fast"},
    {"service_tier": "default"},
    {"speed": "fast"},
    {"processing": "batch", "service_tier": "priority"},
]
SIZES = st.one_of(
    st.just(0), st.integers(0, 2_000), st.integers(0, 1_000_000), st.integers(99_990, 200_010)
)


@st.composite
def usages(draw):
    usage = Usage(*(draw(SIZES) for _ in range(8)))
    counts = draw(
        st.dictionaries(
            st.sampled_from(["web_search", "file_search", "audio_seconds"]),
            st.integers(1, 100),
            max_size=2,
        )
    )
    for name, whole in (
        ("audio_output", usage.output),
        ("video_input", usage.media_input),
        ("cache_read_audio", usage.cache_read),
    ):
        if whole and draw(st.booleans()):
            counts[name] = draw(st.integers(1, whole))
    return usage._replace(tool_calls=tuple(counts.items()))


def model_of(key):
    return next(model for model in PROVIDERS[key[0]].models if model.id == key[1])


def whole(key):
    """Whether all its prices are whole nano-USD for a million tokens; a few have no end."""
    sheets = [vars(each.prices) for each in (model_of(key).price_variants or [])]
    prices = model_of(key).prices
    sheets += [vars(each.prices) for each in prices] if isinstance(prices, list) else [vars(prices)]
    amounts = [
        amount
        for sheet in sheets
        for price in sheet.values()
        if price is not None
        for amount in (
            [price.base, *(tier.price for tier in price.tiers)]
            if hasattr(price, "tiers")
            else [price]
        )
    ]
    return all((amount * 10**9) % 1 == 0 for amount in amounts)


def test_everything_it_prices_can_be_compiled():
    assert LEFT_OUT == []
    assert len(ROWS) >= 2_300
    assert all(row.price_id and len(row.document) < 4_000 for row in ROWS)


def test_a_document_holds_whole_numbers_and_texts_only():
    for row in ROWS:
        assert "." not in json.dumps(json.loads(row.document)["prices"])


@given(
    st.sampled_from(SPECIAL) | st.sampled_from(MODELS),
    usages(),
    st.integers(FIRST_US, LAST_US),
    st.sampled_from(CONTEXTS),
)
@example(("google", "gemini-2.5-pro"), Usage(200_000, output=9), NOW_US, {})
@example(("google", "gemini-2.5-pro"), Usage(200_001, output=9), NOW_US, {})
@example(("groq", "whisper-large-v3"), Usage(tool_calls=(("audio_seconds", 3),)), NOW_US, {})
def test_a_call_costs_what_genai_prices_says(key, usage, at_us, context):
    try:
        expected = nano_usd(key[0], model_of(key), usage, at_us, context)
    except ValueError:
        # Parts that it does not price are more than their whole to it.
        assume(False)

    cost = cost_of(usage, RATES[key], at_us, context)

    if whole(key):
        assert cost == expected
    else:
        # Each rate is rounded up by less than a nano-USD for a million tokens.
        assert expected <= cost <= expected + 12


def test_the_cliff_counts_for_every_token():
    rates = PRICE_LIST.find("google", "models/gemini-2.5-pro")

    assert cost_of(Usage(150_000), rates, NOW_US) == 187_500_000
    assert cost_of(Usage(250_000), rates, NOW_US) == 625_000_000


@pytest.mark.parametrize(
    ("hour", "nano"), [(0, 750), (2, 1_500), (4, 750), (8, 1_500), (10, 750), (20, 750)]
)
def test_deepseek_is_dearer_at_its_peak(hour, nano):
    rates = PRICE_LIST.find("deepseek", "deepseek-v4-flash")
    at_us = int(datetime(2026, 11, 20, hour, tzinfo=UTC).timestamp()) * 10**6

    assert cost_of(Usage(1_000_000, output=1_000_000), rates, at_us) == nano * 1_000_000
    assert worst_of(Bounds(1_000_000, 1_000_000), rates, None, at_us) == 1_500_000_000


@pytest.mark.parametrize(
    ("tier", "nano_usd"),
    [("", 2_250_000), ("default", 2_250_000), ("flex", 1_125_000), ("priority", 4_050_000)],
)
def test_the_tier_that_answered_counts_and_not_the_one_asked_for(tier, nano_usd):
    rates = PRICE_LIST.find("openai", "gpt-5-mini")
    usage = Usage(1_000, output=1_000, service_tier=tier)
    asked = {"service_tier": "priority"} if tier else {}

    assert cost_of(usage, rates, NOW_US, asked) == nano_usd


def test_a_batch_is_half_whatever_tier_it_says_it_had():
    rates = PRICE_LIST.find("openai", "gpt-5-mini")
    usage = Usage(1_000, output=1_000, service_tier="default")

    assert cost_of(usage, rates, NOW_US, {"processing": "batch"}) == 1_125_000
    batch = Usage(1_000, output=1_000, service_tier="batch")
    assert cost_of(batch, PRICE_LIST.find("anthropic", "claude-haiku-4-5"), NOW_US) == 3_000_000


READ_ALIKE = [
    ("openai", "chat", "openai.chat", bodies.OPENAI_CHAT, True),
    ("openai", "responses", "openai.responses", bodies.OPENAI_RESPONSES, False),
    ("openai", "embeddings", "openai.embeddings", bodies.OPENAI_EMBEDDINGS, True),
    ("anthropic", "default", "anthropic", bodies.ANTHROPIC, True),
    ("google", "default", "gemini", bodies.GEMINI, True),
    ("openrouter", "chat", "openrouter", bodies.OPENROUTER, True),
]


@pytest.mark.parametrize(("provider", "api", "flavour", "body", "alike"), READ_ALIKE)
def test_a_body_costs_what_the_oracle_reads_out_of_it(provider, api, flavour, body, alike):
    extracted = extract_usage(body, provider_id=provider, api_flavor=api)
    context = {"service_tier": body["service_tier"]} if "service_tier" in body else None
    expected = extracted.calc_price(
        genai_request_timestamp=moment(NOW_US), price_context=context
    ).total_price
    usage = usage_of(flavour, body)
    rates = PRICE_LIST.find(provider, usage.model)
    if not alike:
        # It reads no searches out of this one.
        usage = usage._replace(tool_calls=())

    assert rates.model == extracted.model.id
    assert cost_of(usage, rates, NOW_US) == -(-expected * 10**9 // 1)


@given(
    st.sampled_from(["claude-haiku-4-5", "claude-sonnet-4-5", "claude-haiku-5-5"]),
    *[st.integers(0, 150_000)] * 5,
)
def test_anthropic_bodies_of_any_size_cost_the_same(model, fresh, short, long, read, made):
    body = {
        "model": model,
        "usage": {
            "input_tokens": fresh,
            "cache_creation_input_tokens": short + long,
            "cache_creation": {
                "ephemeral_5m_input_tokens": short,
                "ephemeral_1h_input_tokens": long,
            },
            "cache_read_input_tokens": read,
            "output_tokens": made,
        },
    }
    expected = (
        extract_usage(body, provider_id="anthropic")
        .calc_price(genai_request_timestamp=moment(NOW_US))
        .total_price
    )

    usage = usage_of("anthropic", body)
    assert cost_of(usage, RATES["anthropic", model], NOW_US) == -(-expected * 10**9 // 1)


@given(
    st.sampled_from(["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"]),
    *[st.integers(0, 150_000)] * 6,
)
def test_gemini_bodies_of_any_size_cost_the_same(
    model, text, kept_text, sound, kept_sound, made, thought
):
    body = {
        "modelVersion": model,
        "usageMetadata": {
            "promptTokenCount": text + kept_text + sound + kept_sound,
            "cachedContentTokenCount": kept_text + kept_sound,
            "candidatesTokenCount": made,
            "thoughtsTokenCount": thought,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": text + kept_text},
                {"modality": "AUDIO", "tokenCount": sound + kept_sound},
            ],
            "cacheTokensDetails": [
                {"modality": "TEXT", "tokenCount": kept_text},
                {"modality": "AUDIO", "tokenCount": kept_sound},
            ],
        },
    }
    expected = (
        extract_usage(body, provider_id="google")
        .calc_price(genai_request_timestamp=moment(NOW_US))
        .total_price
    )

    usage = usage_of("gemini", body)
    assert cost_of(usage, RATES["google", model], NOW_US) == -(-expected * 10**9 // 1)


@given(
    st.sampled_from(SPECIAL) | st.sampled_from(MODELS),
    usages(),
    st.integers(FIRST_US, LAST_US),
    st.integers(0, 86_400 * 10**6 - 1),
    st.sampled_from(CONTEXTS),
    st.sampled_from(["", "default", "flex", "priority", "fast"]),
)
def test_no_call_costs_more_than_its_worst_case(key, usage, at_us, later_us, context, tier):
    asked = dict(context)
    if "service_tier" not in context:
        # What was not asked for may be answered all the same; a speed never is.
        usage = usage._replace(service_tier=tier)
        if tier == "fast":
            asked["speed"] = "fast"
    sound = usage.audio_input + dict(usage.tool_calls).get("cache_read_audio", 0)
    bounds = Bounds(
        usage.prompt - sound - usage.media_input + 7,
        usage.output + usage.reasoning + 7,
        sound,
        usage.media_input,
        usage.tool_calls,
    )
    cost = cost_of(usage, RATES[key], at_us + later_us, asked)

    assert cost <= worst_of(bounds, RATES[key], asked, at_us)
    assert worst_of(bounds, RATES[key], asked, at_us) <= worst_of(bounds, RATES[key], asked)


def test_a_request_that_rules_something_out_keeps_less_free():
    bounds = Bounds(100_000, 1_000)
    sonnet = PRICE_LIST.find("anthropic", "claude-sonnet-4-5-20250929")
    mini = PRICE_LIST.find("openai", "gpt-5-mini")

    any_cache = worst_of(bounds, sonnet, {}, NOW_US)
    assert any_cache == 615_000_000
    assert worst_of(bounds, sonnet, {"cache_write": "5m"}, NOW_US) == 390_000_000
    assert worst_of(bounds, sonnet, {"cache_write": "none"}, NOW_US) == 315_000_000
    assert worst_of(bounds, mini, {}, NOW_US) == 48_600_000
    assert worst_of(bounds, mini, {"service_tier": "default"}, NOW_US) == 27_000_000
    assert worst_of(bounds, mini, {"processing": "batch", "service_tier": "default"}, NOW_US) == (
        13_500_000
    )


def test_a_tier_that_the_prompt_cannot_reach_is_left_out():
    pro = PRICE_LIST.find("google", "gemini-2.5-pro")

    assert worst_of(Bounds(200_000, 0), pro, {}, NOW_US) == 250_000_000
    assert worst_of(Bounds(200_001, 0), pro, {}, NOW_US) == 500_002_500


@given(st.sampled_from(MODELS), usages(), st.sampled_from(CONTEXTS), st.integers(NOW_US, LAST_US))
def test_prices_of_the_past_can_be_left_out(key, usage, context, at_us):
    row = next(row for row in ROWS if (row.provider, row.model) == key)
    pruned = since(json.loads(row.document), "2026-11-20")
    rates = Rates.of(rate_row(*key, pruned, "test", 0))

    assert cost_of(usage, rates, at_us, context) == cost_of(usage, RATES[key], at_us, context)


def one_model(prices, match=None):
    return ModelInfo(id="m", match=match or ClauseEquals(equals="m"), prices=prices)


def test_a_window_over_midnight_wraps():
    night = TimeOfDateConstraint(
        start_time=time(16, 30, tzinfo=UTC), end_time=time(0, 30, tzinfo=UTC)
    )
    model = one_model(
        [
            ConditionalPrice(prices=ModelPrice(input_mtok=Decimal(2))),
            ConditionalPrice(night, prices=ModelPrice(input_mtok=Decimal(1))),
        ]
    )
    rates = Rates.of(rate_row("p", "m", document_of("p", model, 0), "test", 0))

    costs = [
        cost_of(Usage(1_000_000), rates, minutes * 60 * 10**6) // 10**9
        for minutes in (0, 29, 30, 989, 990, 1_439)
    ]
    assert costs == [1, 1, 2, 2, 1, 1]


def test_what_cannot_be_counted_is_left_out():
    with pytest.raises(Unpriceable, match="input_smells"):
        document_of("p", one_model(ModelPrice(input_smells=Decimal(1))), 0)


@pytest.mark.slow
def test_every_name_that_the_oracle_knows_is_found():
    for provider in SHIPPED:
        for model in PROVIDERS[provider].models:
            named = PROVIDERS[provider].find_model(model.id)
            if named is not None:
                assert PRICE_LIST.find(provider, model.id).model == named.id


@pytest.mark.parametrize(
    ("provider", "name", "model"),
    [
        ("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai", "GPT-5-MINI", "gpt-5-mini"),
        ("openai", "gpt-5-mini-20250807", "gpt-5-mini"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("google", "models/gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"),
        ("azure", "gpt-5-mini", "gpt-5-mini"),
        ("openai", "gpt-99", None),
        ("nobody", "gpt-5-mini", None),
        ("openai", "", None),
    ],
)
def test_a_name_finds_its_model_or_nothing(provider, name, model):
    found = PRICE_LIST.find(provider, name)

    assert (found and found.model) == model


def test_clauses_of_other_kinds_are_kept():
    model = one_model(ModelPrice(input_mtok=Decimal(1)), ClauseContains(contains="Star"))

    assert document_of("p", model, 3)["match"] == {"contains": "Star"}
    assert len(METERS) >= 29
