"""The agent as a whole: what is started, in which order, and how it ends."""

import gc
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.composing import compose
from agent.connecting import Connecting
from agent.doors import Behind, open_doors
from agent.lean import give_back_memory
from agent.notify import Notifier, watchdog_interval_seconds
from agent.sampling import Clocks, start_all
from agent.server import ServerLoop
from data.home import Home
from data.ops.store import Store
from data.settings_file import LoadedSettings
from models.watchdog import Tick, silent_loops

log = logging.getLogger(__name__)

SUPERVISOR_SECONDS = 10.0
REOPEN_SECONDS_MAX = 2.0
FIRST_ROUND_SECONDS_MAX = 10.0
FLUSH_SECONDS_MAX = 4.0
"""Of the five seconds that a SIGTERM leaves."""
MESSAGES_SECONDS_MAX = 0.5
"""What is being sent when the agent ends goes once more after its next start."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the agent needs of the world besides its home."""

    clocks: Clocks
    notifier: Notifier
    load_settings: Callable[[], LoadedSettings]
    settings_target: Path | None = None
    """The settings file that is read; None where there is none yet."""
    socket_mode: int = 0o600


class Agent:
    """Build it, `run()` it; `stop()` and `ask_reload()` may be called from a signal handler."""

    def __init__(self, home: Home, store: Store, loaded: LoadedSettings, outside: Outside) -> None:
        self._home = home
        self._loaded = loaded
        self._outside = outside
        self._clocks = outside.clocks
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._wake = threading.Event()
        self._supervised_at = self._clocks.monotonic()
        self._started_with = loaded.settings
        self._parts = compose(home, store, loaded.settings, self._clocks)
        self._view = self._parts.view
        self._view.loops = self._ticks
        self._connecting = Connecting(
            home,
            outside.settings_target or home.path / "sallim.toml",
            loaded.settings.house.timezone,
            self.ask_reload,
        )
        steering = self._parts.steering
        self._people, self._sign_in = steering.people(outside.socket_mode), steering.sign_in()
        self._server: ServerLoop | None = None

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def ask_reload(self) -> None:
        self._reload.set()
        self._wake.set()

    def run(self) -> None:
        """Serve until `stop()`; everything acknowledged and everything folded is on disk then."""
        self._apply(self._loaded)
        self._open_server()
        self._parts.store_loop.start()
        self._parts.steering.start()
        self._wait_for_first_round()
        # What was loaded to start lives as long as the process: no search for garbage in it.
        gc.collect()
        gc.freeze()
        give_back_memory()
        self._outside.notifier.ready()
        log.info("watching %s from %s", self._view.identity.machine, self._home.path)
        self._supervise()
        self._end()

    def _open_server(self) -> None:
        """Serve; also once more, when somebody removed the socket under a running agent."""
        if self._server is not None:
            log.error("%s is gone; it is opened again", self._home.socket)
            self._server.stop(REOPEN_SECONDS_MAX)
        doors, missing = open_doors(
            self._home,
            self._started_with,
            Behind(self._view, self._parts.intake, self._connecting, self._sign_in, self._people),
            self._outside.socket_mode,
            self._clocks.wall,
        )
        self._view.listener_problem = missing
        if missing is not None:
            log.error("%s", missing)
        self._server = ServerLoop(doors, self._clocks.monotonic)
        self._server.start()

    def _supervise(self) -> None:
        notifier = self._outside.notifier
        ping_seconds = watchdog_interval_seconds(os.environ)
        while not self._stop.is_set():
            now = self._supervised_at = self._clocks.monotonic()
            if self._reload.is_set():
                self._reload.clear()
                self._take_over_settings()
            self._parts.sinks.board.forget_silent(self._clocks.wall())
            if not self._home.socket.exists() and self._home.path.is_dir():
                self._open_server()
            silent = silent_loops(self._ticks(), now)
            if silent:
                log.error("no watchdog ping: %s do not tick", ", ".join(silent))
            elif ping_seconds is not None:
                notifier.watchdog()
            self._wake.wait(min(SUPERVISOR_SECONDS, ping_seconds or SUPERVISOR_SECONDS))
            self._wake.clear()

    def _wait_for_first_round(self) -> None:
        """Ready means that every source has answered once, or has had its time."""
        until = self._clocks.monotonic() + FIRST_ROUND_SECONDS_MAX
        while not self._stop.is_set() and self._clocks.monotonic() < until:
            if all(runner.answered for runner in self._view.runners):
                return
            self._wake.wait(0.1)

    def _take_over_settings(self) -> None:
        self._outside.notifier.reloading()
        loaded = self._outside.load_settings()
        if loaded.error is not None:
            log.error("%s", loaded.error)
        self._apply(loaded)
        self._outside.notifier.ready()

    def _apply(self, loaded: LoadedSettings) -> None:
        self._parts.take_over(loaded)
        start_all(self._view.runners)

    def _ticks(self) -> dict[str, Tick]:
        ticks = {
            "supervisor": Tick(self._supervised_at, SUPERVISOR_SECONDS),
            "store": Tick(self._parts.store_loop.ticked_at, self._parts.store_loop.period_seconds),
            "outbox": self._parts.steering.messages.tick(),
            "budget": self._parts.steering.watch.tick(),
            "waiting": self._parts.steering.waiting.tick(),
            "months": self._parts.steering.months.tick(),
            "demand": self._parts.steering.demand.tick(),
            "planning": self._parts.steering.planning.tick(),
        }
        if self._server is not None:
            ticks["server"] = Tick(self._server.ticked_at, self._server.period_seconds)
        return ticks

    def _end(self) -> None:
        log.info("stopping: the last samples go to the store")
        self._outside.notifier.stopping()
        self._parts.stop_runners()
        self._parts.steering.stop(MESSAGES_SECONDS_MAX)
        if not self._parts.store_loop.stop(FLUSH_SECONDS_MAX):
            log.error("the store did not take the last samples in time; they are lost")
        if self._server is not None:
            self._server.stop(0.5)
        self._home.socket.unlink(missing_ok=True)
