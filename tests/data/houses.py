"""A store with simulated pipelines in it, and the report on them."""

from data.bottlenecks import bottleneck_inputs
from models.bottlenecks.report import bottlenecks
from models.bottlenecks.shapes import Kind
from tests.data.pipelines import Stage, about, arriving, simulate
from tests.data.stores import NOON, Direct

HOUR = 3600.0
SPAN = 4 * HOUR
SINCE = NOON - SPAN
THREE = (
    Stage("download", about(6.0)),
    Stage("transcribe", about(20.0)),
    Stage("summarise", about(9.0)),
)
RATE = 1 / 25
"""Arrivals a second: transcribe is used to 80 %."""


class House:
    """A store, and the report on what was put into it."""

    def __init__(self, store):
        self.store = store

    def jobs(self, rows):
        for first in range(0, len(rows), 2_000):
            self.store.fold_jobs(rows[first : first + 2_000], "jobs:test", first)
        return self

    def series(self, *rows):
        self.store.write([row for some in rows for row in some], NOON)
        return self

    def report(self, since=SINCE, settings=()):
        return bottlenecks(bottleneck_inputs(Direct(self.store), since, NOON, settings))

    def pipeline(self, **more):
        [pipeline] = self.report(**more).pipelines
        return pipeline


def runs_of(stages, rate=RATE):
    return simulate(stages, arriving(rate, SINCE, NOON))


def station(pipeline, stage):
    return next(one for one in pipeline.stations if one.stage == stage)


def relief(pipeline, stage, share):
    return next(one for one in pipeline.reliefs if (one.stage, one.share) == (stage, share))


def stages_found(report):
    return [finding.stage for finding in report.findings if finding.kind is Kind.STAGE]


def row(job_id, parent_id, stage, start, seconds, state="succeeded", name="video", **more):
    shape = {
        "job_id": job_id,
        "parent_id": parent_id,
        "name": name,
        "stage": stage,
        "key": job_id,
        "host": "vps",
        "state": state,
        "queued_at": None,
        "started_at": start,
        "ended_at": None if state == "running" else start + seconds,
        "duration_seconds": None if state in {"running", "abandoned"} else seconds,
        "error": "boom" if state == "failed" else "",
        "seq": 1,
    }
    return tuple({**shape, **more}.values())
