"""Whether every loop of the agent is alive: the service manager is told so only while all are."""

from collections.abc import Mapping
from dataclasses import dataclass

SILENT_AFTER_PERIODS = 2
SILENT_AFTER_SECONDS_MIN = 5.0
"""A loop that turns many times a second is not called silent for one slow turn."""


@dataclass(frozen=True, slots=True)
class Tick:
    """When a loop last ended a turn, in seconds of the monotonic clock, and the time of a turn."""

    at: float
    period_seconds: float


def silent_loops(ticks: Mapping[str, Tick], now_monotonic: float) -> list[str]:
    """Names of the loops that missed their turns, sorted.

    >>> silent_loops({"store": Tick(70.0, 10.0), "server": Tick(99.0, 2.0)}, 100.0)
    ['store']
    """
    return sorted(name for name, tick in ticks.items() if _is_silent(tick, now_monotonic))


def _is_silent(tick: Tick, now_monotonic: float) -> bool:
    patience = max(SILENT_AFTER_PERIODS * tick.period_seconds, SILENT_AFTER_SECONDS_MIN)
    return now_monotonic - tick.at > patience
