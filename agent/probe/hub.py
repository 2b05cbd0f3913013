"""Talking to the hub: one push, one answer, or a sentence that says why not.

http.client instead of a library: the probe runs on a bare Python and pays for every megabyte.
"""

import gzip
import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from agent.probe.troubles import no_answer, trouble
from models.errors import ConfigError, SourceRefused
from models.messages import say
from models.redaction import redact

TIMEOUT_SECONDS = 10.0
ANSWER_BYTES_MAX = 65_536
GZIP_LEVEL = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """The hub has stored everything of the run up to `stored`; its clock said `at`."""

    stored: int
    at: float
    round_trip_seconds: float
    hub: str


class Hub:
    """`abort` may be called from another thread; `push` is for one at a time."""

    def __init__(self, url: str, token: str, ca_file: str | None = None) -> None:
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ConfigError(
                say(
                    "{url} is no address of a hub; write it like http://10.0.0.1:9464, as "
                    "server.listen of the hub says, and never with a password in it",
                    url=redact(url),
                )
            )
        if not (token.isascii() and token.isprintable()):
            raise ConfigError(
                say("SALLIM_TOKEN holds what no token holds: set it to what the hub printed")
            )
        self.url = url.rstrip("/")
        self._host = parts.hostname
        self._port = _port_of(url)
        self._path = parts.path
        self._token = token
        self._tls = _tls_of(ca_file) if parts.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None
        self._lock = threading.Lock()

    def push(self, text: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Taken:
        """Raises SourceUnreachable: try again. SourceRefused: a person must act. BucketRefused."""
        started = time.monotonic()
        status, headers, body = self._answer(text, timeout_seconds)
        round_trip_seconds = time.monotonic() - started
        shape = _json_of(body)
        if status != 200:
            raise trouble(status, headers, str(shape.get("error") or ""), self.url)
        stored, at = shape.get("stored"), shape.get("at")
        if not isinstance(stored, int) or not isinstance(at, int | float):
            raise SourceRefused(
                "hub",
                say(
                    "what answers at {url} is no hub: --to must be the address that server.listen "
                    "of the hub's settings names",
                    url=self.url,
                ),
            )
        return Taken(stored, float(at), round_trip_seconds, str(shape.get("hub") or ""))

    def abort(self) -> None:
        """Give up a push that is under way; it ends as if the hub had not answered."""
        with self._lock, suppress(OSError):
            if self._connection is not None and self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _answer(self, text: str, timeout_seconds: float) -> tuple[int, Any, bytes]:
        # mtime: what is told twice is the same bytes twice.
        packed = gzip.compress(text.encode(), GZIP_LEVEL, mtime=0)
        connection = self._connected(timeout_seconds)
        try:
            connection.request(
                "POST",
                f"{self._path}/push",
                packed,
                {
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json",
                    "Content-Encoding": "gzip",
                    "Connection": "close",
                },
            )
            response = connection.getresponse()
            return response.status, response.headers, _body_of(response)
        except (OSError, http.client.HTTPException) as error:
            raise no_answer(error, self.url) from error
        finally:
            with self._lock:
                self._connection = None
            connection.close()

    def _connected(self, timeout_seconds: float) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection
        if self._tls is None:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout_seconds)
        else:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout_seconds, context=self._tls
            )
        with self._lock:
            self._connection = connection
        return connection


def _body_of(response: http.client.HTTPResponse) -> bytes:
    """As much as an answer may have. Raises IncompleteRead for one that ends too early."""
    body = response.read(ANSWER_BYTES_MAX)
    if response.length and len(body) < ANSWER_BYTES_MAX:
        raise http.client.IncompleteRead(body, response.length)
    return body


def _json_of(body: bytes) -> dict[str, Any]:
    try:
        shape = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return shape if isinstance(shape, dict) else {}


def _port_of(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as error:
        raise ConfigError(
            say("{url} has a port that is none; it takes 1 to 65535", url=redact(url))
        ) from error


def _tls_of(ca_file: str | None) -> Any:
    import ssl

    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ConfigError(
            say(
                "{path} cannot be read as certificates ({reason}): name a PEM file with --ca",
                path=str(ca_file),
                reason=error.strerror or str(error),
            )
        ) from error
