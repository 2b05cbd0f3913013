"""Open doors and the loop behind them: one thread serves all addresses."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from agent.patience import PatientProtocol
from agent.server.peers import PEER, peer_of
from agent.server.sleeping import SleepingServer

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
END_SECONDS = 1
"""For requests that are on their way when it is told to end."""


@dataclass(frozen=True, slots=True)
class Door:
    """One address that is served: an open socket, and the application behind it."""

    socket: socket.socket
    app: ASGIApp


def listen_on_path(path: Path, mode: int = 0o600) -> socket.socket:
    """Bind the Unix socket; what an agent that was killed left behind is replaced.

    Call it only while holding the home's lock: then nobody else can be listening here.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(mode)
    listener.listen(128)
    return listener


def listen_on_tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


class _PeeredProtocol(PatientProtocol):
    """It puts into the state of each request who is at the other end, asked once a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        peer = peer_of(transport.get_extra_info("socket"))
        self.app_state = {**self.app_state, PEER: peer}
        super().connection_made(transport)


class ServerLoop:
    """Serves all doors from one thread; `ticked_at` moves while its event loop is alive."""

    period_seconds = HEARTBEAT_SECONDS

    def __init__(self, doors: Sequence[Door], monotonic: Callable[[], float]) -> None:
        self.ticked_at = monotonic()
        self._doors = doors
        self._monotonic = monotonic
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: list[SleepingServer] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def start(self) -> None:
        """Return once the doors are open."""
        self._thread.start()
        self._ready.wait(10)

    def stop(self, seconds: float) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
        self._thread.join(seconds)

    def _end(self) -> None:
        for server in self._servers:
            server.ending.set()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            log.exception("the agent's HTTP server ended")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._servers = [
            SleepingServer(door.app, _PeeredProtocol, END_SECONDS) for door in self._doors
        ]
        heartbeat = asyncio.create_task(self._beat())
        pairs = zip(self._servers, self._doors, strict=True)
        serving = [asyncio.create_task(s.serve(sockets=[d.socket])) for s, d in pairs]
        self._ready.set()
        await asyncio.gather(*serving)
        heartbeat.cancel()

    async def _beat(self) -> None:
        while True:
            self.ticked_at = self._monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)
