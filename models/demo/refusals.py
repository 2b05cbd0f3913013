"""What a guard of the demo household did not let through by itself: no price, or no bound."""

from collections.abc import Iterator
from typing import NamedTuple

from models.costs.periods import DAY_SECONDS
from sallim.ledger.statement_rows import Refusal

MICROSECONDS = 1_000_000
MINUTE = 60


class Tried(NamedTuple):
    """`asked` is a model, or the path where none was named; `days` is how often somebody tries."""

    provider: str
    asked: str
    code: str
    calls: int
    days: int
    second: int
    """Of the day, in UTC."""


TRIED = (
    Tried("openai", "gpt-5-mini-preview", "unknown_model", 3, 5, 22_030),
    Tried("openai", "/v1/images/generations", "unpriced_path", 1, 7, 30_450),
    Tried("groq", "whisper-large-v3-turbo", "unbounded", 2, 9, 4_215),
)


def tried(since: float, now: float) -> Iterator[Refusal]:
    """In [since, now), in no order and with no seq."""
    for each in TRIED:
        for day in range(int(since // DAY_SECONDS), int(now // DAY_SECONDS) + 1):
            at = day * DAY_SECONDS + each.second
            if day % each.days == 0 and since <= at < now:
                yield _refusal(each, at)


def _refusal(each: Tried, at: int) -> Refusal:
    return Refusal(
        seq=0,
        bucket_id="",
        provider=each.provider,
        model=each.asked,
        minute_us=(at - at % MINUTE) * MICROSECONDS,
        code=each.code,
        priority="important",
        calls=each.calls,
        needed_micro=0,
        last_us=at * MICROSECONDS,
    )
