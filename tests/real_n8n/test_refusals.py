"""What is missing is named with its cure: keys, scopes, flags, and a server that is starting."""

import time

import pytest

from models.errors import SourceRefused, SourceUnreachable
from tests.processes import until
from tests.real_n8n import workflows
from tests.real_n8n.conftest import KEY, RUNNING_AT_ONCE
from tests.real_n8n.machine import START_SECONDS


def told(watch) -> str:
    """Everything that two polls say is wrong."""
    said = []
    for _ in range(2):
        try:
            watch.poll()
        except SourceRefused as refusal:
            said.append(str(refusal))
    return "\n".join([*said, watch.left_out])


def test_a_wrong_key_is_named_with_the_scopes_of_a_right_one(n8n, owner, watch_with):
    said = told(watch_with("not-a-key"))

    assert KEY in said
    assert "401" in said
    assert "execution:list, execution:read, workflow:list" in said
    assert "not-a-key" not in said


@pytest.mark.parametrize("missing", ["execution:list", "workflow:list"])
def test_the_scope_that_a_key_lacks_is_named(owner, watch_with, missing):
    others = {"execution:list", "execution:read", "workflow:list"} - {missing}
    said = told(watch_with(owner.key(f"without {missing}", *others)))

    assert missing in said
    assert all(other not in said for other in others)


def test_a_key_that_may_not_read_single_executions_is_told_when_one_failed(owner, watch_with):
    owner.create(workflows.fails())
    owner.call("bad")
    until(lambda: owner.executions(status="error"))
    watch = watch_with(owner.key("lists only", "execution:list", "workflow:list"))
    said = told(watch)

    assert "execution:read" in said
    assert watch.lines()["Thumbnails"]["streak"] == 1


def test_a_crash_in_the_midst_of_work_is_counted_once_and_a_start_is_no_missing_flag(
    n8n, owner, key, gpu, watch_with
):
    owner.create(workflows.hangs(gpu.url))
    gpu.is_deaf = True
    for _ in range(RUNNING_AT_ONCE + 1):
        owner.leave("stuck")
    until(lambda: len(owner.executions(status="running")) == RUNNING_AT_ONCE)
    watch = watch_with(key)
    watch.poll()
    watch.poll()
    assert open_ones(watch) == ["queued", *["running"] * RUNNING_AT_ONCE]

    n8n.process.crash()
    with pytest.raises(SourceUnreachable):
        watch.poll()
    n8n.start_again()
    polls_until_ready(n8n, watch)
    gpu.answer_late()
    until(lambda: watch.polled('Upscale "4K" <b>', "last_success_at"))

    line = watch.lines()['Upscale "4K" <b>']
    assert (line["runs_day"], line["failures_day"], line["streak"]) == (3, RUNNING_AT_ONCE, 0)
    assert line["success_rate"] == pytest.approx(1 / 3)
    assert open_ones(watch) == []


def open_ones(watch) -> list[str]:
    last = {r.execution_id: r.status for r in watch.records if hasattr(r, "execution_id")}
    return sorted(status for status in last.values() if status in {"queued", "running"})


def polls_until_ready(n8n, watch) -> None:
    """Asked all the while it starts: nothing of what it says then is told as a fault to mend."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert n8n.process.process.poll() is None, n8n.process.log[-4000:]
        try:
            watch.poll()
        except SourceUnreachable:
            time.sleep(0.02)
            continue
        assert "N8N_" not in watch.left_out
        assert KEY not in watch.left_out
        if watch.collector.details()["ready"]:
            return
        time.sleep(0.02)
    raise AssertionError(n8n.process.log[-4000:])
