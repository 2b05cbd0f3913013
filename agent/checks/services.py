"""Checks of what may be stopped: each [[service]] is looked at once, and nothing is done to it."""

from collections.abc import Callable

from agent.checks import Finding, ok, problem
from agent.wiring.stopping import actors_of
from data.home import Home
from models.errors import ActionError
from models.messages import say
from models.settings import Settings

SEEN = {True: say("is up"), False: say("is down"), None: say("is neither up nor down yet")}


def services(home: Home, settings: Settings, clock: Callable[[], float]) -> list[Finding]:
    """`clock` gives UTC epoch seconds."""
    actors = actors_of(settings, home, clock)
    found = []
    for service in settings.service:
        name = f"service {service.name}"
        try:
            seen = SEEN[actors[service.kind].is_up(service)]
        except ActionError as error:
            found.append(problem(name, error.reason))
        else:
            found.append(ok(name, seen))
    return found
