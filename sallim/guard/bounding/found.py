"""What a walk through a body finds that is no text, or that the body does not bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sallim.guard.refusing import UNPRICED_TOOL, Refusal

VIDEO_TOKENS_FRAME, SOUND_TOKENS_SECOND = 290, 32
"""Of Gemini: at most 280 a frame and a timestamp; 32 a second of sound.

ai.google.dev/gemini-api/docs/tokens and .../media-resolution, November 2026."""
TOOLS_OVERHEAD = 1_500
"""What providers add to a prompt with tools, beside what the body says of them: Anthropic up to
1,200 with a computer (platform.claude.com, tool use pricing), others less."""
DIGITS_MAX = 20


class Owner(NamedTuple):
    """What the owner says bounds calls, None where nothing is said; what is known of files.

    `seconds_by_uri` are durations that the provider itself told when a file was looked at,
    `tokens_by_contents` what it counted.
    """

    max_media_seconds: int | None = None
    max_tool_calls: int | None = None
    seconds_by_uri: Mapping[str, int] = {}
    tokens_by_contents: Mapping[str, int] = {}


class Found:
    """Filled by the walk of one flavour; tokens, except `inline`, which is bytes of the body.

    `extra` is output beside the limit of tokens, `extra_input` what a provider adds to a prompt.
    `again` is how often a provider that carries tools out itself reads all of the prompt once more.
    `unbounded` names what only the model's maximum bounds, by its kind: text, media, audio, or
    stored, which is any of them.
    """

    def __init__(self, owner: Owner, image_tokens: int) -> None:
        self.owner = owner
        self._image_tokens = image_tokens
        self.inline = self.extra = self.extra_input = self.audio = self.media = self.again = 0
        self.unbounded: dict[str, str] = {}
        self.tools: dict[str, int] = {}
        self.output: int | None = None
        self.context: dict[str, str] = {}
        self.refused: Refusal | None = None

    def image(self, data: object = None) -> None:
        """One picture; `data` is its base64 or data URL where it is sent along.

        Providers scale it down, so its tokens are bounded wherever it comes from.
        """
        self.media += self._image_tokens
        if isinstance(data, str) and (not data.startswith("http")):
            self.inline += len(data)

    def sound(self, seconds: int | None, per_second: int, what: str) -> None:
        seconds = self.owner.max_media_seconds if seconds is None else seconds
        if seconds is None:
            self.unbounded.setdefault("audio", what)
        else:
            self.audio += seconds * per_second

    def video(self, seconds: int | None, frames_a_second: int, what: str) -> None:
        seconds = self.owner.max_media_seconds if seconds is None else seconds
        if seconds is None:
            self.unbounded.setdefault("audio", what)
        else:
            self.audio += seconds * SOUND_TOKENS_SECOND
            self.media += seconds * VIDEO_TOKENS_FRAME * frames_a_second

    def stored(self, what: str) -> None:
        """Text that the provider has and the body has not."""
        self.unbounded.setdefault("text", what)

    def kept(self, what: str) -> None:
        """What the provider has and the body has not, and may be sound as well as text."""
        self.unbounded.setdefault("stored", what)

    def document(self, what: str) -> None:
        """Its pages are read as pictures and as text."""
        self.unbounded.setdefault("media", what)

    def uses(self, name: str, most: object) -> None:
        """A tool of the provider's that is paid for by the use, at most so often."""
        self.tools[name] = self.tools.get(name, 0) + self.carries_out(name, most)

    def carries_out(self, name: str, most: object) -> int:
        """A tool of the provider's, at most so often; after each use the model reads all again."""
        count = self.owner.max_tool_calls if most is None else whole(most)
        if count is None:
            self.refuse(
                f"how often it uses {name} is bounded by nothing.",
                "Give the call its own limit (max_tool_calls of OpenAI, max_uses of Anthropic), or "
                "make the client with guard(max_tool_calls=...).",
            )
        self.again += count or 0
        return count or 0

    def times(self, *counts: object) -> int:
        """How many answers are asked for; one that cannot be read is refused."""
        known = [1 if count is None else whole(count) for count in counts]
        if None in known:
            self.refuse("how many answers it asks for cannot be read.", "Give a whole number.")
        return max(1, *(count or 1 for count in known))

    def refuse(self, message: str, how: str = "") -> None:
        """The first reason is told."""
        if self.refused is None:
            self.refused = Refusal(
                UNPRICED_TOOL,
                message,
                how or "Leave it out, or send the call with a client that has no guard.",
            )


def tables_in(value: object, closed: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    """Every table in a JSON value, but for what stands below the keys `closed`."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        # What json makes; asking for an abstract Mapping takes ten times as long.
        if isinstance(each, dict):
            yield each
            waiting.extend([inner for key, inner in each.items() if key not in closed])
        elif isinstance(each, list):
            waiting.extend(each)


def whole(value: object) -> int | None:
    """A count that the caller set; None where it is no whole number of at least 0.

    JavaScript and Protocol Buffers read 5.0 as 5, and the latter "5" as well.

    >>> whole(5), whole(5.0), whole("5"), whole("5e0"), whole("５"), whole(-5), whole(True)
    (5, 5, 5, None, None, None, None)
    """
    # Digits of other scripts are a number to Python and to nobody who takes calls.
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < DIGITS_MAX:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
