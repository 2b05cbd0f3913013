"""What the agent names shortly about budgets and requests, in the reader's language."""

from collections.abc import Mapping

from models.messages import Message, say
from models.requests import ACCEPTED, DONE, FAILED, REFUSED, REQUESTED, UNKNOWN, Kind
from models.waiting.asking import ALL
from pages.parts.costs_words import bucket_name
from pages.parts.status import FINE, HIGH, WATCH
from pages.parts.status import UNKNOWN as NOT_KNOWN
from pages.parts.words import said

KINDS: Mapping[str, Message] = {
    "raise": say("Raise"),
    "release": say("Release"),
    "settle": say("Settle"),
    "stop_all": say("Stop everything"),
    "resume": say("Resume"),
    "stop": say("Stop one thing"),
    "start": say("Start one thing"),
    "agree": say("Say yes"),
    "decline": say("Say no"),
    "pause": say("Pause automation"),
    "acknowledge": say("Acknowledge"),
    "silence": say("Silence"),
    "scale": say("Scale"),
    "retry": say("Try again"),
    "rerun": say("Run again"),
    "dismiss": say("Dismiss"),
}
STATES: Mapping[str, tuple[tuple[str, str], Message]] = {
    REQUESTED: (NOT_KNOWN, say("requested")),
    ACCEPTED: (WATCH, say("accepted")),
    DONE: (FINE, say("done")),
    REFUSED: (HIGH, say("refused")),
    FAILED: (HIGH, say("failed")),
    UNKNOWN: (WATCH, say("not known: look yourself")),
}
PLACES: Mapping[str, Message] = {
    "everything": say("all that costs money"),
    "automation": say("what Sallim does by itself"),
    ALL: say("all that waits"),
}
BYS: Mapping[str, Message] = {
    "person": say("a person"),
    "budget": say("the budget"),
    "scaling": say("scaling"),
    "recovery": say("recovery"),
}
SHOWN: Mapping[str, Message] = {
    "up": say("up"),
    "stopping": say("stopping"),
    "stopped": say("stopped"),
    "still billing": say("still billing"),
    "not stopped": say("not stopped"),
    "starting": say("starting"),
    "not started": say("not started"),
}
VERBS: Mapping[str, Message] = {"stop": say("stop"), "start": say("start")}
BUCKET_KINDS: tuple[Kind, ...] = ("raise", "release")


def word(words: Mapping[str, Message], key: str) -> str:
    """What is not known stays as it is."""
    return said(words[key]) if key in words else key


def target_name(kind: str, target: str) -> str:
    """Not escaped.

    >>> target_name("raise", "provider:openai"), target_name("stop", "gpu")
    ('Provider openai', 'gpu')
    """
    return bucket_name(target) if kind in BUCKET_KINDS else word(PLACES, target)


def steps_to(state: str) -> list[str]:
    """The way that a request has gone, the state it is in last.

    >>> steps_to("done"), steps_to("refused")
    (['requested', 'accepted', 'done'], ['requested', 'refused'])
    """
    if state == REQUESTED:
        return [REQUESTED]
    if state in (ACCEPTED, REFUSED):
        return [REQUESTED, state]
    return [REQUESTED, ACCEPTED, state]
