"""What a person asks for, who asks, and what became of it. Moments are UTC epoch seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

from models.messages import Message

Role = Literal["viewer", "operator", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""
PAGE, COMMAND, TELEGRAM = "page", "command", "telegram"

Kind = Literal[
    "raise",
    "release",
    "withdraw",
    "settle",
    "stop_all",
    "resume",
    "stop",
    "start",
    "agree",
    "decline",
    "pause",
    "acknowledge",
    "silence",
    "charge",
    "plan",
    "unplan",
    "scale",
    "retry",
    "rerun",
    "dismiss",
    "recipe",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

State = Literal["requested", "accepted", "refused", "done", "failed", "unknown"]
REQUESTED, ACCEPTED, REFUSED = "requested", "accepted", "refused"
DONE, FAILED, UNKNOWN = "done", "failed", "unknown"
STATES: tuple[State, ...] = get_args(State)
NEXT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {REQUESTED: (ACCEPTED, REFUSED), ACCEPTED: (DONE, FAILED, UNKNOWN)}
)
"""What may follow a state; nothing follows the others."""

EVERYTHING, AUTOMATION = "everything", "automation"
"""Targets that are no name of a thing: all that costs money, and what Sallim does by itself."""

Value = str | int


@dataclass(frozen=True, slots=True)
class Actor:
    """A person. `address` is where the request came from, as far as it is known."""

    name: str
    role: Role
    via: str = "page"
    address: str = ""


class Caller(NamedTuple):
    """An actor, and what a nonce of his is bound to: one session, or one user of this machine."""

    actor: Actor
    bound_to: str


class Request(NamedTuple):
    """`args` are those of its kind, read and bounded; `confirm` is what was typed."""

    kind: Kind
    target: str
    args: Mapping[str, Value]
    reason: str = ""
    confirm: str = ""
    nonce: str = ""

    @property
    def amount_micro(self) -> int:
        """Whole micro-won. Only of kinds with an amount."""
        return int(self.args["amount_micro"])

    @property
    def until(self) -> int:
        """The end of what is asked for. Only of kinds with one."""
        return int(self.args["until"])


class Prospect(NamedTuple):
    """What would follow, before it is asked for. `before` is how things stand, for the audit.

    `effect` gives JSON: of a stop, what stops, what is still billed, and what is lost. Only who
    looks asks for it.
    """

    lines: tuple[Message, ...]
    before: Mapping[str, object] = MappingProxyType({})
    effect: Callable[[], Mapping[str, object]] = dict


class Outcome(NamedTuple):
    """`state`: done, failed, unknown, or accepted as long as it is under way.

    `after` is how things stand now, for the audit.
    """

    state: str
    message: Message
    after: Mapping[str, object] = MappingProxyType({})
