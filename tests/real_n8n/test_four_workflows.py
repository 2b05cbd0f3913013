"""One workflow that succeeds, one that fails, one that falls silent, one that hangs: all four
are seen within two polls, with the settings' defaults and the real clock.

What takes days or hours is moved back in n8n's own database (tests/real_n8n/past.py): an hourly
run for eight days, the last one five hours ago; and an execution that hangs for ten minutes.
"""

import time

import pytest

from models.messages import Message
from models.monitoring import Execution
from tests.processes import until
from tests.real_n8n import workflows
from tests.real_n8n.machine import SCOPES
from tests.real_n8n.pipeline import HANGS_SECONDS, HISTORY_HOURS, HOUR, SILENT_HOURS


@pytest.fixture
def watch(pipeline, key, watch_with):
    """After two polls."""
    watch = watch_with(key)
    watch.first, watch.second = watch.poll(), watch.poll()
    return watch


def value(harvest, name: str, workflow_id: str, **labels: str):
    wanted = {"source": "real", "workflow.id": workflow_id, **labels}
    found = [r.value for r in harvest.readings if r.name == name and dict(r.labels) == wanted]
    assert len(found) <= 1, found
    return found[0] if found else None


def said(message) -> str:
    return str(Message.from_json(message))


def test_this_n8n_knows_the_scopes_that_are_asked_for(owner):
    assert set(SCOPES) <= set(owner.scopes())


def test_nothing_is_left_out_of_an_n8n_with_all_flags_and_scopes(watch):
    assert watch.left_out == ""


def test_the_one_that_succeeds_is_seen_to(pipeline, watch):
    line = watch.lines()["Subtitles 자막 🎬"]

    assert (line["runs_day"], line["success_rate"], line["streak"]) == (3, 1.0, 0)
    assert time.time() - line["last_success_at"] < 300
    assert (line["silent"], line["stuck"], line["failures"]) == (None, None, [])
    assert value(watch.second, "n8n.workflow.success_rate", line["id"]) == 1.0
    assert value(watch.second, "n8n.executions", line["id"], status="success") == 3


def test_the_one_that_fails_is_told_with_node_text_and_link(n8n, pipeline, watch):
    line = watch.lines()["Thumbnails"]

    assert (line["runs_day"], line["success_rate"], line["streak"]) == (2, 0.0, 2)
    assert [failure["error"] for failure in line["failures"]] == [
        f"Check the audio: {workflows.FAILURE}"
    ] * 2
    failed = pipeline.owner.executions(status="error")
    assert [failure["link"] for failure in line["failures"]] == [
        f"{n8n.url}/workflow/{line['id']}/executions/{one['id']}" for one in failed
    ]
    assert value(watch.second, "n8n.workflow.failure_streak", line["id"]) == 2


def test_the_one_that_fell_silent_is_told_with_its_usual_gap(pipeline, watch):
    line = watch.lines()["Every hour"]
    silent = line["silent"]

    assert silent, line["not_judged"]
    assert said(silent["reason"]).startswith(
        "no run for 5 h; at this time the next one comes after 6"
    )
    assert line["expected_gap_seconds"] == pytest.approx(HOUR, rel=0.1)
    last_run_at = time.time() - SILENT_HOURS * HOUR
    assert silent["since_at"] == pytest.approx(last_run_at + 3 * HOUR, abs=HOUR / 4)
    assert value(watch.second, "n8n.workflow.silent", line["id"]) == 1.0


def test_the_one_that_hangs_is_told_with_how_long_and_what_is_usual(n8n, pipeline, watch):
    line = watch.lines()['Upscale "4K" <b>']
    stuck = line["stuck"]

    assert (stuck["execution_id"], stuck["status"]) == (pipeline.stuck, "running")
    assert HANGS_SECONDS <= stuck["seconds"] < HANGS_SECONDS + 300
    assert 0 < stuck["usual_seconds"] < 60
    assert said(stuck["reason"]).startswith(f"run {pipeline.stuck} has been running for ")
    assert stuck["link"] == f"{n8n.url}/workflow/{line['id']}/executions/{pipeline.stuck}"
    assert value(watch.second, "n8n.workflow.stuck", line["id"]) == 1.0


def test_nothing_false_is_said_of_the_others(pipeline, watch):
    lines = watch.lines()
    waits = lines["Waits for tomorrow"]

    assert (waits["stuck"], waits["runs_day"], waits["silent"]) == (None, 0, None)
    assert [name for name, line in lines.items() if line["silent"]] == ["Every hour"]
    assert [name for name, line in lines.items() if line["stuck"]] == ['Upscale "4K" <b>']


def test_a_success_that_n8n_does_not_keep_is_known_by_its_counters(pipeline, watch):
    before = watch.lines()["Leaves no trace"]
    pipeline.owner.call("unsaved")
    until(lambda: watch.polled("Leaves no trace", "last_success_at"))

    after = watch.lines()["Leaves no trace"]
    assert (before["last_success_at"], before["success_rate"]) == (None, None)
    assert time.time() - after["last_success_at"] < 60
    assert (after["success_rate"], after["silent"]) == (None, None)


def test_every_execution_is_handed_over_and_none_changes_by_itself(pipeline, watch):
    def executions(records):
        return [record for record in records if isinstance(record, Execution)]

    listed = pipeline.owner.executions() + pipeline.owner.executions(status="running")
    handed = executions(watch.records)
    known = {execution.execution_id: execution.status for execution in handed}

    assert known == {one["id"]: one["status"] for one in listed}
    assert len(known) == HISTORY_HOURS - SILENT_HOURS + 1 + 3 + 2 + 5 + 1 + 1
    bare = [execution._replace(error="", seen_at=0.0) for execution in handed]
    assert len(set(bare)) == len(known), "an execution was told in two ways"


def test_no_key_and_nothing_a_caller_sent_is_kept(pipeline, key, watch):
    kept = repr((watch.records, watch.second, watch.collector.details(), watch.left_out))

    assert key not in kept
    assert "python-httpx" not in kept
    assert "bad.mp4" not in kept


def test_an_old_execution_that_ends_at_last_is_not_lost_behind_newer_ones(pipeline, watch):
    pipeline.owner.call("good")
    until(lambda: pipeline.count("success", "Subtitles 자막 🎬") == 4)
    watch.poll()
    pipeline.gpu.answer_late()
    until(lambda: pipeline.count("success", 'Upscale "4K" <b>') == 6)
    watch.poll()

    line = watch.lines()['Upscale "4K" <b>']
    assert (line["stuck"], line["success_rate"], line["runs_day"]) == (None, 1.0, 6)
    ended = [r for r in watch.records if getattr(r, "execution_id", "") == pipeline.stuck]
    assert [execution.status for execution in ended] == ["running", "success"]


def test_the_silent_one_is_not_silent_any_more_when_it_ran(pipeline, watch):
    assert watch.lines()["Every hour"]["silent"]

    before = pipeline.count("success", "Every hour")
    pipeline.owner.call("regular")
    until(lambda: pipeline.count("success", "Every hour") == before + 1)
    harvest = watch.poll()

    line = watch.lines()["Every hour"]
    assert (line["silent"], line["not_judged"]) == (None, None)
    assert value(harvest, "n8n.workflow.silent", line["id"]) == 0.0


def test_one_that_was_switched_off_is_not_silent(pipeline, watch_with, key):
    pipeline.owner.switch_off(pipeline.ids["Every hour"])
    watch = watch_with(key)
    watch.poll()
    watch.poll()

    line = watch.lines()["Every hour"]
    assert (line["active"], line["silent"]) == (False, None)
    assert "not active" in said(line["not_judged"])
