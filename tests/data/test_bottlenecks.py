"""Simulated pipelines, through a real store: the report names what is known to hold them up."""

import pytest

from models.bottlenecks.shapes import Regime
from tests.data.houses import (
    RATE,
    SINCE,
    THREE,
    relief,
    row,
    runs_of,
    stages_found,
    station,
)
from tests.data.pipelines import Stage, about, arriving, exactly, job_rows, simulate
from tests.data.stores import NOON

pytestmark = [pytest.mark.slow, pytest.mark.zone]


def test_the_slow_stage_is_named_first(house):
    report = house.jobs(job_rows(runs_of(THREE))).report()

    [pipeline] = report.pipelines
    assert pipeline.limit == "transcribe"
    assert stages_found(report)[0] == "transcribe"
    assert str(report.findings[0].title) == "transcribe limits video"
    assert [one.stage for one in pipeline.stations] == ["download", "transcribe", "summarise"]


def test_once_it_is_relieved_the_next_one_is_named(house):
    download, transcribe, summarise = THREE
    relieved = (download, transcribe.relieved(0.75), summarise)

    assert house.jobs(job_rows(runs_of(relieved))).pipeline().limit == "summarise"


def test_waits_are_those_of_the_simulation_whether_told_or_seen_by_the_stage_before(house):
    runs = runs_of(THREE)
    waits = [run.waited for run in runs if run.stage.name == "transcribe"]
    seen = station(house.jobs(job_rows(runs)).pipeline(), "transcribe")
    told = station(house.jobs(job_rows(runs, told=True)).pipeline(), "transcribe")

    mean = sum(waits) / len(waits)
    assert (seen.wait_source, told.wait_source) == ("before", "told")
    assert seen.wait_seconds == pytest.approx(mean, rel=0.02)
    assert told.wait_seconds == pytest.approx(mean, rel=0.02)


def test_the_first_stage_waits_unknown_times_until_somebody_tells(house):
    pipeline = house.jobs(job_rows(runs_of(THREE))).pipeline()

    assert station(pipeline, "download").wait_seconds is None
    assert any("queued_at" in str(note) for note in pipeline.notes)


def test_minutes_of_waiting_a_day_are_all_the_waiting_there_was(house):
    runs = runs_of(THREE)
    minutes = sum(run.waited for run in runs if run.stage.name == "transcribe") / 60
    found = station(house.jobs(job_rows(runs, told=True)).pipeline(), "transcribe")

    # The span is shorter than a day: nothing is made up for the rest of it.
    assert found.waiting_minutes_a_day == pytest.approx(minutes, rel=0.05)


def test_with_room_relief_saves_waiting_as_the_simulation_does_and_no_throughput(house):
    """Waits depend much on chance: the formula is held against the mean of ten simulations."""
    before, after = 0.0, 0.0
    download, transcribe, summarise = THREE
    for seed in range(10):
        arrivals = arriving(RATE, SINCE, NOON, seed)
        for stages, sign in ((THREE, 1), ((download, transcribe.relieved(0.25), summarise), -1)):
            waited = sum(run.waited for run in simulate(stages, arrivals, seed=seed)) / 60
            before, after = (before + waited, after) if sign > 0 else (before, after + waited)
    pipeline = house.jobs(job_rows(runs_of(THREE), told=True)).pipeline()
    found = relief(pipeline, "transcribe", 0.25)
    waiting = sum(one.waiting_minutes_a_day for one in pipeline.stations)

    assert pipeline.regime is Regime.OPEN
    assert found.throughput == pytest.approx(pipeline.throughput)
    assert found.minutes_saved_a_day / waiting == pytest.approx(1 - after / before, abs=0.12)


