"""What is read of an answer while it passes: its usage, or how long a video is."""

import functools
from collections.abc import Mapping

from sallim.guard import abandoned, durations
from sallim.guard.answers import Events, Whole
from sallim.guard.attempts import Attempt

LONG_BYTES = 200_000
Asked = tuple[str, bytes]
"""Path and body of a question that costs nothing, and whose answer bounds calls to come."""


class Along:
    """Of one answer. What it costs, if anything, is settled by `end`, or by `leave`."""

    def __init__(
        self,
        attempt: Attempt | None,
        headers: Mapping[bytes, bytes],
        hides: bool,
        asked: Asked | None,
    ) -> None:
        self._reader = None if attempt is None else _reader(attempt, headers, hides)
        self._asked = asked
        self._told = b""
        self._received = 0
        length = headers.get(b"content-length", b"")
        self._length = int(length) if length.isdigit() else -1
        self.keeps_length = not (hides and isinstance(self._reader, Events))

    def feed(self, part: bytes) -> bytes:
        """What of it goes on."""
        self._received += len(part)
        if self._reader is not None:
            return self._reader.feed(part)
        if self._asked is not None and self._received <= durations.BODY_BYTES_MAX:
            self._told += part
        return part

    @property
    def is_last(self) -> bool:
        """Whether what was fed ends it, and it is not settled: the next call is to find it so."""
        reader = self._reader
        if reader is None or reader.is_over:
            return False
        return reader.done or self._received == self._length

    @property
    def is_long(self) -> bool:
        """Whether others would wait while its usage is read."""
        return isinstance(self._reader, Whole) and self._received > LONG_BYTES

    def rest(self) -> bytes:
        return b"" if self._reader is None else self._reader.rest()

    @property
    def needs_end(self) -> bool:
        return self._asked is not None if self._reader is None else not self._reader.is_over

    def end(self, complete: bool) -> None:
        """May wait for the ledger."""
        if self._reader is not None:
            self._reader.end(complete)
        elif self._asked is not None and complete:
            durations.remember(*self._asked, self._told)

    def leave(self) -> None:
        """The same without waiting, where nothing may be waited for."""
        if self._reader is not None:
            abandoned.later(functools.partial(self._reader.end, False))


def encoding_of(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()


def _reader(attempt: Attempt, headers: Mapping[bytes, bytes], hides: bool) -> Whole | Events:
    encoding = encoding_of(headers)
    kind = headers.get(b"content-type", b"").decode("latin-1")
    if kind.startswith("text/event-stream") and encoding in ("", "identity"):
        return Events(attempt, hides)
    return Whole(attempt, encoding)
