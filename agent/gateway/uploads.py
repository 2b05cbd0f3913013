"""Uploads in parts: the first request is answered with an address for the others.

Google's is its own, for whoever knows it. The caller gets one of the gateway instead, with a number
that nobody guesses; where it leads and whose token began it are kept here, and in memory alone.
"""

import secrets
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from agent.gateway.refusing import Refused
from agent.gateway.upstreams import PORTS, Upstream

PREFIX = "/v1/sallim/upload/"
ADDRESSES = (b"x-goog-upload-url", b"x-goog-upload-control-url")
REMEMBERED_MAX = 1_000
REMEMBERED_SECONDS = 6 * 3_600.0
LENGTH_MAX = 4_000


class Upload(NamedTuple):
    """`path` and `query` are as a caller would ask the gateway for it."""

    path: bytes
    query: bytes
    token: str
    until: float


class Uploads:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[str, Upload] = {}

    def own_address(self, address: bytes, upstream: Upstream, token: str, base: str) -> bytes:
        """What the caller gets instead. Raises Refused for an address of somebody else."""
        path, query = _below(address, upstream)
        while len(self._known) >= REMEMBERED_MAX:
            del self._known[next(iter(self._known))]
        number = secrets.token_urlsafe(24)
        until = self._monotonic() + REMEMBERED_SECONDS
        self._known[number] = Upload(path, query, token, until)
        return f"{base}{PREFIX}{number}".encode()

    def find(self, path: str) -> Upload:
        """Raises Refused."""
        found = self._known.get(path.removeprefix(PREFIX))
        if found is None or found.until < self._monotonic():
            raise Refused(
                404,
                "this upload is not known here: it was begun hours ago, or before the gateway "
                "was started anew. Upload the file from its beginning.",
            )
        return found


def _below(address: bytes, upstream: Upstream) -> tuple[bytes, bytes]:
    try:
        parts = urlsplit(address.decode("ascii"))
        place = (parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme))
    except ValueError:
        raise _elsewhere(upstream) from None
    prefix = upstream.prefix.decode()
    is_there = place == (upstream.scheme, upstream.host, upstream.port)
    if not is_there or not parts.path.startswith(f"{prefix}/") or len(address) > LENGTH_MAX:
        raise _elsewhere(upstream)
    path = f"/{upstream.name}{parts.path[len(prefix) :]}"
    return path.encode(), parts.query.encode()


def _elsewhere(upstream: Upstream) -> Refused:
    return Refused(
        502, f"{upstream.name} wants the file at an address that is not its own; none is asked"
    )
