"""kill -9 of a real process between the intent and the effect: run once, and forgotten never."""

import os
import signal
import subprocess
import sys

import pytest

from tests.agent.waiting.waiting_house import WaitingHouse, refusal_text
from tests.standins.n8n import N8n

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def kill_at(where, folder, n8n, now):
    """An agent that is killed there."""
    words = ["-m", "tests.agent.waiting.killed", str(folder), n8n.url, where, str(now)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "here\n"
        os.kill(process.pid, signal.SIGKILL)
    return process.returncode


# 2.40 knows no Idempotency-Key: there only looking keeps it from running twice.
@pytest.mark.parametrize("version", ["2.40.7", "2.45.0"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_rerun_that_was_cut_off_happens_exactly_once(tmp_path, version, where):
    with N8n(version) as n8n:
        house = WaitingHouse(tmp_path, n8n, rerun="on")
        refused = n8n.run(n8n.workflow("Digest"), "error", node="Ask", error=refusal_text())
        house.steps(3)
        house.close()
        now = house.clock.now
        assert kill_at(where, tmp_path, n8n, now) == -signal.SIGKILL
        assert len([each for each in n8n.requests if "retry" in each]) == (where == "after")

        house = WaitingHouse(tmp_path, n8n, rerun="on")
        house.clock.now, house.left = now + 1.0, 5_000
        [item] = house.items()
        assert (item.state, item.step) == ("running", "intent")
        house.steps(6)
        after = house.items()
        house.close()

        again = [each.id for each in n8n.executions.values() if each.retry_of == refused]
        assert [(each.state, each.rerun_id) for each in after] == [("done", *again)]


def test_a_killed_command_is_not_run_a_second_time(tmp_path):
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'a').write('x')"
    by = [{"name": "analysis", "command": [sys.executable, "-c", code]}]
    house = WaitingHouse(tmp_path, rerun="on", rerun_by=by)
    house.job("job-1", error=refusal_text())
    house.hands = lambda job: None  # Killed before the thread has begun.
    house.start()
    house.left = 5_000
    house.step()
    assert [item.step for item in house.items()] == ["intent"]
    house.hands = lambda job: job()
    house.start()
    house.steps(3)
    [item] = house.items()
    house.close()

    assert item.state == "given_up"
    assert "the agent ended while it was begun" in str(item.told_problem)
    assert not mark.exists()
