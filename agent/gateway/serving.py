"""The process: its parts put together, its doors opened, until it is told to end."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
import uvloop

from agent.gateway.app import GatewayApp
from agent.gateway.bodies import Room
from agent.gateway.calls import Admission
from agent.gateway.connecting import Connections
from agent.gateway.holders import Holders
from agent.gateway.protocol import GatewayProtocol
from agent.gateway.purse import QuickPurse
from agent.gateway.relay import Relay
from agent.gateway.remote import Remote
from agent.gateway.upstreams import Upstream
from agent.notify import Notifier, watchdog_interval_seconds
from agent.server.loop import listen_on_tcp
from data.home import Home
from models.errors import ConfigError
from models.messages import say
from models.settings.gateway import Gateway
from sallim.guard.bounding import Owner
from sallim.guard.labels import Labels
from sallim.guard.metering import Meter
from sallim.guard.spending import FilePurse, close_all
from sallim.ledger.errors import LedgerError

log = logging.getLogger(__name__)

THREADS = 4
"""For the ledger, which lets one write at a time, and may make it wait."""
END_SECONDS = 10
"""What is on its way when it is told to end may take so long; then it is left."""
HEARTBEAT_SECONDS = 10.0
FOLDER_MODE = 0o2770
"""As the installer makes the ledger's folder."""


def open_doors(settings: Gateway) -> list[socket.socket]:
    """Raises ConfigError for an address that cannot be had."""
    doors = []
    for host, port in settings.addresses:
        try:
            doors.append(listen_on_tcp(host, port))
        except OSError as error:
            raise ConfigError(
                say(
                    "[gateway] cannot listen on {address} ({reason}); name another port, or wait "
                    "until this machine has the address",
                    address=f"{host}:{port}",
                    reason=error.strerror or str(error),
                )
            ) from error
    return doors


def serve(
    home: Home, settings: Gateway, upstreams: Mapping[str, Upstream], doors: list[socket.socket]
) -> None:
    """Until SIGTERM or SIGINT."""
    home.ledger_folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    quick, purse = QuickPurse(str(home.ledger)), FilePurse(str(home.ledger))
    with ThreadPoolExecutor(THREADS, "ledger") as threads:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(home, settings, upstreams, doors, (quick, purse), threads))
        finally:
            close_all()
            quick.close()
            purse.close()


async def _serve(
    home: Home,
    settings: Gateway,
    upstreams: Mapping[str, Upstream],
    doors: list[socket.socket],
    purses: tuple[QuickPurse, FilePurse],
    threads: ThreadPoolExecutor,
) -> None:
    quick, purse = purses
    loop = asyncio.get_running_loop()

    async def aside(function: Callable[..., Any], *args: Any) -> Any:
        return await loop.run_in_executor(threads, function, *args)

    connections = Connections()
    app = GatewayApp(
        Holders(home),
        Admission(
            upstreams,
            Meter(lambda: quick, Labels(), owner=_owner(settings)),
            Meter(lambda: purse, Labels(), owner=_owner(settings)),
            purse,
            Room(settings.body_max_mb * 1_000_000, settings.client_timeout_seconds),
            aside,
        ),
        Relay(connections, aside, settings.timeout_seconds, settings.client_timeout_seconds),
        Remote(purse),
        lambda: _trouble(purse),
    )
    server = _Quiet(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    beat = asyncio.create_task(_beat(Notifier(os.environ.get("NOTIFY_SOCKET"))))
    await server.serve(sockets=doors)
    beat.cancel()
    await connections.close()


class _Quiet(uvicorn.Server):
    """uvicorn that sleeps until it is told to end, and leaves the signals to us."""

    def __init__(self, app: GatewayApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=GatewayProtocol,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                proxy_headers=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=END_SECONDS,
            )
        )
        self._ending = asyncio.Event()

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        # Its own would take the signals for itself, and raise them again at the end.
        await self._serve(sockets)

    async def main_loop(self) -> None:
        await self._ending.wait()

    def end(self) -> None:
        self.should_exit = True
        self._ending.set()


def _owner(settings: Gateway) -> Owner:
    return Owner(settings.media_max_seconds or None, settings.tool_calls_max or None)


def _trouble(purse: FilePurse) -> str:
    """Why nothing can be spent, "" if it can. Anybody may ask, so it reads one row and no more."""
    try:
        purse.accounts.exchange_for("")
    except LedgerError as trouble:
        return str(trouble)
    return ""


async def _beat(notifier: Notifier) -> None:
    interval_seconds = watchdog_interval_seconds(os.environ) or HEARTBEAT_SECONDS
    notifier.ready()
    while True:
        notifier.watchdog()
        await asyncio.sleep(interval_seconds)
