"""Answers on their way to the caller: read along, settled when they end, however they end."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from sallim.guard.attempts import Attempt
from sallim.usage import StreamUsage, usage_of

WHOLE_BYTES_MAX = 64_000_000
"""Of an answer that is kept to be read for its usage; a longer one is settled at its worst."""
EVENT_BYTES_MAX = 32_000_000
EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
DONE = b"[DONE]"
LAST = "message_stop"
"""The type of Anthropic's last event. A text may say the word as well."""
NULL_USAGE = re.compile(rb'"usage"\s*:\s*null')


class Whole:
    """An answer in one piece."""

    def __init__(self, attempt: Attempt, encoding: str) -> None:
        self._attempt = attempt
        self._encoding = encoding
        self._parts: list[bytes] = []
        self._size = 0
        self.done = False

    def feed(self, part: bytes) -> bytes:
        self._size += len(part)
        if self._size <= WHOLE_BYTES_MAX:
            self._parts.append(part)
        return part

    @property
    def is_over(self) -> bool:
        return self._attempt.is_over

    def rest(self) -> bytes:
        return b""

    def end(self, complete: bool) -> None:
        """Settle it. What was cut is paid for as a whole: it was made before it was sent."""
        if self._attempt.is_over:
            return
        body = self._body() if complete else None
        usage = usage_of(self._attempt.call.flavour, body) if isinstance(body, dict) else None
        if usage is None and isinstance(body, list):
            usage = _of_list(self._attempt.call.flavour, body)
        if usage is not None:
            self._attempt.settle(usage)
        elif isinstance(body, dict) and body.get("status") in ("queued", "in_progress"):
            # A response in the background: it is made after it is answered.
            self._attempt.in_doubt()
        else:
            self._attempt.settle_estimated(None, None, "" if complete else "cut")
        self._parts.clear()

    def _body(self) -> Any:
        if self._size > WHOLE_BYTES_MAX:
            return None
        try:
            return json.loads(plain(b"".join(self._parts), self._encoding))
        except (ValueError, zlib.error, RecursionError):
            return None


def plain(content: bytes, encoding: str) -> bytes:
    """Raises zlib.error or ValueError; the transport asks for nothing but these encodings."""
    if encoding in ("", "identity"):
        return content
    if encoding == "gzip":
        return _inflated(content, 16 + zlib.MAX_WBITS)
    if encoding == "deflate":
        try:
            return _inflated(content, zlib.MAX_WBITS)
        except zlib.error:
            return _inflated(content, -zlib.MAX_WBITS)
    raise ValueError(encoding)


def _inflated(content: bytes, kind: int) -> bytes:
    """A thousandth of what comes out may have come in, so it must not be more than there may be."""
    inflater = zlib.decompressobj(kind)
    plain_content = inflater.decompress(content, WHOLE_BYTES_MAX)
    if not inflater.eof:
        raise zlib.error("it is cut, or longer than any answer")
    return plain_content


def _of_list(flavour: str, chunks: list[Any]) -> Any:
    """Gemini's stream without alt=sse is one JSON list of its chunks."""
    stream = StreamUsage(flavour)
    for chunk in chunks:
        stream.feed(chunk)
    return stream.usage if stream.ended else None


class Events:
    """A stream of server-sent events (WHATWG HTML, 9.2).

    With `hides`, the chunk that only Sallim asked for is left out of what `feed` gives back.
    """

    def __init__(self, attempt: Attempt, hides: bool) -> None:
        self._attempt = attempt
        self._flavour = attempt.call.flavour
        self._hides = hides
        self._usage = StreamUsage(self._flavour)
        self._buffer = b""
        self._received = 0
        self.done = False

    @property
    def is_over(self) -> bool:
        return self._attempt.is_over

    def feed(self, part: bytes) -> bytes:
        """What of it, and of what was held back, goes on to the caller."""
        self._received += len(part)
        self._buffer += part
        kept = []
        while True:
            found = EVENT_END.search(self._buffer)
            if found is None:
                break
            event, self._buffer = self._buffer[: found.end()], self._buffer[found.end() :]
            if self._look(event):
                kept.append(event)
        if len(self._buffer) > EVENT_BYTES_MAX:
            # No provider tells its usage in an event like that.
            kept.append(self._buffer)
            self._buffer = b""
        return b"".join(kept) if self._hides else part

    def rest(self) -> bytes:
        """The end of a stream that ends without an empty line."""
        rest, self._buffer = self._buffer, b""
        shown = not rest or self._look(rest)
        return rest if self._hides and shown else b""

    def end(self, complete: bool) -> None:
        if self._attempt.is_over:
            return
        usage = self._usage.usage
        if self._usage.ended and usage is not None:
            self._attempt.settle(usage)
        else:
            self._attempt.settle_estimated(
                self._received, usage, "without usage" if complete else "cut"
            )

    def _look(self, event: bytes) -> bool:
        """Whether the caller is to see it."""
        data = b"\n".join(
            line[5:].lstrip() for line in event.splitlines() if line.startswith(b"data:")
        )
        if data == DONE:
            self.done = True
            return True
        if not self._may_tell(data):
            return True
        try:
            shape = json.loads(data)
        except (ValueError, RecursionError):
            return True
        if not isinstance(shape, dict):
            return True
        self._usage.feed(shape)
        if self._flavour == "openai.responses" and self._usage.ended:
            self.done = True
        if self._flavour == "anthropic" and shape.get("type") == LAST:
            self.done = True
        return not (self._hides and shape.get("choices") == [] and shape.get("usage"))

    def _may_tell(self, data: bytes) -> bool:
        """Most chunks hold nothing of interest and are not parsed."""
        if self._flavour == "gemini":
            return bool(data)
        if self._flavour == "anthropic" and LAST.encode() in data:
            return True
        return b"usage" in data and (
            self._flavour != "openai.chat" or NULL_USAGE.search(data) is None
        )
