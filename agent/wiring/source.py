"""A collector with what its runner needs to know."""

from dataclasses import dataclass
from typing import Protocol

from models.monitoring import Collector, Timing
from models.settings.section import Switch


@dataclass(frozen=True, slots=True)
class Source:
    """A collector, when it runs, and the machine whose series it brings."""

    collector: Collector
    timing: Timing
    machine: str


class Timed(Protocol):
    """The keys that every section of a source has."""

    @property
    def interval_seconds(self) -> float: ...
    @property
    def timeout_seconds(self) -> float: ...
    @property
    def series_max(self) -> int: ...


class Chosen(Timed, Protocol):
    """Those that every section of `[collectors]` has besides."""

    @property
    def enabled(self) -> Switch: ...


def timing_of(chosen: Timed) -> Timing:
    return Timing(
        interval_seconds=chosen.interval_seconds,
        timeout_seconds=chosen.timeout_seconds,
        series_max=chosen.series_max,
        live_interval_seconds=getattr(chosen, "live_interval_seconds", None),
    )
