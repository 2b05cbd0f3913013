"""What slows a stage down is named, and its minutes are counted once."""

import pytest

from models.bottlenecks.shapes import CauseKind, Kind
from models.monitoring import Thing
from tests.data.houses import (
    HOUR,
    SINCE,
    SPAN,
    THREE,
    runs_of,
)
from tests.data.pipelines import Stage, about, drawn, job_rows
from tests.data.stores import NOON

pytestmark = pytest.mark.slow

MAIN = (("source", "main"),)
GEMINI = (("source", "gemini"), ("step", "total"))
HOT = (("reason", "hw thermal"),)


def locked(at):
    """Twenty minutes in each hour."""
    return at % HOUR < 1200


def slow(at):
    return at > NOON - 1.5 * HOUR


def test_a_lock_is_the_cause_of_the_stage_that_it_slows_down(house):
    stages = (THREE[0], Stage("write", about(8.0)).slower(4, locked), THREE[2])
    house.jobs(job_rows(runs_of(stages))).series(
        drawn("postgresql.blocked", lambda at: 2.0 * locked(at), SINCE, labels=MAIN),
        drawn("machine.cpu.utilization", lambda at: 0.3, SINCE),
        drawn("http.check.duration", lambda at: 0.2 + 0.01 * (at % 7), SINCE, labels=GEMINI),
    )
    house.store.record(
        [Thing("blocker", "postgres:main", "1", "backup: VACUUM FULL videos", "{}", NOON - 60)]
    )
    report = house.report()

    finding = next(one for one in report.findings if one.stage == "write")
    assert [cause.kind for cause in finding.causes] == [CauseKind.LOCK]
    assert finding.causes[0].ratio == pytest.approx(4, rel=0.4)
    assert finding.causes[0].stretches == 4
    assert "transaction that holds the lock" in str(finding.next_step)
    assert "held by backup: VACUUM FULL videos" in [str(told) for told in finding.evidence]
    assert Kind.LOCK not in {one.kind for one in report.findings}


def test_a_lock_that_slows_no_stage_is_a_finding_of_its_own(house):
    house.jobs(job_rows(runs_of(THREE))).series(
        drawn("postgresql.blocked", lambda at: 2.0 * locked(at), SINCE, labels=MAIN)
    )
    report = house.report()

    [lock] = [one for one in report.findings if one.kind is Kind.LOCK]
    share = sum(2.0 * locked(at) for at in range(int(SINCE), int(NOON), 10)) * 10 / 60
    assert lock.minutes_a_day == pytest.approx(share, rel=0.01)
    assert lock.subject == "PostgreSQL main"


def test_an_api_that_slows_down_is_the_cause_by_its_name(house):
    stages = (THREE[0], Stage("describe", about(10.0)).slower(3, slow))
    report = (
        house.jobs(job_rows(runs_of(stages)))
        .series(
            drawn("http.check.duration", lambda at: 1.5 if slow(at) else 0.3, SINCE, labels=GEMINI)
        )
        .report()
    )

    assert report.findings[0].stage == "describe"
    assert [cause.subject for cause in report.findings[0].causes] == ["gemini"]
    assert "gemini" in str(report.findings[0].next_step)


def test_an_api_that_slows_down_and_no_stage_with_it_costs_no_minutes(house):
    house.jobs(job_rows(runs_of(THREE))).series(
        drawn("http.check.duration", lambda at: 1.5 if slow(at) else 0.3, SINCE, labels=GEMINI)
    )
    [api] = [one for one in house.report().findings if one.kind is Kind.API]

    assert (api.subject, api.minutes_a_day) == ("gemini", None)


def test_a_resource_counts_only_for_what_runs_on_its_machine(house):
    stages = (Stage("think", about(10.0), host="gpu-1").slower(3, locked),)
    strained = [
        drawn("hw.gpu.throttle", lambda at: float(locked(at)), SINCE, labels=HOT, machine=machine)
        for machine in ("gpu-1", "gpu-2")
    ]
    house.jobs(job_rows(runs_of(stages))).series(*strained)
    house.jobs(job_rows(runs_of((Stage("idle", about(1.0), host="gpu-2"),)), name="other"))
    report = house.report()

    found = {(one.stage, one.subject, one.machine) for one in report.slowdowns}
    assert found == {("think", "GPU throttle (hw thermal)", "gpu-1")}


def test_what_is_strained_by_chance_explains_nothing(house):
    house.jobs(job_rows(runs_of(THREE))).series(
        *(
            drawn(
                "machine.cpu.utilization",
                lambda at, n=n: 0.95 if (at // 60 * 7919 + n * 31) % 11 < 4 else 0.2,
                SINCE,
                machine=f"m{n}",
            )
            for n in range(6)
        )
    )

    assert house.report().slowdowns == ()


def test_a_queue_in_redis_says_how_long_work_waits_where_nobody_tells(house):
    stages = (Stage("transcribe", about(20.0)),)
    runs = runs_of(stages)

    def length(at):
        return float(sum(run.arrived <= at < run.started for run in runs))

    labels = (("queue", "video:transcribe"), ("source", "main"))
    house.jobs(job_rows(runs)).series(drawn("redis.queue.length", length, SINCE, labels=labels))
    found = house.pipeline().stations[0]

    waits = [run.waited for run in runs]
    assert found.wait_source == "queue"
    assert found.wait_seconds == pytest.approx(sum(waits) / len(waits), rel=0.1)
    assert found.queue_measured == pytest.approx(found.queue, rel=0.01)


def test_a_queue_that_belongs_to_no_stage_is_told_by_its_name(house):
    labels = (("queue", "mail"), ("source", "main"))
    report = house.series(
        drawn("redis.queue.length", lambda at: 3.0, SINCE, labels=labels)
    ).report()

    [queue] = report.findings
    assert (queue.kind, queue.subject) == (Kind.QUEUE, "mail")
    assert queue.minutes_a_day == pytest.approx(3.0 * SPAN / 60)


def test_a_statement_that_takes_most_of_the_time_is_told_with_its_text(house):
    labels = [(("queryid", str(n)), ("source", "main")) for n in (1, 2)]
    house.series(
        drawn("postgresql.statement.time", lambda at: 0.5, SINCE, labels=labels[0]),
        drawn("postgresql.statement.time", lambda at: 0.01, SINCE, labels=labels[1]),
    )
    house.store.record([Thing("statement", "postgres:main", "1", "SELECT <b>1</b>", "{}", NOON)])
    [finding] = house.report().findings

    assert (finding.kind, finding.subject) == (Kind.STATEMENT, "SELECT <b>1</b>")
    assert finding.minutes_a_day == pytest.approx(0.5 * SPAN / 60)


def test_minutes_in_locks_are_not_counted_again_as_minutes_of_a_statement(house):
    labels = (("queryid", "1"), ("source", "main"))
    house.series(
        drawn("postgresql.statement.time", lambda at: 0.5, SINCE, labels=labels),
        drawn("postgresql.blocked", lambda at: 0.4, SINCE, labels=MAIN),
    )
    found = {one.kind: one.minutes_a_day for one in house.report().findings}

    assert found[Kind.LOCK] == pytest.approx(0.4 * SPAN / 60)
    assert found[Kind.STATEMENT] == pytest.approx(0.1 * SPAN / 60, rel=0.01)
