"""What a call used, in one shape for every provider, and how numbers of a body are trusted.

A body is what somebody else wrote: whatever is missing, negative, no whole number or absurd makes
the whole usage unusable (None), and the call is then settled by what was reserved for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sallim.ledger.money_rows import Tokens

TOKENS_MAX = 100_000_000
"""Of one call; ten times what the largest context window of any provider holds."""


KINDS = 8
"""The first fields of `Usage`, those that `Tokens` has."""


class Malformed(ValueError):
    """A number of the body cannot be what it says. Never leaves this package."""


class Usage(NamedTuple):
    """Tokens, each counted in exactly one of the fields, and whatever else is paid for.

    `input` is text that was not cached. `cache_read` is of every kind. `cache_write_5m` is what is
    kept for the provider's shorter time, `cache_write_1h` for the longer one (12 hours at OpenAI).
    `output` leaves out `reasoning`. `media_input` is images, video and documents.

    `tool_calls` are pairs of a name and a count: `web_search`, `file_search`, `code_execution`,
    `audio_seconds`, and parts of the fields above that have a price of their own: `audio_output`,
    `image_output` and `video_output` are of `output`, `video_input` is of `media_input`,
    `cache_read_audio` and `cache_read_image` are of `cache_read`.

    `cost_nano_usd` is what the provider itself says that the call cost; None where it says nothing.
    `service_tier` is the one that answered, as the provider calls it; `fast` and `batch` too.
    """

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    audio_input: int = 0
    media_input: int = 0
    tool_calls: tuple[tuple[str, int], ...] = ()
    cost_nano_usd: int | None = None
    model: str = ""
    service_tier: str = ""

    @property
    def tokens(self) -> Tokens:
        """As the ledger keeps them."""
        from sallim.ledger.money_rows import Tokens

        return Tokens._make(self[:KINDS])

    @property
    def prompt(self) -> int:
        """All tokens that were sent; prices that rise with the length of a prompt go by it."""
        return (
            self.input
            + self.cache_read
            + self.cache_write_5m
            + self.cache_write_1h
            + self.audio_input
            + self.media_input
        )


def inner(shape: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A table within a table; an empty one where it is missing or null.

    Raises Malformed where something else stands there.
    """
    value = shape.get(name)
    if value is None:
        return {}
    # What json makes; asking for an abstract Mapping takes ten times as long.
    if not isinstance(value, dict) and not isinstance(value, Mapping):
        raise Malformed(name)
    return value


def count(shape: Mapping[str, Any], *names: str) -> int:
    """The first of the names that is there; 0 where none is. Raises Malformed."""
    for name in names:
        value = shape.get(name)
        if value is not None:
            return checked(value)
    return 0


def needed(shape: Mapping[str, Any], name: str) -> int:
    """Raises Malformed where it is missing too."""
    return checked(shape.get(name))


def checked(value: object) -> int:
    # true is a whole number to Python, and 1.0 is none to a provider that counts tokens.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= TOKENS_MAX:
        raise Malformed(repr(value)[:50])
    return value


def part(number: int, whole: int) -> int:
    """A count that is inside another one. Raises Malformed where it is larger."""
    if number > whole:
        raise Malformed(f"{number} of {whole}")
    return number


def text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def items(value: object) -> list[Mapping[str, Any]]:
    """The tables of a list; nothing where there is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def pairs(**counts: int) -> tuple[tuple[str, int], ...]:
    """Those that are not zero."""
    return tuple((name, number) for name, number in counts.items() if number)
