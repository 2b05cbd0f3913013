"""A second list of prices, out of LiteLLM's table."""

from decimal import Decimal

from models.second_prices import known_models, limits, second_book

ASTRA = {
    "litellm_provider": "openai",
    "mode": "chat",
    "max_input_tokens": 922_000,
    "max_output_tokens": 128_000,
    "input_cost_per_token": Decimal("1e-05"),
    "input_cost_per_token_above_272k_tokens": Decimal("2e-05"),
    "input_cost_per_token_batches": Decimal("5e-06"),
    "input_cost_per_token_above_272k_tokens_priority": Decimal("4e-05"),
    "cache_creation_input_token_cost": Decimal("1.25e-05"),
    "cache_creation_input_token_cost_above_1hr": Decimal("2e-05"),
    "cache_creation_input_token_cost_above_12hr": Decimal("2.5e-05"),
    "output_cost_per_token": Decimal("5e-05"),
    "output_cost_per_token_priority": Decimal("0.0001"),
    "search_context_cost_per_query": {
        "search_context_size_low": Decimal("0.01"),
        "search_context_size_high": Decimal("0.025"),
    },
    "supports_vision": True,
    "input_cost_per_unicorn": Decimal(1),
}


def test_prices_tiers_and_ways_of_sending_are_read_by_their_names():
    book = second_book(ASTRA, "litellm 1")

    assert book["prices"] == [
        {
            "rates": {
                "input": [10_000_000_000, [272_000, 20_000_000_000]],
                "cache_write": 12_500_000_000,
                "cache_write_1h": 25_000_000_000,
                "output": 50_000_000_000,
                "web_search": 25_000_000,
            }
        }
    ]
    assert book["variants"] == [
        {"when": {"processing": "batch"}, "rates": {"input": 5_000_000_000}},
        {"when": {"service_tier": "priority"}, "rates": {"output": 100_000_000_000}},
        {"when": {"service_tier": "fast"}, "rates": {"output": 100_000_000_000}},
    ]


def test_sound_is_priced_by_the_hour():
    book = second_book({"input_cost_per_second": Decimal("0.0001")}, "litellm 1")

    assert book["prices"] == [{"rates": {"audio_seconds": 360_000_000}}]


def test_what_has_no_price_has_no_book():
    assert second_book({"mode": "chat"}, "litellm 1") is None


def test_names_lose_their_provider_and_what_we_do_not_know_is_passed_over():
    table = {
        "gemini/Gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat"},
        "gpt-6-astra": ASTRA,
        "dall-e-3": {"litellm_provider": "openai", "mode": "image_generation"},
        "sample_spec": {"mode": "one of ..."},
        "cake": {"litellm_provider": "bakery", "mode": "chat"},
    }

    assert [known[:2] for known in known_models(table)] == [
        ("google", "gemini-2.5-pro"),
        ("openai", "gpt-6-astra"),
    ]


def test_limits_are_whole_and_an_embedding_makes_no_tokens():
    table = {
        "gpt-6-astra": ASTRA,
        "embed": {"litellm_provider": "openai", "mode": "embedding", "max_input_tokens": 8_191},
        "odd": {
            "litellm_provider": "openai",
            "mode": "chat",
            "max_input_tokens": "128000",
            "max_output_tokens": -1,
        },
    }

    assert limits(known_models(table)) == {
        "openai": {"gpt-6-astra": [922_000, 128_000], "embed": [8_191, 0]}
    }
