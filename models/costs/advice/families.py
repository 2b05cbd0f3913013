"""Which models are of one family, by their names: the same but for a word that says how large."""

import re
from functools import lru_cache

SIZES = {
    *("opus", "ultra", "max", "pro", "large", "sonnet", "medium", "flash", "small", "haiku"),
    *("mini", "lite", "nano"),
}
"""Words in the names of Anthropic, Google, Mistral and OpenAI."""
WITHOUT = {"latest", "preview"}
DATE = re.compile(r"-(20\d\d-?\d\d-?\d\d|\d\d-20\d\d)(?=-|$)")


@lru_cache(maxsize=4_000)
def family_of(model: str) -> tuple[str, ...]:
    """What models share that differ in their size alone. Remembered: lists have a thousand names.

    >>> family_of("gemini-2.5-flash-lite") == family_of("gemini-2.5-pro")
    True
    >>> family_of("claude-sonnet-4-5") == family_of("claude-haiku-4-5-20251001")
    True
    >>> family_of("gpt-5-mini") == family_of("gpt-5-image-mini")
    False
    """
    words = DATE.sub("", model.lower()).split("-")
    return tuple(word for word in words if word not in SIZES and word not in WITHOUT)


def is_comparable(model: str, other: str) -> bool:
    """Whether the one may stand for the other.

    A preview is advised to nobody who does not use one. Embeddings of two models do not mix, and
    what a model was tuned to does not go over to another.
    """
    if "embed" in model or model.startswith("ft:") or model == other:
        return False
    if "preview" in other and "preview" not in model:
        return False
    return family_of(model) == family_of(other)
