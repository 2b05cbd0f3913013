"""Silent and stuck, through the whole collector."""

import pytest

from models.workflows.known import Known
from tests.agent.collectors.watching_n8n import NOON, Watch, remembered
from tests.standins.n8n import FLAGS

HOUR = 3600.0
HOURLY = [NOON - n * HOUR for n in range(28 * 24, 0, -1)]


@pytest.fixture
def watch(n8n, clock):
    made = []

    def make(**more):
        made.append(Watch(n8n, clock, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_workflow_that_falls_silent_is_seen_with_its_evidence(n8n, watch, clock):
    workflow = n8n.workflow("hourly")
    seen = watch(known=Known(starts={workflow: HOURLY})).look()
    before = seen.line(workflow)["silent"]
    clock.now = NOON + 2 * HOUR + 600

    seen.look()

    silent = seen.line(workflow)["silent"]
    assert before is None
    assert seen.value("n8n.workflow.silent", workflow__id=workflow) == 1
    assert silent["since_at"] == pytest.approx(NOON + 2 * HOUR, abs=120)
    assert seen.line(workflow)["expected_gap_seconds"] == pytest.approx(HOUR, rel=0.05)
    assert silent["reason"]["values"] == {"pause": "3.2 h", "gap": "61 min"}


def test_a_run_ends_the_silence(n8n, watch, clock):
    workflow = n8n.workflow("hourly")
    seen = watch(known=Known(starts={workflow: HOURLY}))
    clock.now = NOON + 5 * HOUR
    assert seen.look().value("n8n.workflow.silent", workflow__id=workflow) == 1

    n8n.run(workflow)
    seen.look()

    assert seen.value("n8n.workflow.silent", workflow__id=workflow) == 0


@pytest.mark.parametrize(
    ("state", "why"),
    [({"active": False}, "not active"), ({"archived": True}, "archived")],
)
def test_what_is_switched_off_is_never_silent(n8n, watch, clock, state, why):
    workflow = n8n.workflow("w", **state)
    seen = watch(known=Known(starts={workflow: HOURLY}))
    clock.now = NOON + 50 * HOUR

    seen.look()

    assert seen.line(workflow)["silent"] is None
    assert why in seen.line(workflow)["not_judged"]["template"]
    assert "n8n.workflow.silent" not in seen.names()


def test_what_is_switched_on_again_has_its_time_to_run(n8n, watch, clock):
    workflow = n8n.workflow("w", active=False)
    seen = watch(known=Known(starts={workflow: HOURLY}))
    clock.now = NOON + 50 * HOUR
    seen.look()
    n8n.workflows[workflow].active = True

    seen.look(after=600.0)
    soon = seen.value("n8n.workflow.silent", workflow__id=workflow)
    seen.look(after=4 * HOUR)

    assert (soon, seen.value("n8n.workflow.silent", workflow__id=workflow)) == (0, 1)


def test_too_little_history_is_said(n8n, watch):
    workflow = n8n.workflow("new")
    n8n.run(workflow)

    seen = watch().look()

    assert "too little history" in seen.line(workflow)["not_judged"]["template"]


def test_what_keeps_no_successes_is_judged_by_the_counters_or_not_at_all(n8n, watch, clock):
    workflow = n8n.workflow("w", saves_successes=False)
    n8n.flags = FLAGS - {"metrics"}
    seen = watch(known=Known(starts={workflow: HOURLY}))
    clock.now = NOON + 50 * HOUR
    seen.look()
    unjudged = seen.line(workflow)["not_judged"]
    n8n.flags = FLAGS
    n8n.run(workflow)
    seen.look()

    n8n.run(workflow)
    seen.look()

    assert "keeps no successful runs" in unjudged["template"]
    assert seen.line(workflow)["not_judged"] is None
    assert seen.line(workflow)["silent"] is None
    assert seen.value("n8n.workflow.last_success_age", workflow__id=workflow) == 0


def test_one_that_hangs_is_stuck_with_its_evidence_and_a_link(n8n, watch, clock):
    workflow = n8n.workflow("w")
    for _ in range(20):
        n8n.run(workflow, seconds=100.0)
    hung = n8n.start(workflow)
    seen = watch(link_url="https://n8n.example").look(after=250.0)
    early = seen.line(workflow)["stuck"]

    seen.look(after=60.0)

    stuck = seen.line(workflow)["stuck"]
    assert early is None
    assert seen.value("n8n.workflow.stuck", workflow__id=workflow) == 1
    assert (stuck["execution_id"], stuck["seconds"], stuck["usual_seconds"]) == (hung, 310, 100)
    assert stuck["link"] == f"https://n8n.example/workflow/{workflow}/executions/{hung}"
    n8n.finish(hung)
    assert seen.look().value("n8n.workflow.stuck", workflow__id=workflow) == 0


def test_one_that_waits_on_purpose_is_not_stuck(n8n, watch, clock):
    workflow = n8n.workflow("w")
    waiting = n8n.start(workflow)
    n8n.wait(waiting, clock.now + 10 * HOUR)

    assert watch().look(after=9 * HOUR).line(workflow)["stuck"] is None


def test_the_streak_and_the_habits_survive_a_restart(n8n, watch, clock):
    workflow = n8n.workflow("w")
    n8n.run(workflow, seconds=40.0, at=clock.now - 90)
    n8n.run(workflow, "error")
    n8n.run(workflow, "crashed")
    hung = n8n.start(workflow)
    first = watch().look()

    known = remembered(first, {workflow: HOURLY})
    again = watch(known=known).look(after=5 * HOUR)

    line = again.line(workflow)
    assert (line["streak"], line["runs_day"], line["median_seconds"]) == (2, 3, 40.0)
    assert line["stuck"]["execution_id"] == hung
    assert again.told() == []
