"""A real agent is asked by real commands, killed, and started again."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

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
        assert "acknowledged n8n down until 20" in command(home, "budget")[1]


def test_an_audit_that_was_cut_while_no_agent_ran_is_a_problem(tmp_path):
    home = Home(tmp_path / "home")
    with running_agent(home):
        said = ("requests", "acknowledge", "n8n down", "--reason", "I am on it")
        assert command(home, *said)[0] == 0
    with closing(sqlite3.connect(home.control)) as connection, connection:
        connection.execute("DELETE FROM audit WHERE seq = 2")
    with running_agent(home) as (_, reader):
        [problem] = [p for p in reader.health()["problems"] if "audit" in p["template"]]

        assert problem["values"]["reason"] == "row 2 is missing, and all up to 2"
        assert command(home, "audit", "verify")[0] == 1
