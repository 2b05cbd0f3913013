"""What the agent knows from memory right now; the shape of `GET /live`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.machines import MachineState
from models.messages import Message
from models.monitoring import Labels, SeriesKey, SourceState, State

USUAL_INTERVAL_SECONDS = 10.0
"""Between two readings, where nothing else is known."""


@dataclass(frozen=True, slots=True)
class LiveSeries:
    """Latest value of one series; `at` is UTC epoch seconds. `value` None is a gap.

    `every_seconds` is how often it is read while nobody looks.
    """

    key: SeriesKey
    unit: str
    value: float | None
    at: float
    history_at: tuple[float, ...] = ()
    history: tuple[float, ...] = ()
    every_seconds: float = USUAL_INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class Live:
    """`history` of a series is filled only for the names that were asked for."""

    at: float
    machine: str
    version: str
    demo: bool
    sources: tuple[SourceState, ...]
    series: tuple[LiveSeries, ...] = field(repr=False)
    machines: tuple[MachineState, ...] = ()

    def machine_state(self, name: str) -> MachineState | None:
        """What is known of a machine besides its series; None for one that only has series."""
        return next((machine for machine in self.machines if machine.name == name), None)

    def find(self, machine: str, name: str, **labels: str) -> LiveSeries | None:
        """The first series of that machine and name whose labels hold all those given.

        Label names with a dot are given with an underscore: `cpu_mode="user"`.
        """
        wanted = {name.replace("_", "."): value for name, value in labels.items()}
        for series in self.series:
            key = series.key
            if key.machine == machine and key.name == name:
                have = dict(key.labels)
                if all(have.get(name) == value for name, value in wanted.items()):
                    return series
        return None


def labels_of(shape: Mapping[str, str]) -> Labels:
    return tuple(sorted(shape.items()))


def live_from_json(shape: Mapping[str, Any]) -> Live:
    return Live(
        at=shape["at"],
        machine=shape["machine"],
        version=shape["version"],
        demo=shape["demo"],
        sources=tuple(_source(source) for source in shape["sources"]),
        series=tuple(_series(series) for series in shape["series"]),
        machines=tuple(_machine(machine) for machine in shape.get("machines", ())),
    )


def _machine(shape: Mapping[str, Any]) -> MachineState:
    note = shape["note"]
    return MachineState(
        name=shape["name"],
        kind=shape["kind"],
        state=shape["state"],
        since_at=shape["since_at"],
        last_seen_at=shape["last_seen_at"],
        note=None if note is None else Message.from_json(note),
    )


def _source(shape: Mapping[str, Any]) -> SourceState:
    reason = shape["reason"]
    return SourceState(
        name=shape["name"],
        state=State(shape["state"]),
        reason=None if reason is None else Message.from_json(reason),
        age_seconds=shape["age_seconds"],
        interval_seconds=shape["interval_seconds"],
        series=shape["series"],
        duration_seconds=shape["duration_seconds"],
        since_at=shape.get("since_at"),
        machine=shape.get("machine", ""),
        work_seconds=shape.get("work_seconds", 0.0),
    )


def _series(shape: Mapping[str, Any]) -> LiveSeries:
    history: Mapping[str, Any] = shape.get("history", {"at": (), "value": ()})
    return LiveSeries(
        key=SeriesKey(shape["machine"], shape["name"], labels_of(shape["labels"])),
        unit=shape["unit"],
        value=shape["value"],
        at=shape["at"],
        history_at=tuple(history["at"]),
        history=tuple(history["value"]),
        every_seconds=history.get("every_seconds", USUAL_INTERVAL_SECONDS),
    )
