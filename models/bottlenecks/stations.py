"""Stations of an analysis: where its work waits for a worker, and what each worker does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.bottlenecks.crews import Crew, crews_of, servers_of
from models.bottlenecks.inputs import Level, Link, StageRuns, Strain
from models.bottlenecks.laws import capacity_per_second, mean_queue, utilisation
from models.bottlenecks.order import in_order, links_by_stage
from models.bottlenecks.queues import queue_of
from models.bottlenecks.shapes import Part, Station, WaitSource
from models.bottlenecks.window import Window

HOUR_SECONDS = 3600.0
SATURATED = 0.9
GROWING = 3.0
"""A backlog that grows is in the end twice as long as its mean wait tells; and some."""


@dataclass(frozen=True, slots=True)
class Around:
    """What one analysis has besides its runs."""

    links: dict[str, Link] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    queues: tuple[Strain, ...] = ()


def stations_of(runs: Sequence[StageRuns], around: Around, window: Window) -> tuple[Station, ...]:
    """Of one analysis, in the order in which its work passes them."""
    order = in_order({row.stage for row in runs}, around.links)
    crews = crews_of(sorted(runs, key=lambda row: order.index(row.stage)))
    first = _reference(runs, crews, around.links)
    stations = []
    on_the_way = 0.0
    for crew in crews:
        draft = _Draft(crew, around, window)
        wait = draft.wait_seconds
        on_the_way += GROWING * (first / window.active_seconds) * (wait or 0.0)
        tight = wait is None and draft.utilisation >= SATURATED
        missing = first / 2 if tight else max(first / 20, on_the_way)
        stations.append(draft.station(_visits(crew.own.arrived, first, missing)))
    return tuple(stations)


def around_of(
    analysis: str, links: Iterable[Link], levels: Iterable[Level], queues: tuple[Strain, ...]
) -> Around:
    return Around(
        links_by_stage(link for link in links if link.analysis == analysis),
        tuple(level for level in levels if level.analysis == analysis),
        queues,
    )


def _reference(runs: Sequence[StageRuns], crews: Sequence[Crew], links: dict[str, Link]) -> int:
    """How many runs of the analysis began: by its whole, else by its first stage."""
    whole = next((row for row in runs if row.stage == ""), None)
    if whole:
        return whole.arrived
    return max((crew.own.arrived for crew in crews if crew.own.stage not in links), default=0)


def _visits(arrived: int, first: int, missing: float) -> float:
    """How often a run comes by, of so many that began, of whom so many may still be on the way.

    >>> _visits(95, 100, 5.0), _visits(20, 100, 5.0), _visits(300, 100, 5.0)
    (1.0, 0.2, 3.0)
    """
    if not first or not arrived:
        return 1.0
    return 1.0 if first - missing <= arrived <= 1.05 * first else arrived / first


class _Draft:
    """A station before it is known how often a run comes by."""

    def __init__(self, crew: Crew, around: Around, window: Window) -> None:
        self.own = crew.own
        self._around = around
        self._window = window
        self.parts = tuple(_part(row, crew.own) for row in (crew.inside or (crew.own,)))
        named = {row.stage for row in crew.inside} if crew.parts_only else {crew.own.stage}
        self.busy_seconds = (
            sum(row.busy_seconds for row in crew.inside)
            if crew.parts_only
            else crew.own.busy_seconds
        )
        self.service_seconds = (
            sum(part.seconds for part in self.parts)
            if crew.parts_only
            else crew.own.mean_seconds or 0.0
        )
        self.servers = max(
            servers_of(level for level in around.levels if level.stage == stage) for stage in named
        )
        self.utilisation = utilisation(self.busy_seconds, self.servers, window.active_seconds)
        self._arrivals = crew.own.arrived / window.active_seconds
        self._measured = queue_of(crew.own, around.queues)
        self.wait_seconds, self._wait_p95_seconds, self._wait_source = self._wait()

    def station(self, visits: float) -> Station:
        own, window = self.own, self._window
        arrivals, measured = self._arrivals, self._measured
        wait, p95, source = self.wait_seconds, self._wait_p95_seconds, self._wait_source
        queue = None if wait is None else mean_queue(arrivals, wait)
        waiting = measured if source is WaitSource.QUEUE else queue
        able = capacity_per_second(self.service_seconds * visits, self.servers)
        return Station(
            analysis=own.analysis,
            stage=own.stage,
            parts=self.parts,
            servers=self.servers,
            ended=own.ended,
            failed=own.failed,
            running=own.running,
            queued=own.queued,
            arrivals=arrivals * HOUR_SECONDS,
            service_seconds=self.service_seconds,
            service_variation=_variation(own),
            busy_seconds=self.busy_seconds,
            utilisation=self.utilisation,
            visits=visits,
            capacity=able * HOUR_SECONDS,
            wait_seconds=wait,
            wait_p95_seconds=p95,
            wait_source=source,
            queue=queue,
            queue_measured=measured,
            waiting_minutes_a_day=None if waiting is None else window.minutes_a_day(waiting),
        )

    def _wait(self) -> tuple[float | None, float | None, WaitSource]:
        own, arrivals, measured = self.own, self._arrivals, self._measured
        link = self._around.links.get(own.stage)
        gaps = link.gaps if link else 0
        if own.waits + gaps:
            total = own.wait_seconds + (link.gap_seconds if link else 0.0)
            told = own.waits >= gaps
            p95 = own.wait_p95_seconds if told or not link else link.gap_p95_seconds
            source = WaitSource.TOLD if told else WaitSource.BEFORE
            return total / (own.waits + gaps), p95, source
        if measured is not None and arrivals > 0:
            return measured / arrivals, None, WaitSource.QUEUE
        return None, None, WaitSource.UNKNOWN


def _part(row: StageRuns, own: StageRuns) -> Part:
    visits = row.ended / own.ended if row is not own and own.ended else 1.0
    return Part(
        stage=row.stage,
        seconds=(row.mean_seconds or 0.0) * visits,
        median_seconds=row.median_seconds,
        p95_seconds=row.p95_seconds,
        ended=row.ended,
        failed=row.failed,
        failed_seconds=row.failed_seconds,
    )


def _variation(row: StageRuns) -> float:
    """Squared coefficient of variation of the service time; 1 where there is too little."""
    if not row.mean_seconds or row.variance_seconds is None:
        return 1.0
    return row.variance_seconds / row.mean_seconds**2
