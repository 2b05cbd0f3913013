"""Whether what was started is well: the agent by its `GET /health`, the app by its health page."""

import http.client
import json
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.app import app_address
from deploy.layout import UNITS, Layout

WELL, DEGRADED = "ok", "degraded"
"""What `GET /health` says under "status"."""

ANSWER_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a start may take, and how long it must then stay well to be believed.

    `before_seconds` is for the old release: it may have been started a moment ago.
    """

    seconds: float = 60.0
    settled_seconds: float = 3.0
    look_every_seconds: float = 1.0
    before_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class Verdict:
    well: bool
    account: str
    """What was last seen, in words."""


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, as the agent speaks it."""

    def __init__(self, path: Path) -> None:
        super().__init__("agent", timeout=ANSWER_SECONDS_MAX)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_SECONDS_MAX)
        self.sock.connect(str(self._path))


def health_of(layout: Layout) -> dict[str, Any] | None:
    """What `GET /health` answers; None when there is no answer that makes sense."""
    connection = _UnixConnection(layout.socket)
    try:
        connection.request("GET", "/health")
        shape = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return shape if isinstance(shape, dict) else None


def agent_listens(layout: Layout) -> bool:
    """True while a process holds the socket, even one that hangs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(ANSWER_SECONDS_MAX)
        try:
            caller.connect(str(layout.socket))
        except OSError:
            return False
    return True


def await_health(
    layout: Layout, units: Sequence[str], accepted: Collection[str], patience: Patience
) -> Verdict:
    """Look until all units have been well for a while without a break, or the time is over."""
    until = time.monotonic() + patience.seconds
    well_since: float | None = None
    while True:
        verdict = _look(layout, units, accepted)
        now = time.monotonic()
        well_since = (well_since or now) if verdict.well else None
        if well_since is not None and now - well_since >= patience.settled_seconds:
            return verdict
        if now >= until and well_since is None:
            return verdict
        time.sleep(patience.look_every_seconds)


def _look(layout: Layout, units: Sequence[str], accepted: Collection[str]) -> Verdict:
    agent, app = UNITS
    if agent in units:
        health = health_of(layout)
        if health is None:
            return Verdict(False, f"the agent does not answer at {layout.socket}")
        if health.get("status") not in accepted:
            return Verdict(False, f"the agent says: {'; '.join(_problems(health))}")
    if app in units:
        host, port = app_address(layout.settings)
        if not _page_answers(host, port):
            return Verdict(False, f"the app does not answer at http://{host}:{port}")
    return Verdict(True, "all is well")


def _problems(health: dict[str, Any]) -> list[str]:
    try:
        return [str(p["template"]).format(**p["values"]) for p in health["problems"]]
    except (KeyError, TypeError, AttributeError, ValueError):
        return [str(health.get("status"))]


def _page_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS_MAX)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
