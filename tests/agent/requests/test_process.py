"""A real agent is asked by real commands, killed, and started again."""

import signal
import subprocess
import sys

import pytest

from data.home import Home
from tests.processes import ROOT, environ_of, log_of, running_agent, stop, until

pytestmark = pytest.mark.slow


def command(home: Home, *words: str, typing: str = "") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=ROOT,
        env=environ_of(home),
        input=typing,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_person_asks_and_the_audit_outlives_a_kill(tmp_path):
    home = Home(tmp_path / "home")
    why = ("--reason", "a visit")
    with running_agent(home) as (process, _):
        until(lambda: "api: 0 of 15,000 won spent" in command(home, "budget")[1])
        code, told = command(home, "requests", "acknowledge", "n8n down", "--reason", "I am on it")
        assert (code, "done: n8n down is acknowledged" in told) == (0, True)
        silence = ("requests", "silence", "api", "--until", "2020-01-01", *why)
        assert "must lie ahead" in command(home, *silence)[1]
        scale = ("requests", "stop", "nothing", *why)
        assert command(home, *scale, typing="nothing\n")[0] == 1
        stop(process, signal.SIGKILL)
        assert command(home, "audit", "verify") == (0, "The audit is intact: 2 rows.\n")
        assert "audit 2: done acknowledge" in log_of(home)
    with running_agent(home):
        code, told = command(home, "requests")
        assert (code, "acknowledge n8n down by" in told) == (0, True)
        assert command(home, "audit", "verify") == (0, "The audit is intact: 2 rows.\n")
        assert "acknowledged n8n down, by" in command(home, "budget")[1]
