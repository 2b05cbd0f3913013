"""Analyses out of jobs and of mapped workflows: each run counts once."""

import json

import pytest

from data.analyses import analyses, analysis_buckets, last_failures, running_now
from data.analysis_runs import Mapped, chosen
from models.monitoring import Execution, Thing
from models.settings.analysis import Analysis
from tests.data.houses import HOUR, SINCE, THREE, row, runs_of
from tests.data.pipelines import Stage, exactly, job_rows, simulate
from tests.data.stores import NOON, Direct

pytestmark = [pytest.mark.slow, pytest.mark.zone]

WHOLE = (SINCE, NOON)


@pytest.fixture
def ask(house):
    """The analyses by name."""

    def asked(*settings, since=SINCE, until=NOON):
        found = analyses(Direct(house.store), since, until, settings)
        return {summary.analysis: summary for summary in found}

    return asked


def execution(number, status="success", start=SINCE + 60, seconds=30.0, **more):
    stopped = None if status in {"running", "queued", "waiting"} else start + seconds
    shape = Execution(
        "n8n:main", "w1", str(number), status, "trigger", start - 5, start, stopped, NOON
    )
    return shape._replace(**more)


def job(number, start, seconds=10.0, state="succeeded", **more):
    return row(f"j{number}", "", "", start, seconds, state, **more)


def test_nothing_has_no_analyses(ask):
    assert ask() == {}


def test_whole_jobs_are_runs_and_their_stages_say_where_the_time_goes(house, ask):
    house.jobs(
        [
            job(1, SINCE + 10, 60.0, queued_at=SINCE + 4),
            row("s1", "j1", "read", SINCE + 10, 20.0),
            row("s2", "j1", "write", SINCE + 30, 40.0, host="gpu-1"),
            job(2, SINCE + 100, 80.0, "failed"),
            job(3, NOON - 10, 0, "running"),
        ]
    )
    video = ask()["video"]

    assert (video.whole, video.runs, video.succeeded, video.failed, video.running) == (
        *(True, 2, 1, 1, 1),
    )
    assert (video.success_rate, video.median_seconds, video.wait_median_seconds) == (0.5, 60, 6)
    assert [(stage.stage, stage.busy_seconds) for stage in video.stages] == [
        ("write", 40.0),
        ("read", 20.0),
    ]
    assert (video.last_success_at, sum(video.trend)) == (SINCE + 70, 2)


def test_where_each_stage_has_its_own_worker_the_rows_of_a_key_are_a_run(house, ask):
    runs = simulate(THREE, [SINCE + 400 * n for n in range(20)])
    house.jobs(job_rows(runs, told=True))
    video = ask()["video"]
    turnaround = sorted(
        max(run.ended for run in runs if run.number == number)
        - min(run.arrived for run in runs if run.number == number)
        for number in range(20)
    )

    assert (video.whole, video.runs, video.succeeded) == (False, 20, 20)
    assert video.median_seconds == pytest.approx((turnaround[9] + turnaround[10]) / 2)
    assert {stage.stage for stage in video.stages} == {"download", "transcribe", "summarise"}


def test_a_run_that_has_not_reached_its_last_stage_is_no_success_yet(house, ask):
    stages = (Stage("read", exactly(10)), Stage("write", exactly(10)))
    rows = job_rows(simulate(stages, [SINCE + 100 * n for n in range(9)]))
    house.jobs([one for one in rows if one[0] != "video-write-8"])

    assert (ask()["video"].runs, ask()["video"].running) == (8, 0)


def test_what_fails_in_the_middle_is_a_failed_run(house, ask):
    stages = (Stage("read", exactly(10), fails=0.5), Stage("write", exactly(10)))
    runs = simulate(stages, [SINCE + 100 * n for n in range(40)])
    failed = sum(run.failed for run in runs)
    house.jobs(job_rows(runs))

    assert 0 < failed < 40
    assert (ask()["video"].succeeded, ask()["video"].failed) == (40 - failed, failed)


def test_a_run_counts_in_the_span_in_which_it_ended(house, ask):
    house.jobs([job(1, SINCE - 5), job(2, SINCE - 60), job(3, NOON - 5)])

    assert ask()["video"].runs == 1
    assert ask()["video"].running == 1
    assert ask(until=NOON + HOUR)["video"].runs == 2


