"""A second opinion on prices, and what models take at most, out of LiteLLM's table of models.

The table is `model_prices_and_context_window.json` of BerriAI/litellm, read with
`parse_float=Decimal`. It is copied from the providers' pages by other people than genai-prices is,
so that where the two disagree the dearer one is kept free.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from models.price_compiling import nano_rate

PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "deepseek": "deepseek",
    "groq": "groq",
    "mistral": "mistral",
    "xai": "x-ai",
    "openrouter": "openrouter",
}
"""Its name of a provider: ours."""
BASES = {
    "input_cost_per_token": "input",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "input_cost_per_audio_token": "audio_input",
    "input_cost_per_image_token": "image_input",
    "input_cost_per_video_token": "video_input",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_read_input_image_token_cost": "cache_read_image",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "output_cost_per_audio_token": "audio_output",
    "output_cost_per_image_token": "image_output",
}
LONGER = {"cache_write": "cache_write_1h"}
"""What is kept for an hour or for twelve."""
WAYS: dict[str, tuple[dict[str, str], ...]] = {
    "batches": ({"processing": "batch"},),
    "flex": ({"service_tier": "flex"},),
    # OpenAI has two names for one tier.
    "priority": ({"service_tier": "priority"}, {"service_tier": "fast"}),
}
KEY = re.compile(
    r"(?P<base>[a-z_]+?_(?:token|cost))(?P<long>_above_(?:1|12)hr)?"
    r"(?:_above_(?P<tier>\d+)k_tokens)?(?:_(?P<way>batches|flex|priority))?"
)
TOKEN_MODES = ("chat", "responses", "completion", "embedding", "audio_transcription")


class Known(NamedTuple):
    """One model as the table has it, under our names."""

    provider: str
    model: str
    shape: Mapping[str, Any]


def known_models(table: Mapping[str, Any]) -> list[Known]:
    """Those of the providers that we know, in the order of their names."""
    found = []
    for name, shape in sorted(table.items()):
        provider = PROVIDERS.get(str(shape.get("litellm_provider")))
        if provider is not None and shape.get("mode") in TOKEN_MODES:
            prefix = f"{shape['litellm_provider']}/"
            found.append(Known(provider, name.removeprefix(prefix).lower(), shape))
    return found


def second_book(shape: Mapping[str, Any], source: str) -> dict[str, Any] | None:
    """`prices` and `variants` of a document; None for a model without a price by the token.

    A tier of length whose price is missing for a way of sending is left out there.
    """
    sheets: dict[str, dict[str, dict[int, int]]] = {}
    for key, amount in shape.items():
        match = KEY.fullmatch(key)
        if match is None or match["base"] not in BASES or not isinstance(amount, Decimal | int):
            continue
        meter = BASES[match["base"]]
        if match["long"]:
            meter = LONGER.get(meter, meter)
        tier = int(match["tier"] or 0) * 1_000
        steps = sheets.setdefault(match["way"] or "", {}).setdefault(meter, {})
        # Twelve hours may stand beside one hour.
        steps[tier] = max(steps.get(tier, 0), nano_rate(Decimal(amount), meter, 1))
    standard = _rates(sheets.pop("", {}))
    searches = shape.get("search_context_cost_per_query")
    if isinstance(searches, Mapping) and searches:
        dearest = max(Decimal(str(each)) for each in searches.values())
        standard["web_search"] = nano_rate(dearest, "web_search", 1)
    if isinstance(shape.get("input_cost_per_second"), Decimal):
        standard["audio_seconds"] = nano_rate(shape["input_cost_per_second"], "audio_seconds", 1)
    if not standard:
        return None
    book: dict[str, Any] = {"source": source, "prices": [{"rates": standard}]}
    variants = [
        {"when": when, "rates": _rates(meters)}
        for way, meters in sorted(sheets.items())
        for when in WAYS[way]
    ]
    return {**book, "variants": variants} if variants else book


def _rates(meters: Mapping[str, Mapping[int, int]]) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for meter, steps in meters.items():
        # A price for long prompts alone is no price for short ones.
        if 0 not in steps:
            continue
        tiers = [[start, rate] for start, rate in sorted(steps.items()) if start]
        rates[meter] = [steps[0], *tiers] if tiers else steps[0]
    return rates


def limits(models: Iterable[Known]) -> dict[str, dict[str, list[int]]]:
    """Provider: model: [tokens in, tokens out] at most; what makes no tokens has 0 out."""
    found: dict[str, dict[str, list[int]]] = {}
    for known in models:
        most_in = _count(known.shape.get("max_input_tokens"))
        most_out = _count(known.shape.get("max_output_tokens"))
        if known.shape.get("mode") == "embedding":
            most_out = 0
        if most_in is not None and most_out is not None:
            found.setdefault(known.provider, {}).setdefault(known.model, [most_in, most_out])
    return found


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000_000:
        return None
    return value
