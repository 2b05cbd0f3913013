"""Usage out of bodies: every token once, and nothing out of what cannot be true."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallim.usage import FLAVOURS, Usage, usage_of
from tests.sallim import bodies

WHOLE = {
    "openai.chat": bodies.OPENAI_CHAT,
    "openai.responses": bodies.OPENAI_RESPONSES,
    "openai.embeddings": bodies.OPENAI_EMBEDDINGS,
    "openai.audio": bodies.OPENAI_TRANSCRIPTION,
    "anthropic": bodies.ANTHROPIC,
    "gemini": bodies.GEMINI,
    "openrouter": bodies.OPENROUTER,
}
REQUIRED = {
    "openai.chat": ("usage", "prompt_tokens"),
    "openai.responses": ("usage", "output_tokens"),
    "openai.embeddings": ("usage", "prompt_tokens"),
    "openai.audio": ("usage", "input_tokens"),
    "anthropic": ("usage", "output_tokens"),
    "gemini": ("usageMetadata", "thoughtsTokenCount"),
    "openrouter": ("usage", "completion_tokens"),
}
READ = [
    (
        "openai.chat",
        bodies.OPENAI_CHAT,
        Usage(86, 1920, output=236, reasoning=64)._replace(
            model="gpt-4o-mini-2024-07-18", service_tier="default"
        ),
    ),
    (
        "openai.responses",
        bodies.OPENAI_RESPONSES,
        Usage(1928, 2048, 1000, 24, 188, 512)._replace(
            tool_calls=(("web_search", 2),), model="gpt-6-astra", service_tier="flex"
        ),
    ),
    ("openai.embeddings", bodies.OPENAI_EMBEDDINGS, Usage(8, model="text-embedding-3-small")),
    ("openai.audio", bodies.OPENAI_TRANSCRIPTION, Usage(14, output=45, audio_input=100)),
    ("openai.audio", bodies.OPENAI_WHISPER, Usage(tool_calls=(("audio_seconds", 9),))),
    ("openai.audio", {"duration": "3.0"}, Usage(tool_calls=(("audio_seconds", 3),))),
    ("openai.chat", bodies.DEEPSEEK_CHAT, Usage(400, 600, output=200, model="deepseek-v4-flash")),
    ("openai.chat", bodies.XAI_CHAT, Usage(10, output=5, reasoning=100, model="grok-4")),
    (
        "anthropic",
        bodies.ANTHROPIC,
        Usage(21, 18_000, 556, 344, 293, 100)._replace(
            tool_calls=(("web_search", 2),),
            model="claude-haiku-4-5-20251001",
            service_tier="standard",
        ),
    ),
    (
        "gemini",
        bodies.GEMINI,
        Usage(1000, 4000, output=120, reasoning=380, model="gemini-2.5-flash"),
    ),
    (
        "openrouter",
        bodies.OPENROUTER,
        Usage(194, output=2, cost_nano_usd=63_200, model="google/gemini-2.5-flash"),
    ),
]


def with_number(flavour, value):
    body = copy.deepcopy(WHOLE[flavour])
    table, name = REQUIRED[flavour]
    body[table][name] = value
    return body


@pytest.mark.parametrize(("flavour", "body", "usage"), READ)
def test_each_token_is_counted_once(flavour, body, usage):
    assert usage_of(flavour, body) == usage


def test_the_ledger_gets_the_same_tokens():
    usage = usage_of("anthropic", bodies.ANTHROPIC)

    assert usage.tokens._asdict() == {name: getattr(usage, name) for name in usage.tokens._fields}
    assert usage.prompt == 18_921


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("value", [-1, "12", 1.5, float("nan"), True, [], {}, 10**9, 10**400])
def test_a_number_that_cannot_be_makes_the_usage_unusable(flavour, value):
    assert usage_of(flavour, with_number(flavour, value)) is None


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "body", [{}, {"usage": None}, {"usage": []}, {"usage": "all"}, [], None, "x"]
)
def test_a_body_without_usage_has_none(flavour, body):
    assert usage_of(flavour, body) is None


@pytest.mark.parametrize(
    ("flavour", "body"),
    [
        (
            "openai.chat",
            {
                "usage": {
                    "prompt_tokens": 5,
                    "completion_tokens": 1,
                    "prompt_tokens_details": {"cached_tokens": 6},
                }
            },
        ),
        (
            "openai.chat",
            {
                "usage": {
                    "prompt_tokens": 5,
                    "completion_tokens": 1,
                    "completion_tokens_details": {"reasoning_tokens": 2},
                }
            },
        ),
        ("gemini", {"usageMetadata": {"promptTokenCount": 1, "cachedContentTokenCount": 2}}),
        (
            "anthropic",
            {
                "usage": {
                    "input_tokens": 1,
                    "output_tokens": 1,
                    "cache_creation_input_tokens": 1,
                    "cache_creation": {"ephemeral_1h_input_tokens": 2},
                }
            },
        ),
    ],
)
def test_a_part_that_is_larger_than_its_whole_makes_it_unusable(flavour, body):
    assert usage_of(flavour, body) is None


def test_a_router_that_names_no_amount_is_priced_by_its_tokens():
    for cost in ("free", -1, float("nan"), 1e30, None, {}):
        body = copy.deepcopy(bodies.OPENROUTER)
        body["usage"]["cost"] = cost

        assert usage_of("openrouter", body) == usage_of("openrouter", bodies.OPENROUTER)._replace(
            cost_nano_usd=None
        )


def test_with_a_key_of_ones_own_the_provider_behind_is_paid_too():
    body = copy.deepcopy(bodies.OPENROUTER)
    body["usage"].update(cost=0.001, is_byok=True, cost_details={"upstream_inference_cost": 0.02})

    assert usage_of("openrouter", body).cost_nano_usd == 21_000_000


@pytest.mark.parametrize(("model", "searches"), [("gemini-2.5-flash", 1), ("gemini-3.8-flash", 3)])
def test_grounding_counts_prompts_in_old_models_and_queries_in_new_ones(model, searches):
    body = {
        **bodies.GEMINI,
        "modelVersion": model,
        "candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b", "c"]}}],
    }

    assert usage_of("gemini", body).tool_calls == (("web_search", searches),)


def test_what_has_a_speed_is_a_tier():
    body = copy.deepcopy(bodies.ANTHROPIC)
    body["usage"]["speed"] = "fast"

    assert usage_of("anthropic", body).service_tier == "fast"


def test_a_summary_on_the_way_is_paid_for_beside_the_totals():
    body = copy.deepcopy(bodies.ANTHROPIC)
    body["usage"]["iterations"] = [
        {"type": "message", "input_tokens": 9, "output_tokens": 9},
        {"type": "compaction", "input_tokens": 5_000, "output_tokens": 700},
    ]
    alone = usage_of("anthropic", bodies.ANTHROPIC)

    usage = usage_of("anthropic", body)
    assert usage == alone._replace(input=alone.input + 5_000, output=alone.output + 700)


def test_where_another_model_was_asked_too_one_price_is_not_enough():
    body = copy.deepcopy(bodies.ANTHROPIC)
    body["usage"]["iterations"] = [
        {"type": "advisor_message", "model": "x", "input_tokens": 5, "output_tokens": 7}
    ]

    assert usage_of("anthropic", body) is None


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "usage",
                        "usageMetadata",
                        "prompt_tokens",
                        "completion_tokens",
                        "input_tokens",
                    ),
                    *("output_tokens", "prompt_tokens_details", "cached_tokens", "cost", "type"),
                    *("promptTokenCount", "candidates", "promptTokensDetails", "tokenCount"),
                    *("groundingMetadata", "webSearchQueries", "duration", "seconds", "x_groq"),
                    *("modality", "cache_creation", "output", "cost_details", "is_byok"),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(sorted(FLAVOURS)), SHAPES)
def test_nothing_that_stands_in_a_body_raises_or_counts_below_zero(flavour, body):
    usage = usage_of(flavour, body)

    assert usage is None or (min(usage.tokens) >= 0 and all(n > 0 for _, n in usage.tool_calls))


def test_thoughts_that_only_the_total_tells_of_are_paid_for():
    """Google's answers in OpenAI's shape: what was thought is billed, and in no other number."""
    usage = {"prompt_tokens": 20, "completion_tokens": 424, "total_tokens": 1_016}
    found = usage_of("openai.chat", {"usage": usage})

    assert (found.input, found.output, found.reasoning) == (20, 424, 572)
    told = {**usage, "completion_tokens_details": {"reasoning_tokens": 572}}
    assert usage_of("openai.chat", {"usage": told}) == found
    assert usage_of("openai.chat", {"usage": {**usage, "total_tokens": 444}}).reasoning == 0
    assert usage_of("openai.chat", {"usage": {**usage, "total_tokens": "many"}}) is None