def test_a_workflow_is_mapped_by_its_name_or_its_id():
    known = {("n8n:main", "w1"): {"name": "Digest"}, ("n8n:b", "w2"): {"name": "Digest"}}

    assert chosen(
        [
            Analysis(name="digest", workflow="Digest"),
            Analysis(name="digest", workflow="w2", n8n="b", stage="send"),
            Analysis(name="unheard"),
        ],
        known,
    ) == [
        Mapped("digest", "", "n8n:main", "w1"),
        Mapped("digest", "send", "n8n:b", "w2"),
        Mapped("unheard", "", "n8n:main", "unheard"),
    ]


def test_executions_count_as_runs_only_where_they_are_mapped(house, ask):
    house.store.record(
        [
            execution(1),
            execution(2, "error", error="HTTP Request: 502", key="video-9"),
            execution(3, "canceled"),
            execution(4, "running"),
            execution(5, workflow_id="w2"),
            Thing("workflow", "n8n:main", "w1", "Digest", json.dumps({}), NOON),
        ]
    )
    digest = ask(Analysis(name="digest", workflow="Digest"))["digest"]

    assert ask() == {}
    assert (digest.runs, digest.succeeded, digest.failed, digest.running) == (2, 1, 1, 1)
    assert digest.wait_median_seconds == 5


def test_a_run_that_n8n_tried_again_counts_by_its_last_try(house, ask):
    house.store.record(
        [
            execution(1, "error"),
            execution(2, "error", start=SINCE + 200, retry_of="1"),
            execution(3, start=SINCE + 400, retry_of="2"),
        ]
    )
    digest = ask(Analysis(name="digest", workflow="w1"))["digest"]

    assert (digest.runs, digest.succeeded, digest.failed, digest.retried) == (1, 1, 0, 2)
    setting = [Analysis(name="digest", workflow="w1")]
    assert last_failures(Direct(house.store), WHOLE, setting) == []


def test_where_n8n_runs_the_whole_a_whole_job_of_that_name_is_a_part_of_it(house, ask):
    house.store.record([execution(1)])
    house.jobs([job(1, SINCE + 61, 20.0, name="digest"), job(2, SINCE + 61, 20.0)])
    found = ask(Analysis(name="digest", workflow="w1"))

    assert (found["digest"].runs, found["video"].runs) == (1, 1)
    assert [stage.stage for stage in found["digest"].stages] == ["job"]


def test_the_last_failures_name_what_was_analysed(house):
    house.jobs(
        [
            job(1, SINCE + 10, 50.0, "failed", key="video-17"),
            row("s1", "j1", "read", SINCE + 10, 20.0, "failed", key=""),
            job(2, SINCE + 100, 20.0, "abandoned", key="<b>영상 🎬</b>"),
            job(3, SINCE + 200, 20.0),
        ]
    )
    failures = last_failures(Direct(house.store), WHOLE)

    assert [(one.stage, one.key, one.abandoned) for one in failures] == [
        ("", "<b>영상 🎬</b>", True),
        ("", "video-17", False),
        ("read", "video-17", False),
    ]
    assert last_failures(Direct(house.store), WHOLE, analysis="other") == []
    assert len(last_failures(Direct(house.store), WHOLE, count=1)) == 1


def test_what_runs_now_comes_with_the_oldest_first(house):
    nothing = dict.fromkeys(("started_at", "ended_at", "duration_seconds"))
    queued = {**nothing, "queued_at": NOON - 5}
    house.jobs(
        [
            job(1, NOON - 10, 0, "running"),
            job(2, NOON - 60, 0, "running"),
            job(3, NOON, 0, "queued", **queued),
        ]
    )
    running = running_now(Direct(house.store), WHOLE)

    assert [one.id for one in running] == ["j2", "j1", "j3"]
    assert (running[2].started_at, running[2].queued_at) == (None, NOON - 5)


def test_runs_over_time_are_in_buckets(house):
    house.jobs([job(1, SINCE), job(2, SINCE + 5, 20.0, "failed"), job(3, SINCE + HOUR, 30.0)])
    columns = analysis_buckets(Direct(house.store), "video", WHOLE, 600.0)

    assert columns["succeeded"].tolist() == [1, 1]
    assert columns["failed"].tolist() == [1, 0]
    assert columns["median_seconds"].tolist() == [10.0, 30.0]
    assert all(at % 600_000 == 0 for at in columns["at_ms"])


def test_every_run_of_a_simulation_is_there_once(house, ask):
    runs = runs_of(THREE)
    house.jobs(job_rows(runs))
    stages = {stage.stage: stage for stage in ask()["video"].stages}

    for stage in THREE:
        mine = [run for run in runs if run.stage.name == stage.name]
        assert stages[stage.name].runs == sum(run.ended < NOON for run in mine)
        assert stages[stage.name].running == sum(run.ended >= NOON for run in mine)
