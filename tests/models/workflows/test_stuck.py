"""Stuck: far longer than usual, and never what waits on purpose."""

import pytest

from models.monitoring import Execution
from models.workflows.payloads import Run
from models.workflows.stuck import StuckRule, Usual, stuck

NOW = 1_800_000_000.0
RULE = StuckRule(factor=3.0, floor_seconds=300.0, unknown_seconds=3600.0)
USUAL = Usual(run_seconds=200.0, wait_seconds=150.0)


def run(status, ago, number="1", wait_till=None, mode="trigger"):
    started = NOW - ago if status != "queued" else None
    queued = NOW - ago if status == "queued" else None
    shape = Execution("n8n:main", "w", number, status, mode, queued, started, None, NOW)
    return Run(shape, wait_till)


def test_one_that_runs_three_times_as_long_as_usual_is_stuck():
    found = stuck([run("running", 601)], USUAL, NOW, RULE)

    assert (found.execution_id, found.seconds, found.usual_seconds) == ("1", 601.0, 200.0)
    assert stuck([run("running", 599)], USUAL, NOW, RULE) is None


def test_the_floor_holds_for_what_is_usually_quick():
    quick = Usual(run_seconds=0.2, wait_seconds=None)

    assert stuck([run("running", 290)], quick, NOW, RULE) is None
    assert stuck([run("running", 310)], quick, NOW, RULE) is not None


def test_where_nothing_was_measured_it_takes_longer_to_say():
    unknown = Usual(None, None)

    assert stuck([run("running", 3500)], unknown, NOW, RULE) is None
    assert stuck([run("running", 3700)], unknown, NOW, RULE) is not None


def test_one_that_is_queued_for_too_long_is_stuck():
    assert stuck([run("queued", 440)], USUAL, NOW, RULE) is None
    assert stuck([run("queued", 460)], USUAL, NOW, RULE).status == "queued"


@pytest.mark.parametrize("till", [NOW + 60, NOW + 1000 * 365 * 86_400, None])
def test_one_that_waits_on_purpose_is_not_stuck(till):
    assert stuck([run("waiting", 90_000, wait_till=till)], USUAL, NOW, RULE) is None


def test_one_that_should_have_gone_on_is_stuck():
    found = stuck([run("waiting", 90_000, wait_till=NOW - 400)], USUAL, NOW, RULE)

    assert (found.status, found.seconds) == ("waiting", 400.0)


def test_one_that_a_person_runs_by_hand_is_no_matter():
    assert stuck([run("running", 90_000, mode="manual")], USUAL, NOW, RULE) is None


def test_the_worst_is_named():
    runs = [run("running", 700, "7"), run("running", 9000, "3"), run("queued", 460, "9")]

    assert stuck(runs, USUAL, NOW, RULE).execution_id == "3"