def test_without_room_relief_brings_throughput_up_to_the_next_stage(house):
    slow = (Stage("a", exactly(5.0)), Stage("b", exactly(60.0)), Stage("c", exactly(40.0)))
    pipeline = house.jobs(job_rows(runs_of(slow, rate=1 / 30))).pipeline()
    half = relief(pipeline, "b", 0.5)
    relieved = (slow[0], slow[1].relieved(0.5), slow[2])
    done = [run for run in runs_of(relieved, rate=1 / 30) if run.stage.name == "c"]

    assert (pipeline.limit, pipeline.saturated, pipeline.regime) == ("b", True, Regime.CLOSED)
    assert (half.limited_by, half.capacity) == ("c", pytest.approx(90.0, rel=0.02))
    assert half.throughput == pytest.approx(len(done) / 4, rel=0.05)
    assert relief(pipeline, "a", 0.5).throughput == pytest.approx(pipeline.throughput)
    assert relief(pipeline, "a", 0.5).minutes_saved_a_day == 0


def test_a_nightly_batch_saves_what_the_simulation_saves(house):
    """Used to a tenth, and yet everything waits: the hour of the batch counts."""
    batch = [SINCE + 60 + n * 0.1 for n in range(60)]
    stages = (Stage("read", exactly(2.0)), Stage("think", exactly(20.0)))
    runs, eased = (simulate(some, batch) for some in (stages, (stages[0], stages[1].relieved(0.5))))
    saved = sum(run.waited for run in runs) - sum(run.waited for run in eased)
    rows = job_rows(runs, told=True)
    # The last one comes hours later, so that the span is not only the batch.
    last = job_rows(simulate(stages, [NOON - 600]), told=True, name="video")
    rows += [(f"late-{row[0]}", *row[1:4], "late", *row[5:]) for row in last]
    pipeline = house.jobs(rows).pipeline()

    assert pipeline.stations[1].utilisation < 0.2
    assert pipeline.regime is Regime.CLOSED
    assert relief(pipeline, "think", 0.5).minutes_saved_a_day == pytest.approx(saved / 60, rel=0.1)


def test_two_workers_are_seen_as_two_and_halve_the_use(house):
    one = house.jobs(job_rows(runs_of([Stage("think", about(20.0))]))).pipeline().stations[0]
    two_runs = runs_of([Stage("think", about(20.0), workers=2)])
    two = house.jobs(job_rows(two_runs)).pipeline().stations[0]

    assert (one.servers, two.servers) == (1, 2)
    assert two.utilisation == pytest.approx(one.utilisation / 2, rel=0.1)
    assert two.capacity == pytest.approx(2 * one.capacity, rel=0.1)


def test_stages_inside_a_job_are_parts_of_one_station(house):
    rows = []
    for number in range(60):
        start = SINCE + number * 100
        stages = (("fetch", start, 10.0), ("embed", start + 10, 40.0))
        job, same = f"j{number}", {"key": f"video-{number}"}
        rows.append(row(job, "", "", start, 50.0, **same))
        rows += [row(f"{job}-{s}", job, s, at, took, **same) for s, at, took in stages]
    pipeline = house.jobs(rows).pipeline()

    [whole] = pipeline.stations
    assert (whole.stage, [part.stage for part in whole.parts]) == ("", ["fetch", "embed"])
    assert pipeline.limit == "embed"
    assert whole.service_seconds == pytest.approx(50.0)
    # Half of embed is 20 s less of 50 s: the worker is free again after 30 s.
    assert relief(pipeline, "embed", 0.5).capacity == pytest.approx(3600 / 30, rel=0.01)


def test_the_most_minutes_come_first_and_add_up(house):
    report = house.jobs(job_rows(runs_of(THREE), told=True)).report()
    minutes = [finding.minutes_a_day or 0.0 for finding in report.findings]

    assert minutes == sorted(minutes, reverse=True)
    assert report.minutes_a_day == pytest.approx(sum(minutes))


def test_stages_inside_a_job_that_queue_have_workers_of_their_own(house):
    runs = [(run, *job_rows([run], told=True)) for run in runs_of(THREE)]
    jobs = {run.number: run.arrived for run, _ in runs if run.stage.name == "download"}
    rows = [(told[0], f"j{run.number}", *told[2:]) for run, told in runs]
    rows += [row(f"j{number}", "", "", at, 120.0) for number, at in jobs.items()]
    pipeline = house.jobs(rows).pipeline()

    assert [one.stage for one in pipeline.stations] == ["download", "transcribe", "summarise"]
    ended = sum(at + 120 < NOON for at in jobs.values())
    assert (pipeline.limit, pipeline.runs) == ("transcribe", ended)
