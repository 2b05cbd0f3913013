"""Whether what was started is well: the agent by its own `status`, the app by its health page."""

import http.client
import os
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from deploy.app import app_address
from deploy.commands import Outcome, ask
from deploy.layout import UNITS, Layout

WELL, DEGRADED = 0, 1
"""Exit codes of `python -m agent status`."""

STATUS_SECONDS_MAX = 15.0
PAGE_SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a start may take, and how long it must then stay well to be believed."""

    seconds: float = 60.0
    settled_seconds: float = 3.0
    look_every_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    well: bool
    account: str
    """What was last seen, in words."""


def status_of(layout: Layout) -> Outcome:
    """What the release that runs says about its agent."""
    environ = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "SALLIM_HOME": str(layout.home),
        "SALLIM_CONFIG": str(layout.settings),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    python = str(layout.current / ".venv/bin/python")
    command = [python, "-m", "agent", "status", "--home", str(layout.home)]
    return ask(command, layout.current, environ, STATUS_SECONDS_MAX)


def agent_listens(layout: Layout) -> bool:
    """True while a process holds the socket, even one that hangs."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(PAGE_SECONDS_MAX)
        try:
            caller.connect(str(layout.socket))
        except OSError:
            return False
    return True


def await_health(
    layout: Layout, units: Sequence[str], accepted: Collection[int], patience: Patience
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


def _look(layout: Layout, units: Sequence[str], accepted: Collection[int]) -> Verdict:
    agent, app = UNITS
    if agent in units:
        status = status_of(layout)
        if status.code not in accepted:
            return Verdict(False, f"the agent is not well: {status.output or 'no answer'}")
    if app in units:
        host, port = app_address(layout.settings)
        if not _page_answers(host, port):
            return Verdict(False, f"the app does not answer at http://{host}:{port}")
    return Verdict(True, "all is well")


def _page_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=PAGE_SECONDS_MAX)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
