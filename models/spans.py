"""The spans of time that a chart can show, and how often it is worth drawing it again."""

from dataclasses import dataclass

from models.messages import Message, say
from models.tiers import DAY_SECONDS, TIERS, Resolution

POINTS_MAX = 300
"""A trace that refreshes by itself has no more points than this."""


@dataclass(frozen=True, slots=True)
class Span:
    """`key` stands in the address of the page, so it is the same in every language."""

    key: str
    title: Message
    seconds: int
    refresh_seconds: int


LIVE = Span("live", say("Live"), 900, 10)
DAY = Span("24h", say("24 h"), DAY_SECONDS, 10)
SPANS = (
    LIVE,
    DAY,
    Span("7d", say("7 d"), 7 * DAY_SECONDS, 60),
    Span("30d", say("30 d"), 30 * DAY_SECONDS, 60),
    Span("400d", say("400 d"), 400 * DAY_SECONDS, 60),
)

STORED_SPANS = SPANS[1:4]
"""For what has no live history: runs, statements, sizes."""


def span_of(key: str) -> Span:
    """The span of that key; an unknown key, from a mistyped address, is the live one.

    >>> span_of("7d").seconds, span_of("a week").key
    (604800, 'live')
    """
    return next((span for span in SPANS if span.key == key), LIVE)


def finer(resolution: Resolution) -> list[Resolution]:
    """Where else to look when a tier has nothing yet, as in the first minutes of a new home.

    >>> from models.tiers import TEN_MINUTES
    >>> [other.tier.view for other in finer(Resolution(TEN_MINUTES, 7200))]
    ['samples_1m', 'samples']
    """
    step = resolution.tier.step_seconds
    tiers = sorted((t for t in TIERS if t.step_seconds < step), key=lambda t: -t.step_seconds)
    return [Resolution(tier, resolution.bucket_seconds) for tier in tiers]
