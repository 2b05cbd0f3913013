"""n8n's answers, also those that are no answers."""

import pytest

from models.workflows.payloads import (
    Origin,
    UnexpectedShape,
    executions_page,
    run_of,
    workflows_page,
)

NOW = 1_800_000_000.0
ORIGIN = Origin("n8n:main", NOW)
ENTRY = {
    "id": "1000",
    "finished": True,
    "mode": "trigger",
    "retryOf": None,
    "status": "success",
    "startedAt": "2026-11-23T03:57:58.000Z",
    "stoppedAt": "2026-11-23T03:58:02.500Z",
    "workflowId": "VmwOO9HeTEj20kxM",
    "waitTill": None,
}


def test_an_execution_is_read_with_its_moments_in_epoch_seconds():
    execution = run_of(ENTRY, ORIGIN).execution

    assert execution.stopped_at - execution.started_at == 4.5
    assert execution.started_at == 1_795_406_278.0
    assert (execution.execution_id, execution.workflow_id) == ("1000", "VmwOO9HeTEj20kxM")
    assert (execution.status, execution.queued_at, execution.seen_at) == ("success", None, NOW)


def test_moments_are_put_on_our_clock():
    execution = run_of(ENTRY, ORIGIN._replace(ahead_seconds=86_400.0)).execution

    assert execution.started_at == 1_795_406_278.0 - 86_400


def test_one_that_is_new_is_queued_since_it_was_first_seen_and_has_not_begun():
    execution = run_of({**ENTRY, "status": "new", "startedAt": None}, ORIGIN).execution

    assert (execution.status, execution.queued_at, execution.started_at) == ("queued", NOW, None)


def test_one_that_waits_has_not_stopped_though_n8n_says_when_it_was_put_down():
    run = run_of({**ENTRY, "status": "waiting", "waitTill": "2026-11-24T03:57:58.000Z"}, ORIGIN)

    assert run.execution.stopped_at is None
    assert run.wait_till == 1_795_492_678.0


def test_one_that_was_taken_up_again_after_a_crash_runs_and_has_no_start():
    execution = run_of({**ENTRY, "status": "running", "startedAt": None}, ORIGIN).execution

    assert (execution.started_at, execution.queued_at) == (None, NOW)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "crashed"}, "crashed"),
        ({"status": "canceled"}, "canceled"),
        ({"status": "something-new"}, "unknown"),
        ({"status": None}, "success"),
        ({"status": None, "finished": False}, "unknown"),
    ],
)
def test_every_state_has_a_name(change, status):
    assert run_of({**ENTRY, **change}, ORIGIN).execution.status == status


@pytest.mark.parametrize(
    "entry",
    [None, [], "x", {}, {"id": None}, {**ENTRY, "id": ["1"]}, {"id": "1"}, {**ENTRY, "id": True}],
)
def test_a_bad_entry_costs_only_itself(entry):
    page = executions_page({"data": [entry, ENTRY], "nextCursor": None}, ORIGIN)

    assert [run.id for run in page.runs] == ["1000"]
    assert page.unreadable == 1


@pytest.mark.parametrize("moment", [12, "yesterday", "9999-99-99", {}, "", "0001-01-01T00:00:00Z"])
def test_a_bad_moment_is_none_of_that_execution(moment):
    run = run_of({**ENTRY, "startedAt": moment}, ORIGIN)

    assert run is not None
    assert run.execution.started_at is None or run.execution.started_at < 0


@pytest.mark.parametrize("payload", [None, [], {}, {"data": {}}, {"data": "x"}, 3])
def test_what_is_no_list_is_refused(payload):
    with pytest.raises(UnexpectedShape):
        executions_page(payload, ORIGIN)
    with pytest.raises(UnexpectedShape):
        workflows_page(payload, ORIGIN)


def test_ids_may_be_numbers_and_are_never_endless():
    assert run_of({**ENTRY, "id": 7}, ORIGIN).number == 7
    assert len(run_of({**ENTRY, "id": "x" * 9000}, ORIGIN).id) == 64


def test_a_workflow_is_read_without_its_nodes():
    entry = {
        "id": "w1",
        "name": 'A "quoted" <b>🎬</b>',
        "active": True,
        "isArchived": False,
        "triggerCount": 2,
        "updatedAt": "2026-11-23T03:57:58.000Z",
        "tags": [{"id": "t", "name": "video"}, "broken"],
        "nodes": [{"parameters": {"password": "secret"}}],
    }

    [workflow] = workflows_page({"data": [entry, 3, {"id": ""}]}, ORIGIN).workflows

    assert workflow.name == 'A "quoted" <b>🎬</b>'
    assert (workflow.active, workflow.archived, workflow.trigger_count) == (True, False, 2)
    assert (workflow.tags, workflow.saves_successes) == (("video",), True)


def test_a_workflow_that_keeps_no_successes_says_so():
    entry = {"id": "w1", "settings": {"saveDataSuccessExecution": "none"}}

    [workflow] = workflows_page({"data": [entry]}, ORIGIN).workflows

    assert not workflow.saves_successes
    assert workflow.name == "w1"
