"""Forecasts and truths that are easy to predict, and stores that hold them."""

from zoneinfo import ZoneInfo

from data.ops.demand_series import measured
from models.demand.accuracy import Truth
from models.demand.shapes import HOUR_SECONDS, QUANTILES, Forecast, Recipe
from models.messages import say
from models.monitoring import Aggregate, Execution, Row, SeriesKey
from models.settings.target import Target
from tests.data.test_costs import call

HOUR = HOUR_SECONDS
START = 1_763_899_200 // HOUR * HOUR
"""A whole hour: 2025-11-23 12:00 UTC."""


def forecast(start_at=START, means=(10.0,) * 24, half=(4.0, 2.0), naive=9.0, **more):
    """`half` is half of the band of 95 and of 80 %."""
    edges = {0.025: -half[0], 0.1: -half[1], 0.5: 0.0, 0.8: 0.6 * half[1]}
    edges |= {0.9: half[1], 0.95: 0.8 * half[0], 0.975: half[0]}
    shape = {
        "target": "calls",
        "made_at": start_at + 120,
        "start_at": start_at,
        "step_seconds": HOUR,
        "asked": Recipe(),
        "model": "combo",
        "members": ("theta", "arima"),
        "parameters": {"alpha": 0.25},
        "why": say("{n} members", n=2),
        "means": tuple(means),
        "bands": tuple(tuple(mean + edges[q] for mean in means) for q in QUANTILES),
        "naive": (naive,) * len(means),
    }
    return Forecast(**{**shape, **more})


def truths(values, since=START, target="calls"):
    """Hour after hour; None is missing."""
    return [
        Truth(target, since + n * HOUR, HOUR, value, "missing" if value is None else "measured")
        for n, value in enumerate(values)
    ]


def watching(since, until, step=300):
    """That the agent ran: a value every few minutes."""
    key = SeriesKey("vps", "agent.store.size", ())
    return [Row(key, "By", at, Aggregate(1.0, 1.0, 1.0, 1)) for at in range(since, until, step)]


def level(name, values, since=START, step=600, machine="vps", labels=(), unit="{job}"):
    """One value every `step` seconds."""
    return [
        Row(SeriesKey(machine, name, labels), unit, since + n * step, Aggregate(v, v, v, 1))
        for n, v in enumerate(values)
    ]


SEOUL = ZoneInfo("Asia/Seoul")
SPAN = (START, START + 6 * HOUR)
DAY = 24 * HOUR
US = 1_000_000


def target(kind, **more):
    return Target(name=kind, kind=kind, **more)


def hours(store, wanted, span=SPAN, zone=SEOUL):
    found = store.read(lambda cursor: measured(cursor, wanted, span, zone))
    assert found.step_seconds == HOUR
    return [(found.start_at - START) // HOUR + n for n, _ in enumerate(found.values)], found.values


def values(store, wanted, **more):
    return list(hours(store, wanted, **more)[1])


def seen(store, *spans):
    """The agent ran in these hours, counted from START."""
    for since, until in spans or [(0, 6)]:
        store.write(watching(START + int(since * HOUR), START + int(until * HOUR)), START)


def spent(call_id, micro, at, **more):
    return call(call_id, micro, at * US, buckets=("api", "total"), **more)


def jobs(store, *rows):
    store.fold_jobs(rows, "jobs:test", 1)


def run(number, queued, started=None, stopped=None, status="success", **more):
    moments = [None if at is None else START + at for at in (queued, started, stopped)]
    shape = Execution("n8n:main", "w1", str(number), status, "trigger", *moments, START + 6 * HOUR)
    return shape._replace(**more)
