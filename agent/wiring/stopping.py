"""What can be stopped: services of the settings, and who knows how."""

import os
import threading
from collections.abc import Callable, Collection, Mapping

from agent.actions.command import Command
from agent.actions.docker import Docker
from agent.actions.gateway_tokens import GatewayTokens
from agent.actions.n8n import N8nWorkflows
from agent.actions.systemd import Systemd
from agent.net.n8n_api import House
from agent.sampling import Clocks
from agent.stopping import Actor, Book, Stopping, Tell, tell_nobody
from data.control import Control
from data.credentials import secret
from data.home import Home
from data.requests import orders
from models.requests.kept import PAUSE
from models.settings import Settings
from models.settings.n8n import N8n

TICK_SECONDS = 1.0


def actors_of(settings: Settings, home: Home, clock: Callable[[], float]) -> Mapping[str, Actor]:
    """By kind of [[service]]; `clock` gives UTC epoch seconds."""
    actors: tuple[Actor, ...] = (
        Systemd(),
        Docker(settings.automation.docker_socket),
        Command(),
        N8nWorkflows({n8n.name: house_of(n8n) for n8n in settings.n8n}),
        GatewayTokens(home, clock),
    )
    return {actor.kind: actor for actor in actors}


def house_of(n8n: N8n) -> House:
    return House(n8n.url, lambda: secret(n8n.api_key, os.environ), n8n.timeout_seconds)


class StoppingLoop:
    """Has a thread of its own: what is to be stopped waits for nobody who writes the store."""

    def __init__(self, home: Home, control: Control, clocks: Clocks, tell: Tell = tell_nobody):
        self.stopping = Stopping(Book(control, tell), clocks, resting=self._resting)
        self._control = control
        self._home = home
        self._clocks = clocks
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stops", daemon=True)

    def take_over(self, settings: Settings) -> None:
        """The made-up household has nothing that could be stopped."""
        services = () if settings.demo else settings.service
        actors = actors_of(settings, self._home, self._clocks.wall)
        self.stopping.take_over(services, actors, settings.automation)
        if not self._thread.is_alive() and not self._ended.is_set():
            self._thread.start()

    def _resting(self) -> Collection[str]:
        return [each.target for each in orders(self._control, PAUSE, self._clocks.wall())]

    def end(self) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            self.stopping.step()
