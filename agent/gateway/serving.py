"""The process: its parts put together, its doors opened, until it is told to end."""

import asyncio
import functools
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import uvloop

from agent.gateway.app import GatewayApp
from agent.gateway.bodies import Room
from agent.gateway.connecting import Connections
from agent.gateway.holders import Holders
from agent.gateway.protocol import GatewayProtocol
from agent.gateway.purse import QuickPurse
from agent.gateway.remote import Remote
from agent.gateway.terms import Load, Means, Terms, read_certificate
from agent.notify import Notifier, watchdog_interval_seconds
from agent.server.loop import listen_on_tcp
from agent.server.sleeping import SleepingServer
from data.home import Home
from data.locks import FileLock
from models.errors import ConfigError
from models.messages import say
from models.settings.gateway import Gateway
from sallim.guard.spending import FilePurse, close_all
from sallim.ledger.errors import LedgerError

log = logging.getLogger(__name__)

THREADS = 4
"""For the ledger, which lets one write at a time, and may make it wait."""
END_SECONDS = 10
"""What is on its way when it is told to end may take so long; then it is left."""
HEARTBEAT_SECONDS = 10.0
HANDSHAKE_SECONDS = 5.0
LOCK_SECONDS = 0.2
"""Whoever asks who holds it takes it for a moment."""
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


def serve(home: Home, terms: Terms, doors: list[socket.socket], load: Load) -> None:
    """Until SIGTERM or SIGINT. SIGHUP takes over what `load` gives."""
    home.ledger_folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    quick, purse = QuickPurse(str(home.ledger)), FilePurse(str(home.ledger))
    with ThreadPoolExecutor(THREADS, "ledger") as threads:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(home, terms, doors, load, (quick, purse, threads)))
        finally:
            close_all()
            quick.close()
            purse.close()


async def _serve(
    home: Home,
    terms: Terms,
    doors: list[socket.socket],
    load: Load,
    parts: tuple[QuickPurse, FilePurse, ThreadPoolExecutor],
) -> None:
    quick, purse, threads = parts
    loop = asyncio.get_running_loop()

    async def aside(function: Callable[..., Any], *args: Any) -> Any:
        return await loop.run_in_executor(threads, function, *args)

    connections = Connections()
    means = Means(quick, purse, connections, Room(0, 0), aside)
    app = GatewayApp(Holders(home), *means.on(terms), Remote(purse), lambda: _trouble(purse))
    server = _Quiet(app, terms.settings)
    notifier = Notifier(os.environ.get("NOTIFY_SOCKET"))
    hung_up = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    beside = [
        asyncio.create_task(_beat(notifier)),
        asyncio.create_task(_reload(hung_up, Reloading(terms, load, means, app, server, notifier))),
    ]
    with _known_as(home):
        await server.serve(sockets=doors)
    for task in beside:
        task.cancel()
    await connections.close()


@contextmanager
def _known_as(home: Home) -> Iterator[None]:
    """Where `python -m agent reload` finds the process. A second one at this home goes unfound."""
    lock = FileLock(home.gateway_lock)
    if lock.acquire(LOCK_SECONDS):
        lock.write(str(os.getpid()))
    yield
    lock.release()


class _Quiet(SleepingServer):
    """It leaves the signals to us."""

    def __init__(self, app: GatewayApp, settings: Gateway) -> None:
        super().__init__(
            app,
            GatewayProtocol,
            END_SECONDS,
            proxy_headers=False,
            ssl_certfile=settings.tls_cert or None,
            ssl_keyfile=settings.tls_key or None,
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        # Its own would take the signals for itself, and raise them again at the end.
        await self._serve(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Its own would wait a minute for who connects and begins no TLS."""
        config = self.config
        made = {"server_state": self.server_state, "app_state": self.lifespan.state}
        protocol = functools.partial(GatewayProtocol, config=config, **made)
        seconds = None if config.ssl is None else HANDSHAKE_SECONDS
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                protocol,
                sock=each,
                ssl=config.ssl,
                ssl_handshake_timeout=seconds,
                backlog=config.backlog,
            )
            for each in sockets or ()
        ]
        self.started = True

    def end(self) -> None:
        self.should_exit = True
        self.ending.set()


@dataclass(slots=True)
class Reloading:
    """`terms` are those in force."""

    terms: Terms
    load: Load
    means: Means
    app: GatewayApp
    server: _Quiet
    notifier: Notifier

    def take_over(self, terms: Terms) -> None:
        """Raises ConfigError for a certificate; then nothing has changed."""
        context = self.server.config.ssl
        if context is not None and terms.settings.tls_cert:
            read_certificate(context, terms.settings)
        self.app.take_over(*self.means.on(terms))
        restart = self.terms.needs_restart(terms)
        if restart:
            log.warning(
                "%s of [gateway] holds from the next start of the gateway on", ", ".join(restart)
            )
        # What it listens at stays, so that it is compared with that the next time, too.
        kept = {name: getattr(self.terms.settings, name) for name in restart}
        self.terms = replace(terms, settings=terms.settings.model_copy(update=kept))


async def _reload(asked: asyncio.Event, reloading: Reloading) -> None:
    while True:
        await asked.wait()
        asked.clear()
        reloading.notifier.reloading()
        try:
            terms = await reloading.means.aside(reloading.load)
            reloading.take_over(terms)
        except ConfigError as error:
            log.error("nothing of the settings was taken over: %s", error)
        except Exception:
            log.exception("the settings could not be taken over; those before stay in force")
        else:
            log.info("new settings are in force; there are keys for %s", ", ".join(terms.ready))
        reloading.notifier.ready()


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
