"""What was used, in counts that both sides know: the provider by the minute, the ledger by call."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from models.costs.bills import NoBill
from sallim.ledger.money_rows import CallRow
from sallim.usage.counting import Usage, pairs

COUNT_MAX = 10**12
"""Of a minute of a whole organization; what is beyond is no count."""


class Used(NamedTuple):
    """Each token counts once. `cache_write_1h` is what is kept for the longer time."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    audio_input: int = 0
    media_input: int = 0
    audio_seconds: int = 0
    web_search: int = 0

    @property
    def sent(self) -> int:
        """Tokens of every kind that went there."""
        written = self.cache_write_5m + self.cache_write_1h
        return self.input + self.cache_read + written + self.audio_input + self.media_input

    def less(self, other: "Used") -> "Used":
        """Some may be below zero then."""
        return Used(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def usage(self, service_tier: str = "") -> Usage:
        """As prices take it."""
        counts = self._asdict()
        tools = {name: counts.pop(name) for name in ("audio_seconds", "web_search")}
        return Usage(**counts, tool_calls=pairs(**tools), service_tier=service_tier)


def summed(each: Iterable[Used]) -> Used:
    """Of each kind the sum.

    >>> summed([Used(input=1), Used(input=2, output=5)])[:5]
    (3, 0, 0, 0, 5)
    """
    return Used(*(sum(column) for column in zip(Used(), *each, strict=True)))


def used_by(call: CallRow) -> Used:
    """What the ledger says of a call; its thoughts are output, as providers count them."""
    tokens = call.tokens
    tools = _tools(call.tool_calls)
    return Used(
        tokens.input,
        tokens.cache_read,
        tokens.cache_write_5m,
        tokens.cache_write_1h,
        tokens.output + tokens.reasoning,
        tokens.audio_input,
        tokens.media_input,
        tools.get("audio_seconds", 0),
        tools.get("web_search", 0),
    )


def _tools(text: str) -> dict[str, int]:
    """Whatever stands there: programs of others write it, too."""
    try:
        told = json.loads(text or "[]")
        return {name: count for name, count in told if type(count) is int and type(name) is str}
    except (ValueError, TypeError, RecursionError):
        return {}


def count_of(value: object) -> int:
    """What a provider says as a count. Raises NoBill."""
    # true is a whole number to Python, and 1.0 is none to a provider that counts.
    if type(value) is not int or not 0 <= value <= COUNT_MAX:
        raise NoBill(f"a count that is none: {str(value)[:40]}")
    return value


def count_or_none(value: object) -> int:
    """The same, where null or nothing at all is 0.

    >>> count_or_none(None), count_or_none(12)
    (0, 12)
    """
    return 0 if value is None else count_of(value)


def rest_of(whole: int, *parts: int) -> int:
    """What is left of a total when what is inside it is counted apart. Raises NoBill.

    >>> rest_of(1000, 800, 0)
    200
    """
    if sum(parts) > whole:
        raise NoBill(f"parts of {sum(parts)} in a whole of {whole}")
    return whole - sum(parts)
