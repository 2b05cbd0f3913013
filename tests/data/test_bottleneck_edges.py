"""Little, odd and wrong data: the report says what it can, and no more."""

import pytest

from models.bottlenecks.shapes import Kind
from models.monitoring import Execution, Thing
from models.settings.analysis import Analysis
from tests.data.houses import (
    SINCE,
    SPAN,
    row,
    station,
)
from tests.data.stores import NOON

pytestmark = pytest.mark.slow


def test_nothing_says_nothing(house):
    report = house.report()

    assert (report.pipelines, report.findings, report.notes) == ((), (), ())


def test_one_run_is_not_enough_to_say(house):
    report = house.jobs([row("j1", "", "think", SINCE, 10.0)]).report()

    assert (report.pipelines[0].limit, report.findings) == (None, ())
    assert [str(note) for note in report.notes] == [
        "video: not enough runs to say what limits it (1 of 10)"
    ]


def test_a_stage_that_limits_and_whose_waits_nobody_tells_claims_no_minutes(house):
    rows = [row(f"j{n}", "", "think", SINCE + 60 * n, 59.0) for n in range(100)]
    [finding] = house.jobs(rows).report().findings

    assert (finding.kind, finding.minutes_a_day) == (Kind.STAGE, None)


def test_runs_that_are_all_alike_are_as_good_as_others(house):
    rows = [row(f"j{n}", "", "think", SINCE + 60 * n, 30.0) for n in range(100)]
    found = house.jobs(rows).pipeline().stations[0]

    assert (found.servers, found.service_variation) == (1, 0.0)
    assert found.utilisation == pytest.approx(0.5, rel=0.02)


def test_failures_only_are_told_as_failures(house):
    rows = [row(f"j{n}", "", "think", SINCE + 60 * n, 30.0, "failed") for n in range(20)]
    report = house.jobs(rows).report()

    [finding] = report.findings
    assert (finding.kind, finding.stage) == (Kind.FAILURES, "think")
    assert finding.minutes_a_day == pytest.approx(10.0)
    assert report.pipelines[0].stations[0].error_rate == 1.0


def test_a_process_that_is_gone_is_an_error_but_no_working_time(house):
    rows = [row(f"j{n}", "", "think", SINCE + 60 * n, 30.0) for n in range(20)]
    rows += [row("gone", "", "think", SINCE, SPAN / 2, "abandoned")]
    found = house.jobs(rows).pipeline().stations[0]

    assert (found.failed, found.servers) == (1, 1)
    assert found.busy_seconds == pytest.approx(600.0)


def test_a_clock_that_is_a_day_off_is_told_and_makes_no_waits(house):
    rows = [
        row(f"j{n}", "", "think", SINCE + 60 * n, 30.0, queued_at=SINCE + 60 * n + 86_400)
        for n in range(20)
    ]
    rows += [row("k", "", "think", SINCE + 600, 30.0, queued_at=SINCE + 590)]
    pipeline = house.jobs(rows).pipeline()

    assert any("clocks of two machines differ" in str(note) for note in pipeline.notes)
    assert pipeline.stations[0].wait_seconds == pytest.approx(10.0)


def test_a_key_that_is_analysed_every_hour_does_not_wait_an_hour(house):
    rows = []
    for number in range(20):
        start = SINCE + 600 * number
        rows += [
            row(f"a{number}", "", "read", start, 30.0, key="daily"),
            row(f"b{number}", "", "write", start + 35, 30.0, key="daily"),
        ]
    pipeline = house.jobs(rows).pipeline()

    assert station(pipeline, "read").wait_seconds is None
    assert station(pipeline, "write").wait_seconds == pytest.approx(5.0)


def test_runs_of_a_workflow_count_as_runs_of_the_analysis_they_are_mapped_to(house):
    runs = [
        Execution("n8n:main", "w1", str(n), "success", "trigger", at, at + 5, at + 35, NOON)
        for n in range(30)
        for at in [SINCE + 60 * n]
    ]
    house.store.record([*runs, Thing("workflow", "n8n:main", "w1", "Digest", "{}", NOON)])
    pipeline = house.pipeline(settings=[Analysis(name="digest", workflow="Digest")])

    [found] = pipeline.stations
    assert (pipeline.analysis, pipeline.runs) == ("digest", 30)
    assert found.wait_seconds == pytest.approx(5.0)
    assert house.report().pipelines == ()
