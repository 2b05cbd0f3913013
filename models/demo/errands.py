"""What the demo household asks of APIs, again and again: which model, how much, how urgent."""

# ruff: noqa: S311  Chance that can be repeated, not secrets.

import random
from hashlib import blake2b
from typing import NamedTuple

DAY_SECONDS = 86_400
AGAIN_QUESTIONS = 6


class Errand(NamedTuple):
    """One kind of call; `output_max` bounds its answer, `seconds` is how long it usually takes.

    Of 100 calls `again` ask one of the same few questions of the day. `fixed` is 1 where every
    prompt begins with the same long instructions.
    """

    provider: str
    model: str
    endpoint: str
    workflow: str
    analysis: str
    key: str
    priority: str
    seconds: float
    input: int = 0
    output: int = 0
    output_max: int = 0
    cached: int = 0
    sound_seconds: int = 0
    again: int = 0
    fixed: int = 0


def hashes_of(errand: Errand, call_id: str, at: float) -> tuple[str, str]:
    """Of its prompt and of how it begins, as the ledger has them."""
    chance = random.Random(f"{call_id} asks")
    question = call_id
    if 100 * chance.random() < errand.again:
        question = f"{at // DAY_SECONDS} {chance.randrange(AGAIN_QUESTIONS)}"
    whose = f"{errand.workflow} {errand.model}"
    return _hash(f"{whose} {question}"), _hash(whose) if errand.fixed else ""


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=16, key=b"demo").hexdigest()


def _errand(names: str, priority: str, seconds: float, **used: int) -> Errand:
    """`names`: provider, model, endpoint, workflow, analysis and key."""
    provider, model, endpoint, workflow, analysis, key = names.split(" | ")
    return Errand(
        provider, model, endpoint, workflow, analysis.strip("-"), key, priority, seconds, **used
    )


TRANSCRIBE = _errand(
    "groq | whisper-large-v3-turbo | /openai/v1/audio/transcriptions | Fetch new videos | video"
    " | gpu-rented",
    *("essential", 3.0),
    sound_seconds=98,
)
AFTER_VIDEO = (
    _errand(
        "google | gemini-2.5-flash-lite | /v1beta/models:generateContent | Fetch new videos | video"
        " | gpu-rented",
        *("essential", 2.4),
        input=6_200,
        output=520,
        output_max=900,
        fixed=1,
    ),
    _errand(
        "openrouter | deepseek/deepseek-chat | /api/v1/chat/completions | Tag videos | video"
        " | gpu-rented",
        *("optional", 3.1),
        input=620,
        output=90,
        output_max=300,
    ),
    _errand(
        "openai | text-embedding-3-small | /v1/embeddings | Fetch new videos | video | gpu-rented",
        *("important", 0.4),
        input=2_400,
    ),
)
BY_WORKFLOW = {
    "w2thumb": _errand(
        "openai | gpt-5-mini | /v1/responses | Make thumbnails | - | n8n",
        *("important", 4.2),
        input=1_100,
        output=210,
        output_max=1_200,
    ),
    "w3digest": _errand(
        "anthropic | claude-haiku-4-5 | /v1/messages | Morning digest | - | n8n",
        *("important", 11.0),
        input=9_000,
        output=1_400,
        output_max=4_000,
        cached=12_000,
    ),
    "w1ingest": _errand(
        "openai | gpt-5-mini | /v1/responses | Translate titles | - | n8n",
        *("optional", 3.0),
        input=700,
        output=160,
        output_max=800,
        again=14,
    ),
}
