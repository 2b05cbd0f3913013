"""One HTTP request and its answer over an open connection, within one deadline."""

import http.client
import io
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any

from agent.net.deadline import Deadline
from models.addresses import Target

CHUNK_BYTES = 65_536


class TooLongError(Exception):
    """The body goes on beyond what is wanted."""


class CutOffError(Exception):
    """The connection ended in the middle of the answer."""


class _Timed(io.RawIOBase):
    """Reads of a socket that all share one deadline. Closing it leaves the socket open."""

    def __init__(self, link: socket.socket, deadline: Deadline) -> None:
        self._socket = link
        self._deadline = deadline
        self.first_byte_at: float | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(buffer)
        if self.first_byte_at is None:
            self.first_byte_at = time.monotonic()
        return count


class _AsSocket:
    """What http.client wants of a socket to read an answer."""

    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._timed, CHUNK_BYTES)


class Answer:
    """Status and headers of an answer; its body is read once, as far as it is wanted."""

    def __init__(self, response: http.client.HTTPResponse, first_byte_seconds: float) -> None:
        self._response = response
        self.status = response.status
        self.first_byte_seconds = first_byte_seconds
        """From the request that was sent to the first byte of the answer."""

    def header(self, name: str) -> str:
        return self._response.getheader(name) or ""

    @property
    def stays_open(self) -> bool:
        """Whether the connection takes another request, once the body is read to its end."""
        return not self._response.will_close

    def body(self, bytes_max: int) -> bytes:
        """All of it. Raises TooLongError, CutOffError, TimeoutError and OSError."""
        body = b"".join(self._chunks(bytes_max + 1))
        if len(body) > bytes_max:
            raise TooLongError
        return body

    def beginning(self, bytes_max: int) -> bytes:
        """At most so much of it; the rest stays where it is. Raises as `body`, but TooLongError."""
        return b"".join(self._chunks(bytes_max))

    def _chunks(self, bytes_max: int) -> Iterator[bytes]:
        left = bytes_max
        try:
            while left > 0:
                chunk = self._response.read(min(left, CHUNK_BYTES))
                if not chunk:
                    break
                left -= len(chunk)
                yield chunk
        except http.client.HTTPException as error:
            raise CutOffError from error
        if left > 0 and self._response.length:
            raise CutOffError


def ask(
    link: socket.socket,
    target: Target,
    headers: Mapping[str, str],
    deadline: Deadline,
    body: bytes | None = None,
    method: str = "",
) -> Answer:
    """GET the target's path, or POST a body there, or as `method` says.

    Raises TimeoutError, OSError and http.client.HTTPException.
    """
    method = method or ("GET" if body is None else "POST")
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if method != "GET":
        lines.append(f"Content-Length: {len(body or b'')}")
    link.settimeout(deadline.left())
    link.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b""))
    sent_at = time.monotonic()
    timed = _Timed(link, deadline)
    response = http.client.HTTPResponse(_AsSocket(timed), method=method)  # type: ignore[arg-type]
    response.begin()
    return Answer(response, (timed.first_byte_at or sent_at) - sent_at)
