"""Which addresses the agent serves: its Unix socket always, a TCP listener where it is set."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.server import (
    Door,
    Intake,
    SignIn,
    inner_app,
    listen_on_path,
    listen_on_tcp,
    outer_app,
)
from agent.server.connect import Connects
from agent.server.requests import People
from agent.view import AgentView
from data.home import Home
from data.tokens import verify_at
from models.messages import Message, say
from models.settings import Settings


@dataclass(frozen=True, slots=True)
class Behind:
    """What answers behind the doors."""

    view: AgentView
    intake: Intake
    connects: Connects
    sign_in: SignIn
    people: People | None = None


def open_doors(
    home: Home, settings: Settings, behind: Behind, socket_mode: int, wall: Callable[[], float]
) -> tuple[list[Door], Message | None]:
    """The open doors, and why the TCP listener is not among them although it is set.

    An address that cannot be had costs the listener, not the watch.
    """
    inner = inner_app(behind.view, behind.intake, behind.connects, behind.sign_in, behind.people)
    doors = [Door(listen_on_path(home.socket, socket_mode), inner)]
    address = settings.server.address
    if address is None:
        return doors, None
    try:
        listener = listen_on_tcp(*address)
    except OSError as error:
        return doors, say(
            "nothing listens at {address} ({reason}): set server.listen to an address of this "
            "machine and a free port, for example 127.0.0.1:9465, and restart",
            address=settings.server.listen,
            reason=error.strerror or str(error),
        )
    outer = outer_app(behind.view, lambda token: verify_at(home, token, wall()), behind.intake)
    return [*doors, Door(listener, outer)], None
