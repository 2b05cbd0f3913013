"""Redis' wire protocol (RESP 2), as much of it as a few questions need.

Not redis-py: it costs the agent 7 to 11 MB, and 2 s of a core when what answers sends 10 MB of
anything. Here an exchange has one deadline and an answer has a size.
"""

import socket
import ssl
import time
from collections.abc import Sequence
from typing import Union
from urllib.parse import parse_qs, unquote, urlsplit

PORT = 6379
ANSWER_BYTES_MAX = 1_000_000
PARTS_MAX = 1000
READ_BYTES = 65_536
KINDS = b"+-:$*"
"""Of answers; an answer begins with one of them."""
Answer = Union[int, str, None, list["Answer"], "Refused"]


class Refused(Exception):
    """Redis answered with an error; the text begins with its code: NOAUTH, NOPERM, ERR ..."""


class NotRedis(Exception):
    """What answers does not speak the protocol."""


class Connection:
    """Raises OSError, Refused or NotRedis. `timeout_seconds` is for each exchange."""

    def __init__(self, url: str, password: str, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._buffer = bytearray()
        self._end = time.monotonic() + timeout_seconds
        self._socket = _connected(url, timeout_seconds)
        try:
            self._introduce(url, password)
        except BaseException:
            self.close()
            raise

    def exchange(self, commands: Sequence[Sequence[str]]) -> "list[Answer]":
        """All commands at once; the answer to a refused one is the refusal."""
        self._end = time.monotonic() + self._timeout_seconds
        self._socket.settimeout(self._timeout_seconds)
        self._socket.sendall(b"".join(map(_packed, commands)))
        return [self._answer() for _ in commands]

    def close(self) -> None:
        self._socket.close()

    def _introduce(self, url: str, password: str) -> None:
        parts = urlsplit(url)
        number = parse_qs(parts.query).get("db", [""])[0] if parts.scheme == "unix" else ""
        number = number or (parts.path.strip("/") if parts.scheme != "unix" else "")
        user = [unquote(parts.username)] if parts.username else []
        commands = [["AUTH", *user, password]] if password else []
        commands += [["SELECT", number]] if number not in {"", "0"} else []
        for answer in self.exchange(commands):
            if isinstance(answer, Refused):
                raise answer

    def _answer(self, *, within: bool = False) -> "Answer":
        line = self._line()
        kind, text = line[:1], line[1:].decode(errors="replace")
        if kind == b"+":
            return text
        if kind == b"-":
            return Refused(text)
        if kind == b":":
            return _number(text)
        length = _number(text) if kind in {b"$", b"*"} else ANSWER_BYTES_MAX + 1
        if length == -1:
            return None
        if not 0 <= length <= (ANSWER_BYTES_MAX if kind == b"$" else PARTS_MAX):
            raise NotRedis
        if kind == b"*":
            if within:
                # Nothing that is asked is answered with a list of lists.
                raise NotRedis
            return [self._answer(within=True) for _ in range(length)]
        return self._taken(length + 2)[:-2].decode(errors="replace")

    def _line(self) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\r\n", searched)) < 0:
            searched = max(len(self._buffer) - 1, 0)
            if searched > READ_BYTES or (self._buffer and self._buffer[0] not in KINDS):
                raise NotRedis
            self._receive()
        return self._taken(end + 2)[:-2]

    def _taken(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _receive(self) -> None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        received = self._socket.recv(READ_BYTES)
        if not received:
            raise ConnectionResetError("it closed the connection")
        self._buffer += received


def _connected(url: str, timeout_seconds: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout_seconds)
        try:
            connection.connect(unquote(parts.path))
        except OSError:
            connection.close()
            raise
        return connection
    host = parts.hostname or "127.0.0.1"
    connection = socket.create_connection((host, parts.port or PORT), timeout_seconds)
    if parts.scheme != "rediss":
        return connection
    try:
        authority = parse_qs(parts.query).get("ssl_ca_certs", [None])[0]
        context = ssl.create_default_context(cafile=authority)
        return context.wrap_socket(connection, server_hostname=host)
    except OSError:
        connection.close()
        raise


def _packed(words: Sequence[str]) -> bytes:
    packed = [word.encode() for word in words]
    head = b"*%d\r\n" % len(packed)
    return head + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in packed)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise NotRedis from error
