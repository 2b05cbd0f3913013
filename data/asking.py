"""HTTP over the agent's Unix socket: one short question, one connection.

http.client instead of httpx: a socket that refuses is closed at once (httpcore 1.0.9 leaves it
to the garbage collector), and a page of a small household does not load a client library for it.
"""

import http.client
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.errors import AgentSilent

CONNECT_SECONDS = 0.5
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body as they came."""

    status: int
    body: bytes


class _UnixConnection(http.client.HTTPConnection):
    """`timeout` counts for each read; connecting has its own."""

    def __init__(self, path: Path, timeout_seconds: float) -> None:
        super().__init__("agent", timeout=timeout_seconds)
        self._path = path

    def connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(str(self._path))
            connection.settimeout(self.timeout)
        except BaseException:
            connection.close()
            raise
        self.sock = connection


def ask(
    path: Path,
    target: str,
    timeout_seconds: float,
    body: bytes | None = None,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Answer:
    """GET, or POST where there is a body. Raises AgentSilent when no whole answer comes in time."""
    connection = _UnixConnection(path, timeout_seconds)
    try:
        connection.request("GET" if body is None else "POST", target, body, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise AgentSilent(
            f"the agent at {path} does not answer ({type(error).__name__}). "
            "Start it with `make run`, or look at its log."
        ) from error
    finally:
        connection.close()
