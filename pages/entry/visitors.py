"""Who a browser's session is, as the agent says it; shared by all threads of the app.

An answer holds for a few seconds. While the agent is silent, whoever it last knew may go on
looking, and nobody new comes in.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from data.asking import ask
from data.home import Home
from models.errors import AgentSilent, SignInRefused
from models.messages import Message, say
from models.sessions import GUEST, SESSION_HEADER, VIEWER

FRESH_SECONDS = 3.0
USED_SECONDS = 30.0
PATIENCE_SECONDS = 2.0
SILENCE_SECONDS = 2.0
"""How long a silent agent is not asked again: of all that a page loads, only the first waits."""
KNOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """`role` is what he may do now, `granted` what he might. `expires_at` in epoch seconds."""

    name: str
    role: str
    granted: str
    expires_at: float
    remembered: bool = False

    @property
    def rests(self) -> bool:
        """Whether nobody used this device for so long that it may only look."""
        return self.role != self.granted


ANYBODY = Visitor(GUEST.name, GUEST.role, GUEST.role, 0.0)
"""Where nobody signs in."""


class Visitors:
    def __init__(
        self,
        home: Home,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Visitor, float]] = {}
        self._used: dict[str, float] = {}
        self._silent_until = 0.0

    def fresh(self, token: str) -> Visitor | None:
        """What was said of a session a moment ago; asks nobody."""
        with self._lock:
            visitor, at = self._known.get(_key(token), (None, 0.0))
        return visitor if visitor and self._monotonic() - at < FRESH_SECONDS else None

    def who(self, token: str) -> Visitor | None:
        """None where nobody is signed in. Raises AgentSilent where that cannot be known."""
        if not token:
            return None
        known = self.fresh(token)
        if known is not None:
            return known
        if self._monotonic() >= self._silent_until:
            try:
                return self._keep(token, self.asked("/session", token))
            except SignInRefused:
                self._forget(token)
                return None
            except AgentSilent:
                self._silent_until = self._monotonic() + SILENCE_SECONDS
        before = self._as_before(token)
        if before is None:
            raise AgentSilent(f"the agent at {self._home.socket} does not answer")
        return before

    def _as_before(self, token: str) -> Visitor | None:
        with self._lock:
            visitor, _ = self._known.get(_key(token), (None, 0.0))
        if visitor is None or self._wall() >= visitor.expires_at:
            return None
        return replace(visitor, role=VIEWER)

    def used(self, token: str) -> None:
        """A person did something; the agent is told now and then."""
        now = self._monotonic()
        with self._lock:
            if now - self._used.get(_key(token), -USED_SECONDS) < USED_SECONDS:
                return
            self._used = {key: at for key, at in self._used.items() if now - at < USED_SECONDS}
            self._used[_key(token)] = now
        try:
            self.asked("/session/used", token, {})
        except (AgentSilent, SignInRefused):
            return

    def asked(
        self, target: str, token: str, shape: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """The agent's answer; what it knew of the session is asked anew after a POST.

        Raises SignInRefused with its sentence, AgentSilent when nobody answers.
        """
        body = None if shape is None else json.dumps(shape).encode()
        headers = {SESSION_HEADER: token, "content-type": "application/json"}
        answer = ask(self._home.socket, target, PATIENCE_SECONDS, body, headers)
        if target == "/session/end":
            # Perhaps of other devices too: whoever is there is asked about anew.
            self._forget_everybody()
        elif body is not None and target != "/session/used":
            self._forget(token)
        if answer.status >= 400:
            raise SignInRefused(_reason(answer.body), answer.status)
        said: dict[str, Any] = json.loads(answer.body)
        return said

    def _keep(self, token: str, shape: Mapping[str, Any]) -> Visitor:
        visitor = Visitor(*(shape[name] for name in Visitor.__slots__))
        with self._lock:
            self._known.pop(_key(token), None)
            self._known[_key(token)] = (visitor, self._monotonic())
            while len(self._known) > KNOWN_MAX:
                del self._known[next(iter(self._known))]
        return visitor

    def _forget_everybody(self) -> None:
        with self._lock:
            self._known.clear()

    def _forget(self, token: str) -> None:
        with self._lock:
            self._known.pop(_key(token), None)


@cache
def visitors_of(folder: str) -> Visitors:
    return Visitors(Home(Path(folder)))


def cookie_name(folder: str) -> str:
    """One a house: on 127.0.0.1 all ports share their cookies."""
    return f"sallim_{hashlib.sha256(folder.encode()).hexdigest()[:8]}"


def _key(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _reason(body: bytes) -> Message:
    try:
        return Message.from_json(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return say("The agent gave an answer that means nothing here. Is it of the same version?")
