"""The parts of one n8n that are asked, each in its own time; one that fails costs only itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from models.errors import SourceError, SourceUnreachable
from models.messages import Message
from models.workflows.payloads import Origin

EARLY_SECONDS = 2.0
"""A tick that comes a little early counts; the next one would come a whole interval late."""


class Tick(NamedTuple):
    """One round of the collector; `now` is our clock in UTC epoch seconds."""

    monotonic_seconds: float
    now: float
    origin: Origin


@dataclass(slots=True)
class Part:
    """`goes_on`: whether there is more to ask, so that the next tick does not wait."""

    name: str
    interval_seconds: float
    ask: Callable[[Tick], None]
    goes_on: Callable[[], bool] = bool
    due_seconds: float = -inf
    broken: Message | None = None


def ask_all(parts: Iterable[Part], tick: Tick) -> None:
    """Ask what is due. After one that hangs the others wait: each would take its whole limit."""
    for part in parts:
        is_due = tick.monotonic_seconds >= part.due_seconds - EARLY_SECONDS
        if not (is_due or part.goes_on()):
            continue
        part.due_seconds = tick.monotonic_seconds + part.interval_seconds
        try:
            part.ask(tick)
        except SourceError as failure:
            part.broken = failure.reason
            if isinstance(failure, SourceUnreachable):
                return
        else:
            part.broken = None
