"""Bodies of requests: never longer than they may be, never more of them than there is room for."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from agent.gateway.refusing import Refused

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
ROOMS = 3
"""So many of the longest bodies are held at a time; further ones are told to come again."""


class CallerLeft(Exception):
    """Nobody is there any more who could be answered."""


class Room:
    """What the bodies of all requests together take; for one event loop."""

    def __init__(self, bytes_max: int, seconds: float) -> None:
        self.bytes_max = bytes_max
        self.seconds = seconds
        self.held = 0


class Body:
    """One of them, for as long as its request lasts."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._room.held -= self._size

    async def read(self, receive: Receive, told_length: str) -> bytes:
        """Raises Refused, and CallerLeft. Nothing beyond the limit is kept."""
        if told_length.isdecimal() and int(told_length[:20]) > self._room.bytes_max:
            raise self._too_long()
        parts: list[bytes] = []
        while True:
            try:
                async with asyncio.timeout(self._room.seconds):
                    message = await receive()
            except TimeoutError:
                raise Refused(408, "the rest of the body did not come") from None
            if message["type"] == "http.disconnect":
                raise CallerLeft
            part: bytes = message.get("body", b"")
            self._take(len(part))
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    def _take(self, size: int) -> None:
        self._size += size
        self._room.held += size
        if self._size > self._room.bytes_max:
            raise self._too_long()
        if self._room.held > ROOMS * self._room.bytes_max:
            raise Refused(503, "too many long requests at once", (b"retry-after", b"2"))

    def _too_long(self) -> Refused:
        most = self._room.bytes_max // 1_000_000
        return Refused(413, f"the body is longer than {most} MB (`body_max_mb` below [gateway])")


def says_twice(content: bytes) -> bool:
    """Whether an object of this JSON has a name twice: readers differ in which of them they take.

    >>> says_twice(b'{"model": "small", "model": "large"}'), says_twice(b"no JSON")
    (True, False)
    """

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            raise _Twice

    try:
        json.loads(content, object_pairs_hook=once)
    except _Twice:
        return True
    except (ValueError, RecursionError):
        return False
    return False


class _Twice(Exception):
    pass
