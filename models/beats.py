"""Heartbeats: jobs that say that they ran, and when one that says nothing is late."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from models.errors import IntakeRefused
from models.formats import duration
from models.messages import Message, say

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
BEATS_MAX = 500
MESSAGE_MAX = 500
EVERY_SECONDS_MIN, EVERY_SECONDS_MAX = 10.0, 40_000_000.0
GRACE_SHARE, GRACE_SECONDS_MIN, GRACE_SECONDS_MAX = 0.1, 30.0, 3600.0

OK, FAIL, START = "ok", "fail", "start"
STATES = (OK, FAIL, START)
NEVER, ON_TIME, RUNNING, LATE, FAILED = "never", "on time", "running", "late", "failed"

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Beat(NamedTuple):
    """What is kept of one; moments are UTC epoch seconds.

    `last_at` and `last_state` (ok, fail or start) are of the last word, None and "" before the
    first; `ok_at` is when it last ended well. Expected from `since_at` on. `token` names whose it
    is, "" where this machine or the settings brought it.
    """

    name: str
    every_seconds: float
    grace_seconds: float
    last_at: float | None
    last_state: str
    ok_at: float | None
    message: str
    since_at: float
    token: str


class Word(NamedTuple):
    """What came in with one beat. None: nothing was said about it."""

    state: str = OK
    message: str = ""
    every_seconds: float | None = None
    grace_seconds: float | None = None


class Expected(NamedTuple):
    """What the settings say of one."""

    name: str
    every_seconds: float
    grace_seconds: float


@dataclass(frozen=True, slots=True)
class BeatState:
    """`state` is never, on time, running, late or failed; `due_at` is when the next should come,
    `late_seconds` how long that is past with the grace.
    """

    beat: Beat
    state: str
    due_at: float
    late_seconds: float
    age_seconds: float | None
    note: Message | None = None

    @property
    def is_problem(self) -> bool:
        return self.state in (LATE, FAILED)

    def as_json(self) -> dict[str, object]:
        beat = self.beat
        return {
            "name": beat.name,
            "state": self.state,
            "every_seconds": beat.every_seconds,
            "grace_seconds": beat.grace_seconds,
            "last_at": beat.last_at,
            "ok_at": beat.ok_at,
            "due_at": self.due_at,
            "late_seconds": self.late_seconds,
            "message": beat.message,
            "note": None if self.note is None else self.note.as_json(),
        }


def seconds_of(text: str) -> float:
    """An interval as people write it in an address. Raises IntakeRefused.

    >>> seconds_of("24h"), seconds_of("90"), seconds_of("1.5d")
    (86400.0, 90.0, 129600.0)
    """
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhdw]?)", text)
    if match is None:
        raise IntakeRefused(f"{text[:20]!r} is no interval; write it like 90s, 15m, 24h or 7d")
    seconds = float(match[1]) * UNITS[match[2] or "s"]
    if not EVERY_SECONDS_MIN <= seconds <= EVERY_SECONDS_MAX:
        raise IntakeRefused(f"{text[:20]!r} is not between 10s and 460d")
    return seconds


def grace_of(every_seconds: float) -> float:
    """How late one may be that says nothing of it.

    >>> grace_of(60), grace_of(3600), grace_of(604_800)
    (30.0, 360.0, 3600.0)
    """
    return min(max(every_seconds * GRACE_SHARE, GRACE_SECONDS_MIN), GRACE_SECONDS_MAX)


def after_word(known: Beat | None, name: str, word: Word, token: str, now: float) -> Beat:
    """The beat once its word is heard. `known` None: it is told for the first time."""
    every = word.every_seconds or (known.every_seconds if known else EVERY_SECONDS_MAX)
    grace = word.grace_seconds
    if grace is None:
        is_changed = known is None or every != known.every_seconds
        grace = grace_of(every) if is_changed or known is None else known.grace_seconds
    ended_well = now if word.state == OK else (known.ok_at if known else None)
    return Beat(
        name,
        float(every),
        float(grace),
        now,
        word.state,
        ended_well,
        word.message[:MESSAGE_MAX],
        known.since_at if known else now,
        known.token if known and known.last_at is not None else token,
    )


def with_settings(kept: Iterable[Beat], expected: Iterable[Expected], now: float) -> list[Beat]:
    """What is kept, with the intervals of the settings, and those that never came yet."""
    found = {beat.name: beat for beat in kept}
    for name, every, grace in expected:
        known = found.get(name) or Beat(name, every, grace, None, "", None, "", now, "")
        found[name] = known._replace(every_seconds=float(every), grace_seconds=float(grace))
    return sorted(found.values())


def state_of(beat: Beat, now: float) -> BeatState:
    """Late is who did not end well within `every` and `grace`; a failure counts at once.

    >>> nightly = Beat("dump", 86400.0, 600.0, 0.0, "ok", 0.0, "", 0.0, "")
    >>> state_of(nightly, 86400.0 + 600).state, state_of(nightly, 86400.0 + 601).state
    ('on time', 'late')
    """
    due_at = (beat.since_at if beat.ok_at is None else beat.ok_at) + beat.every_seconds
    late = max(0.0, now - due_at - beat.grace_seconds)
    age = None if beat.last_at is None else max(0.0, now - beat.last_at)
    if beat.last_state == FAIL:
        note = say("{name} failed: {message}", name=beat.name, message=beat.message or "-")
        return BeatState(beat, FAILED, due_at, late, age, note)
    if late > 0:
        note = say(
            "{name} is late by {time}: it should come every {every}",
            name=beat.name,
            time=duration(now - due_at),
            every=duration(beat.every_seconds),
        )
        return BeatState(beat, LATE, due_at, late, age, note)
    if beat.last_at is None:
        return BeatState(beat, NEVER, due_at, 0.0, None, say("it has not come yet"))
    return BeatState(beat, RUNNING if beat.last_state == START else ON_TIME, due_at, 0.0, age)
