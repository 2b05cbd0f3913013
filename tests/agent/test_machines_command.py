"""`python -m agent machines`: what the owner types and sees, against a real agent."""

import json
import subprocess

import pytest

from agent.__main__ import main
from data.home import Home
from data.reader import Reader
from tests.agent.intaking import shape_of
from tests.processes import running_agent, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("machines") / "home")
    home.make()
    (home.path / "sallim.toml").write_text(
        '[machine]\nname = "vps"\n[[beat]]\nname = "nightly"\nevery_seconds = 86400\n'
    )
    with running_agent(home):
        yield home


def curl(home: Home, path: str, *arguments: str) -> dict:
    """A one-liner over the Unix socket, as a job on the hub itself sends it."""
    command = ["curl", "-fsS", "--unix-socket", str(home.socket), *arguments, f"http://agent{path}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def machines(home: Home, capsys, *words: str) -> tuple[int, str]:
    code = main(["machines", *words, "--home", str(home.path)])
    return code, capsys.readouterr().out


def test_a_machine_is_listed_switched_off_and_forgotten(home, capsys):
    now = Reader(home).live().at
    shape = shape_of((1, int(now) // 10 * 10 - 10), machine="gpu 🚀")
    curl(home, "/push", "-d", json.dumps(shape))

    assert "gpu 🚀 (probe): on, seen " in machines(home, capsys)[1]
    code, listed = machines(home, capsys, "off", "gpu 🚀")
    assert (code, "gpu 🚀 (probe): off" in listed, "(off, ₩0/h)" in listed) == (0, True, True)
    assert [each.state for each in Reader(home).live().machines] == ["on", "off"]
    assert Reader(home).health()["status"] == "ok"
    assert machines(home, capsys, "on", "gpu 🚀")[0] == 0
    code, listed = machines(home, capsys, "forget", "gpu 🚀")
    assert (code, "gpu" in listed) == (0, False)


def test_what_nobody_knows_is_told(home, capsys):
    code, said = machines(home, capsys, "off", "nobody")
    assert (code, "no machine named 'nobody'" in said) == (1, True)
    code, said = machines(home, capsys, "off")
    assert (code, "machines off NAME" in said) == (1, True)


def test_where_no_agent_runs_it_says_so(tmp_path, capsys):
    code, said = machines(Home(tmp_path / "nowhere"), capsys)

    assert code == 3
    assert "does not answer" in said


def test_heartbeats_are_listed_kept_as_series_and_a_failed_one_is_a_problem(home, capsys):
    assert "beat nightly (every 86400 s): never" in machines(home, capsys)[1]
    curl(home, "/beat/dump?every=1h", "-d", "state=fail&message=disk full")
    listed = machines(home, capsys)[1]
    problems = [each["values"] for each in Reader(home).health()["problems"]]

    assert "beat dump (every 3600 s): failed" in listed
    assert {"name": "dump", "message": "disk full"} in problems
    curl(home, "/beat/dump", "-X", "POST")
    assert Reader(home).health()["status"] == "ok"
    until(lambda: Reader(home).live().find("vps", "beat.late", beat="dump"))
    assert machines(home, capsys, "forget-beat", "dump")[0] == 0
    assert machines(home, capsys, "forget-beat", "nightly")[0] == 1


def test_jobs_of_another_program_reach_the_ledger(home):
    job = {"job_id": "a-1", "name": "analysis", "state": "succeeded", "ended_at": 1.8e9}

    assert curl(home, "/jobs", "-d", json.dumps(job)) == {"taken": 1}
    assert curl(home, "/jobs", "-d", json.dumps({"jobs": [job]})) == {"taken": 0}
    assert home.ledger.exists()
