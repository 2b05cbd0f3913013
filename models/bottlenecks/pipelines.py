"""One analysis over the span: its stations, which of them limits it, what relief would bring."""

from collections.abc import Iterable, Mapping, Sequence

from models.bottlenecks.inputs import Inputs, Pace, StageRuns, Strain
from models.bottlenecks.order import in_order
from models.bottlenecks.relief import BURSTY, Flow, limiting, regime_of, reliefs_of
from models.bottlenecks.shapes import Pipeline, Regime, Station
from models.bottlenecks.stations import HOUR_SECONDS, SATURATED, around_of, stations_of
from models.bottlenecks.strains import QUEUES
from models.bottlenecks.window import window_of
from models.messages import Message, say

RUNS_MIN = 10
"""With fewer runs that ended, nothing is said of what limits them."""
ARRIVALS_MIN, BUCKETS_MIN = 20, 20
SCALES = (1, 4, 16, 64)


def pipelines_of(inputs: Inputs) -> tuple[Pipeline, ...]:
    """One for each analysis with a run in the span, by name."""
    queues = tuple(strain for strain in inputs.strains if strain.name in QUEUES)
    names = sorted({row.analysis for row in inputs.runs})
    return tuple(
        _pipeline([row for row in inputs.runs if row.analysis == name], inputs, queues)
        for name in names
    )


def _pipeline(runs: Sequence[StageRuns], inputs: Inputs, queues: tuple[Strain, ...]) -> Pipeline:
    window = window_of(runs, inputs.since, inputs.until)
    around = around_of(runs[0].analysis, inputs.links, inputs.levels, queues)
    stations = stations_of(runs, around, window)
    whole = next((row for row in runs if row.stage == ""), None)
    order = in_order({station.stage for station in stations}, around.links)
    first, last = (_named(stations, order[place]) for place in (0, -1))
    hours = window.active_seconds / HOUR_SECONDS
    ended = whole.ended if whole else last.ended
    arrived = whole.arrived / hours if whole else first.arrivals
    entry = (first.analysis, first.stage)
    flow = Flow(
        throughput=ended / hours,
        offered=arrived,
        dispersion=dispersion(
            (pace for pace in inputs.paces if (pace.analysis, pace.stage) == entry),
            window.active_seconds / inputs.bucket_seconds,
        ),
        window=window,
    )
    enough = max(station.ended for station in stations) >= RUNS_MIN
    limit = limiting(stations) if enough else None
    return Pipeline(
        analysis=runs[0].analysis,
        stations=stations,
        runs=ended,
        throughput=flow.throughput,
        active_seconds=window.active_seconds,
        days=window.days,
        limit=limit.slowest.stage if limit else None,
        limiting=limit,
        saturated=bool(limit) and limit.utilisation >= SATURATED if limit else False,
        regime=regime_of(limit, flow) if limit else Regime.OPEN,
        reliefs=reliefs_of(stations, flow) if limit else (),
        notes=tuple(_notes(runs, stations)),
    )


def dispersion(paces: Iterable[Pace], buckets: float) -> float:
    """Variance over mean of the runs in a stretch of time; 1 where there are too few to say.

    Over long enough stretches it is the squared coefficient of variation of the times between
    arrivals (Cox & Lewis, 1966), and it also sees batches and the hours of the day. Runs are
    counted where they are done, one after another, so a batch shows only in stretches that are
    longer than one run: of buckets and of 4, 16, 64 joined, the largest counts.

    >>> batch = [Pace("a", "s", "h", bucket, 1, 1.0) for bucket in range(40)]
    >>> dispersion(batch, 400.0) > 10, dispersion(batch, 40.0)
    (True, 0.0)
    """
    counts: dict[int, int] = {}
    for pace in paces:
        counts[pace.bucket] = counts.get(pace.bucket, 0) + pace.runs
    total = sum(counts.values())
    scales = [scale for scale in SCALES if buckets / scale >= BUCKETS_MIN]
    if total < ARRIVALS_MIN or not scales:
        return 1.0
    found = [_dispersion(counts, buckets / scale, scale) for scale in scales]
    return max(found) if max(found) > BURSTY else found[0]


def _dispersion(counts: Mapping[int, int], buckets: float, scale: int) -> float:
    joined: dict[int, int] = {}
    for bucket, count in counts.items():
        joined[bucket // scale] = joined.get(bucket // scale, 0) + count
    mean = sum(joined.values()) / buckets
    return max(0.0, sum(count**2 for count in joined.values()) / buckets - mean**2) / mean


def _named(stations: Sequence[Station], stage: str) -> Station:
    return next(station for station in stations if station.stage == stage)


def _notes(runs: Sequence[StageRuns], stations: Sequence[Station]) -> list[Message]:
    name = runs[0].analysis
    notes = []
    most = max(station.ended for station in stations)
    if most < RUNS_MIN:
        notes.append(
            say(
                "{analysis}: not enough runs to say what limits it ({n} of {needed})",
                analysis=name,
                n=most,
                needed=RUNS_MIN,
            )
        )
    unknown = [one for one in stations if one.wait_seconds is None]
    if unknown and most >= RUNS_MIN:
        notes.append(
            say(
                "{analysis}: how long work waits for {stages} is not known; give sallim.job "
                "queued_at, or the key that the stage before has",
                analysis=name,
                stages=", ".join(one.stage or name for one in unknown),
            )
        )
    negative = sum(row.negative_waits for row in runs)
    if negative:
        notes.append(
            say(
                "{analysis}: {n} runs began before they were queued, so the clocks of two "
                "machines differ; switch on time synchronisation (timedatectl set-ntp true)",
                analysis=name,
                n=negative,
            )
        )
    return notes
