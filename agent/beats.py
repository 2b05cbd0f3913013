"""Heartbeats: taken from jobs, kept in control, held against the clock."""

import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

from agent.sampling import Clocks
from data.control import Control
from data.registry import beats, forget_beat, keep_beats
from models.beats import (
    BEATS_MAX,
    NAME,
    Beat,
    BeatState,
    Expected,
    Word,
    after_word,
    state_of,
    with_settings,
)
from models.errors import IntakeRefused, StoreError
from models.redaction import redact


class Expecting(Protocol):
    """A `[[beat]]` of the settings."""

    @property
    def name(self) -> str: ...
    @property
    def every_seconds(self) -> float: ...
    @property
    def grace_seconds(self) -> float: ...


class Beats:
    """Thread-safe. Those of the settings are expected from the moment they were first set."""

    def __init__(self, control: Control, clocks: Clocks) -> None:
        self._control = control
        self._clocks = clocks
        self._lock = threading.Lock()
        self._kept = {beat.name: beat for beat in beats(control)}
        self._expected: dict[str, Expected] = {}

    def expect(self, expected: Iterable[Expecting]) -> None:
        """Take over what the settings say; a full disk only delays since when."""
        with self._lock:
            self._expected = {
                each.name: Expected(each.name, each.every_seconds, each.grace_seconds)
                for each in expected
            }
            merged = with_settings(
                self._kept.values(), self._expected.values(), self._clocks.wall()
            )
            fresh = [beat for beat in merged if beat.name not in self._kept]
            self._kept = {beat.name: beat for beat in merged}
            if fresh:
                with suppress(StoreError):
                    keep_beats(self._control, fresh)

    def beat(self, name: str, word: Word, token: str) -> BeatState:
        """Raises IntakeRefused, and StoreError while it cannot be kept."""
        with self._lock:
            known = self._kept.get(name)
            self._refuse(known, name, word, token)
            said = word._replace(message=redact(word.message))
            fresh = after_word(known, name, said, token, self._clocks.wall())
            keep_beats(self._control, [fresh])
            self._kept = {**self._kept, name: fresh}
        return state_of(fresh, self._clocks.wall())

    def states(self) -> list[BeatState]:
        """Every beat that came or should come, by name."""
        now = self._clocks.wall()
        merged = with_settings(self._kept.values(), self._expected.values(), now)
        return [
            state_of(beat, now)
            for beat in merged
            if beat.last_at is not None or beat.name in self._expected
        ]

    def forget(self, name: str) -> None:
        """Raises IntakeRefused."""
        with self._lock:
            if name not in self._kept:
                raise IntakeRefused(f"there is no heartbeat named {name!r}", 404)
            if name in self._expected:
                raise IntakeRefused(
                    f"{name} stands in the settings: remove its [[beat]] there, then reload", 409
                )
            forget_beat(self._control, name)
            self._kept = {each: beat for each, beat in self._kept.items() if each != name}

    def _refuse(self, known: Beat | None, name: str, word: Word, token: str) -> None:
        if not NAME.fullmatch(name):
            raise IntakeRefused(
                "the name of a heartbeat is 1 to 40 letters, digits, dots, dashes and underscores"
            )
        if known is None and word.every_seconds is None:
            raise IntakeRefused(
                f"{name} is not known: say once how often it comes, like /beat/{name}?every=24h, "
                "or give it a [[beat]] in the settings",
                404,
            )
        if known is None and len(self._kept) >= BEATS_MAX:
            raise IntakeRefused(f"this hub knows {BEATS_MAX} heartbeats already", 409)
        if known is not None and known.last_at is not None and token not in ("", known.token):
            raise IntakeRefused(
                f"{name} belongs to {_whose(known)}: choose another name, or run "
                f"`.venv/bin/python -m agent machines forget-beat {name}` on the hub",
                409,
            )


def _whose(beat: Beat) -> str:
    return f"the token {beat.token}" if beat.token else "a job on the hub itself"
