"""What a real n8n 2.40.7 answered (tests/payloads/n8n) is understood."""

import json
from pathlib import Path

import pytest

from models.workflows.counters import outcomes, scrape_of, switched_off
from models.workflows.exposition import exposition
from models.workflows.failures import account_of
from models.workflows.payloads import Origin, executions_page, run_of, workflows_page

FOLDER = Path(__file__).parents[2] / "payloads" / "n8n" / "2.40.7"
ORIGIN = Origin("n8n:main", 1_800_000_000.0)


def body(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))["body"]


def states(name):
    page = executions_page(body(name), ORIGIN)
    assert page.unreadable == 0
    return {run.id: run.execution.status for run in page.runs}


def test_the_plain_list_has_all_but_what_runs():
    plain, running = states("executions"), states("executions_running")

    assert running == {"9": "running", "10": "running"}
    assert not plain.keys() & running.keys()
    assert {plain["12"], plain["7"], plain["8"], plain["3"], plain["5"]} == {
        *("queued", "waiting", "canceled", "error", "success"),
    }


def test_after_a_crash_what_ran_is_crashed_below_what_had_ended():
    states_after = states("after_a_crash_executions")

    assert (states_after["9"], states_after["10"]) == ("crashed", "crashed")


def test_what_waits_has_not_stopped():
    [run] = executions_page(body("executions_waiting"), ORIGIN).runs

    assert run.execution.stopped_at is None
    assert run.wait_till - run.execution.started_at == pytest.approx(10 * 3600, abs=1)


def test_one_alone_tells_when_it_was_queued():
    execution = run_of(body("execution_success"), ORIGIN).execution

    assert 0 < execution.started_at - execution.queued_at < 1


def test_a_failure_is_told_with_node_text_and_key():
    account = account_of(body("execution_error_data"), "body.video")

    assert account.error == "Check the audio: Video 4711 has no audio track"
    assert account.key


def test_workflows_are_read():
    workflows = {w.name: w for w in workflows_page(body("workflows"), ORIGIN).workflows}

    assert workflows["Waits for tomorrow"].active
    assert sum(not workflow.saves_successes for workflow in workflows.values()) == 1


def metrics(name):
    read = exposition((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    assert read.unreadable == 0
    return scrape_of(read.samples)


def test_the_metrics_count_runs_by_workflow():
    scrape = metrics("metrics")

    assert scrape.version == "2.40.7"
    assert sum(outcome.success for outcome in outcomes(scrape.counters).values()) == 5
    # A canceled one counts as failed and as cancelled there.
    assert sum(outcome.failed for outcome in outcomes(scrape.counters).values()) == 1
    assert switched_off(scrape, 5) == {}


def test_a_flag_that_is_off_is_told_from_nothing_has_run():
    assert switched_off(metrics("metrics_before_the_first_run"), 1) == {}
    assert "events" in switched_off(metrics("metrics_no_event_bus"), 1)
