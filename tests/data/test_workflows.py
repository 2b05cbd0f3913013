"""Workflows as the store remembers them, over a real store and the pages' own reader."""

import json

import numpy as np
import pytest

from data.workflows import failures_of, known_workflows, run_buckets, workflow_runs
from models.monitoring import Execution, Thing
from tests.data.stores import NOON, Direct

HOUR = 3600
MAIN = ("n8n:main", "w1")


def run(number, status="success", ago=HOUR, seconds=10.0, **more):
    start = NOON - ago
    stopped = None if status == "running" else start + seconds
    shape = Execution(*MAIN, str(number), status, "trigger", start - 2, start, stopped, NOON)
    return shape._replace(**more)


def test_an_empty_store_has_no_workflows(store):
    assert workflow_runs(Direct(store), NOON - 24 * HOUR, NOON) == []
    assert known_workflows(Direct(store)) == {}


def test_a_workflow_is_told_by_its_runs(store):
    store.record(
        [
            *(run(n, ago=(20 - n) * HOUR, seconds=float(n)) for n in range(1, 11)),
            run(11, "error", ago=2 * HOUR, error="HTTP Request: 502"),
            run(12, "crashed", ago=1 * HOUR),
            run(13, "canceled", ago=1800),
            Thing("workflow", "n8n:main", "w1", "Digest 🎬", json.dumps({"active": True}), NOON),
        ]
    )

    [row] = workflow_runs(Direct(store), NOON - 24 * HOUR, NOON)

    assert (row.name, row.runs, row.successes, row.failures) == ("Digest 🎬", 13, 10, 2)
    assert row.median_seconds == pytest.approx(5.5)
    assert row.p95_seconds == pytest.approx(9.55)
    assert row.wait_p95_seconds == pytest.approx(2.0)
    assert row.streak == 2
    assert row.last_success_at == NOON - 10 * HOUR + 10
    assert sum(row.trend) == 13


def test_a_success_ends_a_streak(store):
    store.record([run(1, "error", ago=300), run(2, ago=200), run(3, "error", ago=100)])

    [row] = workflow_runs(Direct(store), NOON - HOUR, NOON)

    assert row.streak == 1


def test_one_that_never_succeeded_and_one_that_still_runs_are_told_without_numbers(store):
    store.record([run(1, "error", ago=300), run(2, "running", ago=200, workflow_id="w2")])

    failed, running = workflow_runs(Direct(store), NOON - HOUR, NOON)

    assert (failed.last_success_at, failed.streak, failed.median_seconds) == (None, 1, None)
    assert (running.workflow_id, running.name, running.runs) == ("w2", "w2", 1)


def test_runs_over_time_are_in_buckets(store):
    store.record([run(1, ago=300), run(2, "error", ago=290), run(3, ago=30, seconds=20.0)])

    columns = run_buckets(Direct(store), MAIN, NOON - HOUR, NOON, 60.0)

    assert columns["successes"].tolist() == [1, 1]
    assert columns["failures"].tolist() == [1, 0]
    assert columns["longest"].tolist() == [10.0, 20.0]
    assert np.all(columns["at_ms"] % 60_000 == 0)


def test_the_last_failures_come_first_with_what_they_say(store):
    store.record(
        [
            run(1, "error", ago=300, error="<b>node</b>: 'x'", key="video-1"),
            run(2, "crashed", ago=200),
            run(3, ago=100),
        ]
    )

    failures = failures_of(Direct(store), MAIN)

    assert [failure.execution_id for failure in failures] == ["2", "1"]
    assert failures[1].error == "<b>node</b>: 'x'"
    assert failures[1].key == "video-1"


def test_another_workflow_is_another_one(store):
    store.record([run(1, "error", ago=300), run(2, "error", ago=300, source="n8n:second")])

    assert [f.execution_id for f in failures_of(Direct(store), MAIN)] == ["1"]
