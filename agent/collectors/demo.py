"""The sources of the demo: values out of a formula instead of a machine, a database, a service."""

import math
from collections.abc import Callable, Mapping

from models.demo import MACHINES, VPS, is_on, values
from models.demo.details import details_of, endpoint_problem
from models.demo.pipeline import SOURCE, executions, workflow_things
from models.demo.postgres_details import postgres_things
from models.demo.services import ENDPOINTS, SOURCES
from models.demo.signals import HOUR, Clock
from models.messages import Message, say
from models.monitoring import Absent, Harvest, Reading, Record

LOOK_BACK_SECONDS = 2 * HOUR
"""At the start: between the history that was filled and now there may be an hour."""
RUN_SECONDS_MAX = 600
"""No run of the demo takes longer."""


class DemoCollector:
    """One invented machine; start one collector for each of `models.demo.MACHINES`.

    `wall` gives UTC epoch seconds: the household lives by the calendar, so that the history
    filled beforehand and what is collected now are one line.
    """

    def __init__(self, machine: str, wall: Callable[[], float]) -> None:
        self.name = f"demo:{machine}"
        self.machine = machine
        self._wall = wall

    def collect(self, monotonic_seconds: float) -> list[Reading] | Absent:  # noqa: ARG002  (the protocol)
        now = self._wall()
        if not is_on(self.machine, now, math):
            return Absent(say("{machine} is not rented at this hour", machine=self.machine))
        return [
            Reading(key.name, float(value), key.labels)
            for key, value in values(self.machine, now, math).items()
        ]


class DemoSource:
    """One of `models.demo.services.SOURCES`, under the name that the real one would have."""

    machine = VPS

    def __init__(self, name: str, wall: Callable[[], float]) -> None:
        self.name = name
        self._wall = wall
        self._collected_at: float | None = None

    @property
    def left_out(self) -> Mapping[str, Message]:
        clock = Clock(self._wall(), math)
        found = {
            endpoint.url: endpoint_problem(endpoint, clock)
            for endpoint in ENDPOINTS
            if self.name == f"endpoint:{endpoint.name}"
        }
        return {url: problem for url, problem in found.items() if problem is not None}

    def details(self) -> Mapping[str, object]:
        return details_of(self.name, self._wall())

    def collect(self, monotonic_seconds: float) -> Harvest:  # noqa: ARG002  (the protocol)
        now = self._wall()
        named = SOURCES[self.name](Clock(now, math))
        readings = [Reading(name, float(value), of) for (name, of), value in named.items()]
        records = self._records(now)
        self._collected_at = now
        return Harvest(readings, tuple(records))

    def _records(self, now: float) -> list[Record]:
        """What is new since the last time: runs that began, and those that ended."""
        first = self._collected_at is None
        if self.name != SOURCE:
            is_postgres = self.name.startswith("postgres:")
            return list(postgres_things(now)) if first and is_postgres else []
        since = self._collected_at or now - LOOK_BACK_SECONDS
        runs = executions(since - RUN_SECONDS_MAX, now, now)
        fresh = [run for run in runs if run.stopped_at is None or run.stopped_at > since]
        return [*(workflow_things(now) if first else ()), *fresh]


def demo_collectors(wall: Callable[[], float]) -> list[DemoCollector | DemoSource]:
    """One for each machine of the household, and one for each source beside them."""
    return [
        *(DemoCollector(machine, wall) for machine in MACHINES),
        *(DemoSource(name, wall) for name in SOURCES),
    ]
