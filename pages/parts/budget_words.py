"""What the agent names shortly about budgets and requests, in the reader's language."""

from collections.abc import Mapping
from types import MappingProxyType

from models.messages import Message, say
from models.requests import ACCEPTED, DONE, EVERYTHING, FAILED, REFUSED, REQUESTED, UNKNOWN, Kind
from models.waiting.asking import ALL
from pages.parts.costs_words import bucket_name
from pages.parts.status import FINE, HIGH, WATCH
from pages.parts.status import UNKNOWN as NOT_KNOWN
from pages.parts.words import said

KINDS: Mapping[str, Message] = {
    "raise": say("Raise"),
    "release": say("Release"),
    "withdraw": say("Take back"),
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
    "charge": say("Charged to the card"),
    "plan": say("Plan of a month"),
    "unplan": say("End a plan"),
    "scale": say("Scale"),
    "retry": say("Try again"),
    "rerun": say("Run again"),
    "dismiss": say("Dismiss"),
    "recipe": say("Forecast by another recipe"),
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
PAUSES: Mapping[str, Message] = {
    "automation": say("what Sallim does by itself"),
    "stop": say("stopping and bringing back"),
    "scale": say("buying and returning machines"),
    "repair": say("repairing"),
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
NO_ARGS: Mapping[str, object] = MappingProxyType({})
BUCKET_KINDS: tuple[Kind, ...] = ("raise", "release")


def word(words: Mapping[str, Message], key: str) -> str:
    """What is not known stays as it is."""
    return said(words[key]) if key in words else key


def target_name(kind: str, target: str, args: Mapping[str, object] = NO_ARGS) -> str:
    """Not escaped.

    >>> target_name("raise", "provider:openai"), target_name("stop", "gpu")
    ('Provider openai', 'gpu')
    >>> target_name("withdraw", "244e5982eaca", {"bucket": "provider:openai"})
    'Provider openai'
    """
    if kind == "withdraw":
        return bucket_name(str(args.get("bucket", target)))
    if kind == "pause":
        return word(PAUSES, target)
    if kind == "acknowledge" and target.isdecimal():
        return f"#{target}"
    if kind == "silence" and target != EVERYTHING:
        return bucket_name(target)
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
