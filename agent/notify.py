"""What the service manager is told: sd_notify(3) in the few lines that it takes.

Without a manager (NOTIFY_SOCKET is not set) everything here does nothing.
"""

import logging
import os
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)

SEND_SECONDS_MAX = 1.0
"""A manager that does not read its socket must not hold up the agent."""


class Notifier:
    """Sends datagrams to the manager's socket: a path, or an abstract name that starts with @."""

    def __init__(self, address: str | None) -> None:
        abstract = address is not None and address.startswith("@")
        self._address = "\0" + str(address)[1:] if abstract else address

    def ready(self) -> None:
        """Start-up, or a reload that was announced by `reloading`, is done."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Follow it by `ready` when the new settings are in force."""
        # The manager compares this moment with its own, so it is the clock that it reads, too.
        moment_microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send(f"RELOADING=1\nMONOTONIC_USEC={moment_microseconds}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def watchdog(self) -> None:
        """A sign of life; without one for WatchdogSec= the manager restarts the agent."""
        self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(SEND_SECONDS_MAX)
                sender.sendto(state.encode(), self._address)
        except OSError as error:
            # A manager that is gone is no reason to end: the agent's work is elsewhere.
            log.warning("the service manager could not be told %r: %s", state, error)


def watchdog_interval_seconds(environ: Mapping[str, str]) -> float | None:
    """How often the manager wants a sign of life: half of what it allows; None if it wants none.

    A WATCHDOG_PID that is not ours means that the manager spoke to our parent.
    """
    allowed = environ.get("WATCHDOG_USEC", "")
    pid = environ.get("WATCHDOG_PID", "")
    if not allowed.isdecimal() or int(allowed) == 0 or (pid and pid != str(os.getpid())):
        return None
    return int(allowed) / 2 / 1_000_000
