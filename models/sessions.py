"""Who is signed in, and what he may do: people with roles, links of one use, sessions of a browser.

A link becomes a session once. A session has the rights of its person as they are now; the rights
to change something rest while nobody uses it, unless its browser is to be remembered. Moments are
UTC epoch seconds.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from models.errors import ConfigError, SignInRefused
from models.messages import say
from models.requests.shapes import ROLES, Actor, Role

VIEWER: Role = "viewer"
OPERATOR: Role = "operator"
OWNER: Role = "owner"
SESSION_HEADER = "x-sallim-session"
"""In which the app hands a session on to the agent."""

MINUTE_SECONDS, HOUR_SECONDS, DAY_SECONDS = 60, 3_600, 86_400
LINK_SECONDS = 15 * MINUTE_SECONDS
VIEWER_LINK_SECONDS = DAY_SECONDS
"""A link that only lets somebody look may take its time in a messenger."""
SESSION_SECONDS = 12 * HOUR_SECONDS
REMEMBERED_SECONDS = 30 * DAY_SECONDS
IDLE_SECONDS = 30 * MINUTE_SECONDS
USED_STEP_SECONDS = 60
"""How exactly the last use is kept: not every page that is drawn shall wait for the disk."""
DAYS_MAX = 90
DEVICE_CHARACTERS_MAX = 80
PEOPLE_MAX, LINKS_MAX, SESSIONS_MAX = 50, 100, 200

NAME = re.compile(r"[^\W_][\w.-]{0,39}")
EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")


class Person(NamedTuple):
    """`email` is how an identity provider names him, "" where none does."""

    name: str
    role: str
    email: str
    added_at: float


class Link(NamedTuple):
    """Only the hash is kept. `session_seconds` is 0 where the browser may choose."""

    sha256: str
    person: str
    session_seconds: int
    made_at: float
    expires_at: float


class Session(NamedTuple):
    """`device` and `address` are what its browser said; `remembered` is 1 or 0."""

    sha256: str
    person: str
    device: str
    address: str
    made_at: float
    used_at: float
    expires_at: float
    remembered: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one signed-in browser."""

    person: Person
    session: Session
    role: str
    """As it is now; that of the person when it does not rest."""


@dataclass(frozen=True, slots=True)
class Browser:
    """What it says of itself, and whether it is to be remembered."""

    device: str = ""
    address: str = ""
    remember: bool = False


GUEST = Actor("guest", VIEWER)
"""Everybody, where sign-in is off."""


def role_of(text: str) -> Role:
    """Raises ConfigError.

    >>> role_of("owner")
    'owner'
    """
    for role in ROLES:
        if text == role:
            return role
    raise ConfigError(
        say(
            "{role} is no role; use viewer (may look), operator (may stop, start and pause) or "
            "owner (may do everything)",
            role=repr(text),
        )
    )


def may(role: str, needed: Role) -> bool:
    """Whether a role is enough for what another is needed for.

    >>> may("operator", "viewer"), may("viewer", "operator"), may("nobody", "viewer")
    (True, False, False)
    """
    return role in ROLES and ROLES.index(role) >= ROLES.index(needed)


def role_now(person: Person, session: Session, now: float) -> Role:
    """What a session may do: looking needs no use, everything else does.

    >>> kim = Person("kim", "owner", "", 0.0)
    >>> session = Session("", "kim", "", "", 0.0, 100.0, 43200.0, 0)
    >>> role_now(kim, session, 1900.0), role_now(kim, session, 1901.0)
    ('owner', 'viewer')
    """
    return VIEWER if rests(session, now) else role_of(person.role)


def rests(session: Session, now: float) -> bool:
    """Whether nobody has used it for too long. A clock that went back is no use."""
    return not session.remembered and abs(now - session.used_at) > IDLE_SECONDS


def is_live(row: Link | Session, now: float) -> bool:
    return now < row.expires_at


def remembered(session: Session, now: float) -> Session:
    return session._replace(remembered=1, expires_at=now + REMEMBERED_SECONDS)


def forgotten(session: Session) -> Session:
    """As if it had never been remembered: its end is that of a session that was not."""
    end = min(session.expires_at, session.made_at + SESSION_SECONDS)
    return session._replace(remembered=0, expires_at=end)


def link_seconds(role: Role) -> int:
    return VIEWER_LINK_SECONDS if role == VIEWER else LINK_SECONDS


def session_end(now: float, seconds: int, *, remember: bool) -> float:
    """`seconds` is what its link says, 0 where it leaves the choice."""
    return now + (seconds or (REMEMBERED_SECONDS if remember else SESSION_SECONDS))


def checked_name(name: str) -> str:
    """Raises ConfigError."""
    if not NAME.fullmatch(name):
        raise ConfigError(
            say(
                "{name} is no name for a person; use 1 to 40 letters, digits, dots, dashes and "
                "underscores, for example kim",
                name=repr(name),
            )
        )
    return name


def checked_email(email: str) -> str:
    """Raises ConfigError unless empty or an address; in small letters, as providers compare it."""
    email = email.strip().lower()
    if email and not EMAIL.fullmatch(email):
        raise ConfigError(
            say("{email} is no e-mail address, like kim@example.com", email=repr(email))
        )
    return email


def checked_days(days: int) -> int:
    """Seconds. Raises ConfigError."""
    if not 0 <= days <= DAYS_MAX:
        raise ConfigError(
            say(
                "a device may stay signed in for 1 to {most} days, not for {days}",
                days=days,
                most=DAYS_MAX,
            )
        )
    return days * DAY_SECONDS


def refuse_last_owner(people: Iterable[Person], leaving: Person, becomes: str = "") -> None:
    """Raises ConfigError where nobody would be left who may do everything."""
    owners = [person for person in people if person.role == OWNER]
    if owners == [leaving] and becomes != OWNER:
        raise ConfigError(
            say(
                "{name} is the only owner; make somebody else owner first, for example with "
                "people add NAME --role owner",
                name=leaving.name,
            )
        )


def device_of(user_agent: str) -> str:
    """A browser in words that its owner knows again.

    >>> device_of("Mozilla/5.0 (Linux; Android 16; Pixel 9) ... Chrome/156.0.0.0 Mobile Safari/5")
    'Chrome, Android'
    >>> device_of("curl/8.5.0"), device_of("")
    ('curl', '?')
    """
    browsers = ("Edg", "SamsungBrowser", "Whale", "KAKAOTALK", "OPR", "Firefox", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
    found = [
        next((word for word in words if word in user_agent), "") for words in (browsers, systems)
    ]
    named = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung", "Mac OS X": "macOS"}
    told = ", ".join(named.get(word, word) for word in found if word)
    other = "".join(each for each in user_agent.partition("/")[0] if each.isprintable())
    return (told or other or "?")[:DEVICE_CHARACTERS_MAX]


def number_of(session: Session) -> str:
    """By which a session is named to people; from it nobody finds the token."""
    return session.sha256[:16]


def used_up() -> SignInRefused:
    """One sentence for all that is no longer a link: an answer tells no stranger which."""
    return SignInRefused(
        say(
            "This link does not sign in: it was used already, it is too old, or it was cut off. "
            "Ask for a new one on the machine where Sallim runs."
        )
    )
