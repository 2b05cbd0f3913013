"""Issuing, checking and ending sessions. Everything is kept in control; the tokens are not."""

import hashlib
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from agent.people import People
from data.control import Control
from data.credentials import Secret
from data.sessions import (
    end_everything_of,
    end_sessions,
    exchange,
    keep_link,
    keep_session,
    links,
    sessions,
)
from models.errors import SignInRefused, StoreError
from models.messages import say
from models.requests.shapes import Actor
from models.sessions import (
    DEVICE_CHARACTERS_MAX,
    GUEST,
    LINKS_MAX,
    OWNER,
    SESSIONS_MAX,
    USED_STEP_SECONDS,
    Browser,
    Link,
    Person,
    Session,
    Visit,
    checked_days,
    forgotten,
    is_live,
    link_seconds,
    number_of,
    remembered,
    role_now,
    role_of,
    session_end,
    used_up,
)
from models.typed import typed

T = TypeVar("T", Link, Session)
PREFIX = "slm_"
TOKEN_BYTES = 32


class Sessions:
    """Thread-safe. What is live stands in memory; control has it first."""

    def __init__(self, control: Control, wall: Callable[[], float]) -> None:
        self._control = control
        self._wall = wall
        self._lock = threading.RLock()
        self._people = People(control, wall)
        self._links = {link.sha256: link for link in links(control)}
        self._sessions = {session.sha256: session for session in sessions(control)}
        self.is_open = False
        """Whether everybody may look without signing in: the demo, or a house that says so."""

    # --- letting in ---------------------------------------------------------------------------

    def make_link(self, name: str = "", role: str = "", days: int = 0) -> tuple[Secret, Link]:
        """A link of one use. Somebody who is not known yet is added.

        Without a name it is the first owner's, who is added with the first link. Raises
        ConfigError.
        """
        now = self._wall()
        token = Secret(PREFIX + secrets.token_urlsafe(TOKEN_BYTES))
        with self._lock:
            person = self._people.for_link(name, role)
            seconds = link_seconds(role_of(person.role))
            link = Link(sha256_of(token), person.name, checked_days(days), now, now + seconds)
            gone = _beyond(self._links, LINKS_MAX - 1, now)
            keep_link(self._control, person, link, gone)
            self._people.know(person)
            for each in gone:
                del self._links[each.sha256]
            self._links[link.sha256] = link
        return token, link

    def use_link(self, token: str, browser: Browser) -> tuple[Secret, Visit]:
        """A session for a link. Raises SignInRefused when it is no longer one."""
        now = self._wall()
        with self._lock:
            link = self._links.get(sha256_of(token))
            person = self._people.named(link.person) if link else None
            if link is None or person is None or not is_live(link, now):
                raise used_up()
            signed_in = self._begin(person, browser, link)
            del self._links[link.sha256]
        return signed_in

    def sign_in(self, email: str, browser: Browser) -> tuple[Secret, Visit]:
        """A session for whom an identity provider vouched for. Raises SignInRefused."""
        with self._lock:
            person = self._people.with_email(email)
            if person is None:
                raise SignInRefused(
                    say(
                        "{email} may not come in here. An owner can add it with `{command}`",
                        email=email[:200],
                        command=typed("people add NAME --role viewer --email ADDRESS"),
                    )
                )
            return self._begin(person, browser, None)

    def _begin(self, person: Person, browser: Browser, link: Link | None) -> tuple[Secret, Visit]:
        now = self._wall()
        token = Secret(PREFIX + secrets.token_urlsafe(TOKEN_BYTES))
        seconds = link.session_seconds if link else 0
        session = Session(
            sha256_of(token),
            person.name,
            _printable(browser.device),
            _printable(browser.address),
            now,
            now,
            session_end(now, seconds, remember=browser.remember),
            int(browser.remember or seconds > 0),
        )
        gone = _beyond(self._sessions, SESSIONS_MAX - 1, now)
        exchange(self._control, link, session, gone)
        for each in gone:
            del self._sessions[each.sha256]
        self._sessions[session.sha256] = session
        return token, Visit(person, session, role_now(person, session, now))

    # --- who is there -------------------------------------------------------------------------

    def who(self, token: str, via: str = "page", address: str = "") -> Actor | None:
        """Whose a session is and what he may do now; None where nobody is signed in."""
        visit = self.visit(token)
        if visit is None:
            return GUEST if self.is_open else None
        return Actor(visit.person.name, role_of(visit.role), via, address or visit.session.address)

    def visit(self, token: str) -> Visit | None:
        now = self._wall()
        with self._lock:
            session = self._sessions.get(sha256_of(token))
            person = self._people.named(session.person) if session else None
            if session is None or person is None or not is_live(session, now):
                return None
            return Visit(person, session, role_now(person, session, now))

    def used(self, token: str) -> None:
        """A person did something there: what rests already goes on resting."""
        now = self._wall()
        with self._lock:
            visit = self.visit(token)
            if visit is None or visit.role != visit.person.role:
                return
            if abs(now - visit.session.used_at) < USED_STEP_SECONDS:
                return
            fresh = visit.session._replace(used_at=now)
            # A full disk must not shut out whoever wants to look why.
            with suppress(StoreError):
                keep_session(self._control, fresh)
            self._sessions[fresh.sha256] = fresh

    def remember(self, token: str, *, wanted: bool) -> Visit:
        """Raises SignInRefused where nobody is signed in, or his rights rest already."""
        with self._lock:
            visit = self._signed_in(token)
            if visit.role != visit.person.role:
                raise SignInRefused(
                    say("The rights of this device rest. Sign in again with a new link first.")
                )
            now = self._wall()
            fresh = remembered(visit.session, now) if wanted else forgotten(visit.session)
            fresh = fresh._replace(used_at=now)
            keep_session(self._control, fresh)
            self._sessions[fresh.sha256] = fresh
            return Visit(visit.person, fresh, role_now(visit.person, fresh, now))

    # --- ending -------------------------------------------------------------------------------

    def end(self, token: str) -> None:
        """Sign out; nothing happens where nobody is signed in."""
        with self._lock:
            session = self._sessions.get(sha256_of(token))
            self._end([session] if session else [])

    def end_device(self, token: str, number: str) -> None:
        """One of those that `devices` shows. Raises SignInRefused."""
        with self._lock:
            found = [each for each in self.devices(token) if number_of(each) == number]
            if not found:
                raise SignInRefused(say("This device is not signed in any more."), 404)
            self._end(found)

    def end_everywhere(self, token: str) -> None:
        """Every device and every unused link of the person. Raises SignInRefused."""
        with self._lock:
            self._forget_all_of(self._signed_in(token).person.name, forget=False)

    def devices(self, token: str) -> list[Session]:
        """One's own; an owner sees those of everybody. Raises SignInRefused."""
        with self._lock:
            visit = self._signed_in(token)
            now = self._wall()
            return [
                each
                for each in self._sessions.values()
                if is_live(each, now) and (each.person == visit.person.name or visit.role == OWNER)
            ]

    def _signed_in(self, token: str) -> Visit:
        visit = self.visit(token)
        if visit is None:
            raise SignInRefused(say("Nobody is signed in here."), 401)
        return visit

    def _end(self, ended: list[Session]) -> None:
        end_sessions(self._control, ended)
        for each in ended:
            self._sessions.pop(each.sha256, None)

    def _forget_all_of(self, name: str, *, forget: bool) -> None:
        end_everything_of(self._control, name, forget=forget)
        self._sessions = {key: each for key, each in self._sessions.items() if each.person != name}
        self._links = {key: each for key, each in self._links.items() if each.person != name}
        if forget:
            self._people.forget(name)

    # --- people -------------------------------------------------------------------------------

    def everybody(self) -> list[Person]:
        with self._lock:
            return self._people.everybody()

    def put_person(self, name: str, role: str, email: str = "") -> Person:
        """Sessions of somebody who is known follow his role at once. Raises ConfigError."""
        with self._lock:
            return self._people.put(name, role, email)

    def remove_person(self, name: str) -> bool:
        """With all his devices; False where nobody has that name. Raises ConfigError."""
        with self._lock:
            person = self._people.named(name)
            if person is None:
                return False
            self._people.refuse_to_lose(person)
            self._forget_all_of(name, forget=True)
            return True


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _beyond(kept: dict[str, T], most: int, now: float) -> list[T]:
    """What goes to make room: all that has ended, then the oldest."""
    ended = [each for each in kept.values() if not is_live(each, now)]
    live = [each for each in kept.values() if is_live(each, now)]
    return ended + live[: max(0, len(live) - most)]


def _printable(text: str) -> str:
    return "".join(each for each in text if each.isprintable())[:DEVICE_CHARACTERS_MAX]
