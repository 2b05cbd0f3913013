"""What is kept of people's requests: rows of control.sqlite3. `*_us` is UTC epoch microseconds."""

import hashlib
import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple, cast

from models.messages import Message
from models.requests.shapes import AUTOMATION, NEXT, Actor, Kind, Request, Role

NO_END = 0
"""Of a standing order: an acknowledgement lasts until what it is about is over."""

PAUSE = "pause"
AHEAD_SECONDS = 2 * 3600
"""A clock that is put back by less ends no silence and no pause."""


class KeptRequest(NamedTuple):
    """A request that came with a nonce of ours. `args` and `message` are JSON."""

    request_id: str
    kind: str
    target: str
    args: str
    reason: str
    who: str
    role: str
    via: str
    address: str
    state: str
    asked_at_us: int
    changed_at_us: int
    message: str

    @property
    def actor(self) -> Actor:
        return Actor(self.who, cast("Role", self.role), self.via, self.address)

    @property
    def request(self) -> Request:
        """As it was accepted, without what was typed to confirm it."""
        args = MappingProxyType(json.loads(self.args))
        return Request(cast("Kind", self.kind), self.target, args, self.reason)

    @property
    def told(self) -> Message:
        """What became of it, for people."""
        return Message.from_json(json.loads(self.message))

    def moved(self, state: str, message: Message, at_us: int) -> "KeptRequest":
        """In its next state. Raises ValueError for one that cannot follow."""
        if state not in NEXT.get(self.state, ()):
            raise ValueError(f"a request that is {self.state} cannot become {state}")
        told = json.dumps(message.as_json(), ensure_ascii=False)
        return self._replace(state=state, changed_at_us=at_us, message=told)

    def as_json(self) -> dict[str, object]:
        """For pages and commands: everybody may see it, so where from stays in the audit."""
        shape = {name: value for name, value in self._asdict().items() if name != "address"}
        return {**shape, "args": json.loads(self.args), "message": json.loads(self.message)}


class StandingOrder(NamedTuple):
    """What a person said holds for a while: acknowledged, silenced, paused. UTC epoch seconds.

    `until_at` 0: until what it is about is over. `ended_at` 0: nobody ended it before.
    """

    request_id: str
    kind: str
    target: str
    ordered_by: str
    reason: str
    since_at: int
    until_at: int
    ended_at: int

    def holds(self, now: float) -> bool:
        """One that begins well ahead was given by a clock that was wrong, and so is its end."""
        if self.ended_at or self.until_at == NO_END:
            return not self.ended_at
        return self.since_at - AHEAD_SECONDS <= now < self.until_at


def paused_until(pauses: Iterable[StandingOrder], what: str) -> float | None:
    """When it may do so by itself again; None where no pause of it, or of everything, holds.

    >>> rest = StandingOrder("a", "pause", "automation", "kim", "a demo", 100, 200, 0)
    >>> paused_until([rest], "stop"), paused_until([rest._replace(target="scale")], "stop")
    (200, None)
    """
    return max(
        (each.until_at for each in pauses if each.target in (AUTOMATION, what)), default=None
    )


def kept(request: Request, request_id: str, actor: Actor, at_us: int) -> KeptRequest:
    """Requested, and not decided yet."""
    args = json.dumps(dict(request.args), sort_keys=True)
    return KeptRequest(
        request_id,
        *(request.kind, request.target, args, request.reason),
        *(actor.name, actor.role, actor.via, actor.address),
        *("requested", at_us, at_us, "{}"),
    )


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def id_of(nonce: str) -> str:
    """A nonce makes one request, so the request is named by it, but does not give it away.

    >>> id_of("n")
    '244e5982eaca'
    """
    return hashed(f"request:{nonce}")[:12]
