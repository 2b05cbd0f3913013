"""The runs of one workflow, counted."""

import pytest

from models.monitoring import Execution
from models.workflows.runs import HOUR_SECONDS, THINNED_SECONDS, Failure, RunLog

NOW = 1_800_000_000.0
DAY = 24 * HOUR_SECONDS


def run(status="success", ago=600.0, seconds=10.0, **more):
    """One that ended so long ago."""
    shape = Execution(
        "n8n:main", "w", "1", status, "trigger", None, NOW - ago - seconds, NOW - ago, NOW
    )
    return shape._replace(**more)


def log_of(*runs):
    log = RunLog()
    for execution in runs:
        log.start(execution)
        log.end(execution)
    return log


def test_a_workflow_without_runs_has_counts_and_no_figures():
    summary = RunLog().summary(NOW)

    assert (summary.runs_day, summary.failures_day, summary.streak) == (0, 0, 0)
    assert (summary.success_rate, summary.median_seconds, summary.last_success_at) == (None,) * 3


def test_runs_are_counted_by_the_hour_and_by_the_day():
    summary = log_of(
        run(ago=60), run("error", ago=120), run("canceled", ago=180), run(ago=2 * HOUR_SECONDS)
    ).summary(NOW)

    assert (summary.runs_hour, summary.successes_hour, summary.failures_hour) == (3, 1, 1)
    assert (summary.runs_day, summary.failures_day) == (4, 1)
    assert summary.success_rate == pytest.approx(2 / 3)


def test_what_is_older_than_a_day_is_counted_no_longer_but_remembered():
    log = log_of(run(ago=2 * DAY))

    summary = log.summary(NOW)

    assert summary.runs_day == 0
    assert summary.last_success_at == NOW - 2 * DAY


def test_durations_are_those_of_successes():
    runs = [run(seconds=float(n)) for n in range(1, 101)]

    summary = log_of(*runs, run("error", seconds=9000.0), run("crashed", seconds=0.0)).summary(NOW)

    assert summary.median_seconds == pytest.approx(50.5)
    assert summary.p95_seconds == pytest.approx(95.05)


def test_the_wait_is_known_of_runs_that_were_seen_in_the_queue():
    started = NOW - 610

    summary = log_of(run(queued_at=started - 40), run()).summary(NOW)

    assert summary.wait_seconds == pytest.approx(40.0)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_a_streak_counts_failures_after_the_last_success_in_whatever_order_they_come(order):
    runs = [run("error", 400), run("success", 300), run("error", 200), run("crashed", 100)]

    assert log_of(*(runs[n] for n in order)).summary(NOW).streak == 2


def test_a_streak_lives_longer_than_a_day():
    weekly = [run("error", ago=days * DAY) for days in (21, 14, 7)]

    assert log_of(*weekly).summary(NOW).streak == 3


def test_what_somebody_tries_by_hand_counts_nowhere():
    summary = log_of(run("error", mode="manual"), run("error", mode="evaluation")).summary(NOW)

    assert (summary.runs_day, summary.streak, summary.last_run_at) == (0, 0, None)


def test_a_retry_is_a_run_and_tells_nothing_of_habits():
    log = log_of(run(mode="retry"))

    assert log.summary(NOW).runs_day == 1
    assert list(log.starts) == []


def test_what_vanished_is_no_run_and_no_failure():
    assert log_of(run("unknown", stopped_at=None)).summary(NOW).runs_day == 0


def test_a_burst_is_one_start():
    log = log_of(*(run(ago=600 - n) for n in range(100)))

    assert len(log.starts) == 1
    assert log.version == 1


def test_starts_that_come_late_stand_in_their_place():
    log = log_of(run(ago=600), run(ago=6000), run(ago=3000), run(ago=3000 - THINNED_SECONDS))

    assert list(log.starts) == sorted(log.starts)
    assert len(log.starts) == 4


def test_the_last_failures_are_kept_with_what_is_told_of_them_later():
    runs = [run("error", ago=1000.0 - n, execution_id=str(n)) for n in range(8)]
    log = log_of(*runs)

    log.tell(Failure("7", NOW - 993, "HTTP: 502"))

    assert [failure.execution_id for failure in log.failures] == ["3", "4", "5", "6", "7"]
    assert log.failures[-1].error == "HTTP: 502"


def test_counters_prove_a_run_that_no_list_shows():
    log = log_of(run("error", ago=900))

    log.prove(NOW - 30, success=True, learn=True)

    summary = log.summary(NOW)
    assert (summary.last_success_at, summary.last_run_at, summary.streak) == (NOW - 30, NOW - 30, 0)
    assert NOW - 30 in log.starts
