"""kill -9 of the agent while it stops and starts real processes: at every transaction of the
journal, and in the middle of each command. Nothing is done twice, nothing is forgotten.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.stopper import opened, order, until_closed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STOPPER = Path(__file__).with_name("stopper.py")
TOOL = Path(__file__).with_name("pipeline_service.py")
NAMES = ("db", "n8n", "worker")


class Household:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name in NAMES:
            self.call("start", name)

    def call(self, verb, name):
        words = [sys.executable, str(TOOL), verb, str(self.folder), name]
        return subprocess.run(words, check=False).returncode

    def up(self):
        return [name for name in NAMES if self.call("is-up", name) == 0]

    def log(self):
        return (self.folder / "log").read_text().splitlines()

    def forget_log(self):
        (self.folder / "log").write_text("")

    def agent(self, verb, point=0, slow="0"):
        """Its exit code, -9 when it was killed."""
        words = [sys.executable, str(STOPPER), str(self.folder), verb, str(point), slow]
        return subprocess.run(words, check=False).returncode

    def again(self, verb, slow="0"):
        """An agent after the next start: it is told once more what is wanted."""
        control, stopping = opened(self.folder, slow)
        try:
            order(stopping, verb)
            until_closed(stopping, 200)
            return stopping.operations()
        finally:
            control.close()

    def end(self):
        for name in NAMES:
            pidfile = self.folder / f"{name}.pid"
            with suppress(OSError, ValueError):
                os.kill(int(pidfile.read_text()), signal.SIGKILL)


@pytest.fixture
def household(tmp_path):
    household = Household(tmp_path)
    household.forget_log()
    yield household
    household.end()


POINTS = range(1, 21)
"""Before and after each commit: one plan, and three steps for each of three services."""


@pytest.mark.parametrize("point", POINTS)
def test_a_stop_that_is_killed_at_any_transaction_is_brought_to_its_end(household, point):
    assert household.agent("stop", point) == -signal.SIGKILL
    operations = household.again("stop")

    assert household.up() == []
    assert household.log() == ["stop worker", "stop n8n", "stop db"]
    assert {row.state for row in operations} == {"verified"}


@pytest.mark.parametrize("point", POINTS)
def test_a_start_that_is_killed_at_any_transaction_is_brought_to_its_end(household, point):
    assert household.agent("stop") == 0
    household.forget_log()
    assert household.agent("start", point) == -signal.SIGKILL
    operations = household.again("start")

    assert household.up() == list(NAMES)
    assert household.log() == ["start db", "start n8n", "start worker"]
    assert {row.state for row in operations} == {"verified"}


@pytest.mark.parametrize("name", NAMES)
def test_a_stop_command_goes_on_though_the_agent_is_killed_meanwhile(household, name):
    (household.folder / "kill").write_text(f"stop:{name} 0")
    assert household.agent("stop", slow="0.5") == -signal.SIGKILL
    household.again("stop", "0.5")

    assert household.up() == []
    assert household.log() == ["stop worker", "stop n8n", "stop db"]


@pytest.mark.parametrize("name", NAMES)
def test_a_start_command_is_not_run_twice_though_the_agent_is_killed_meanwhile(household, name):
    assert household.agent("stop") == 0
    household.forget_log()
    (household.folder / "kill").write_text(f"start:{name} 0")
    assert household.agent("start", slow="0.5") == -signal.SIGKILL
    operations = household.again("start", "0.5")

    assert household.up() == list(NAMES)
    assert household.log() == ["start db", "start n8n", "start worker"]
    assert {row.state for row in operations} == {"verified"}


def test_a_target_that_is_killed_is_seen_down_and_one_that_will_not_stop_is_not(household):
    os.kill(int((household.folder / "worker.pid").read_text()), signal.SIGKILL)
    operations = household.again("stop")

    assert household.log() == ["stop n8n", "stop db"], "what is down already is not stopped again"
    assert [row.attempt for row in operations] == [0, 1, 1]
