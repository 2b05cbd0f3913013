"""The checkout itself, installed below a scratch root and started by its own units."""

import http.client
import sys
from pathlib import Path

import pytest

from data.home import Home
from data.reader import Reader
from deploy.app import app_address
from deploy.cli import main
from deploy.layout import UNITS
from deploy.release import tracked_files
from tests.deploy.machine import scratch_machine
from tests.deploy.standin import REAL

pytestmark = pytest.mark.slow


@pytest.fixture
def machine():
    with scratch_machine(Path(sys.prefix)) as machine:
        yield machine


def test_this_checkout_runs_as_services_and_ends_well(machine):
    code = main(machine.arguments("install", REAL), machine.environ, machine.told.append)
    agent, app = (machine.runner.running.get(unit) for unit in UNITS)

    assert code == 0, machine.said
    assert "READY=1" in agent.said
    assert (agent.starts, app.starts) == (1, 1)
    health = Reader(Home(machine.layout.home)).health()
    assert health["pid"] == agent.process.pid
    assert status_of(machine, "/signin") == 200
    assert status_of(machine, "/") == 401
    home = Home(machine.layout.home)
    shared = (home.socket, home.ops, home.control)
    assert [path.stat().st_mode & 0o777 for path in shared] == [0o660, 0o640, 0o600]

    assert main(machine.arguments("uninstall", REAL), machine.environ, machine.told.append) == 0
    assert agent.process.returncode == 0
    assert not machine.layout.socket.exists()


def status_of(machine, path):
    connection = http.client.HTTPConnection(*app_address(machine.layout.settings), timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_all_that_a_release_needs_is_tracked():
    shipped = {str(path) for path in tracked_files(REAL)}
    needed = {"app.py", "requirements.txt", ".streamlit/config.toml", "docs/install.md"}

    assert needed | {f"deploy/{unit}" for unit in UNITS} <= shipped
