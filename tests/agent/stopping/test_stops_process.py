"""The real agent: what was written down before it was killed, it brings to its end."""

import sys

import httpx
import pytest

from data.control import Control
from data.home import Home
from data.stops import add
from data.wanted import put_wanted
from models.messages import say
from models.operations import PLANNED, Operation, text_of
from models.wanted import BUDGET, DOWN, Wanted
from tests.faults.test_stop_kill import TOOL, Household
from tests.processes import running_agent, until

pytestmark = pytest.mark.slow

NOW = 1_795_900_000.0
WHY = text_of(say("100 % is reached"))


@pytest.fixture
def household(tmp_path):
    household = Household(tmp_path / "services")
    yield household
    household.end()


def settings_for(folder):
    def argv(verb):
        return f'["{sys.executable}", "{TOOL}", "{verb}", "{folder}", "{{name}}"]'

    commands = f"stop = {argv('stop')}\nstart = {argv('start')}\ncheck = {argv('is-up')}"
    return f'[[service]]\nname = "worker"\nkind = "command"\nhour_krw = 600\n{commands}\n'


def stops(home):
    transport = httpx.HTTPTransport(uds=str(home.socket))
    with httpx.Client(transport=transport, base_url="http://agent") as client:
        return client.get("/stops").json()


def test_a_stop_that_was_only_planned_is_done_after_the_next_start(tmp_path, household):
    home = Home(tmp_path / "home")
    home.make()
    config = home.path / "sallim.toml"
    config.write_text(settings_for(household.folder))
    control = Control.open(home.control)
    with control.transaction() as connection:
        put_wanted(connection, Wanted("worker", BUDGET, DOWN, WHY, None, NOW))
        add(
            connection,
            Operation(1, "b1", "worker", "stop", BUDGET, WHY, PLANNED, 0, "", NOW, NOW),
        )
    control.close()
    with running_agent(home, SALLIM_CONFIG=str(config)):
        until(lambda: stops(home)["targets"][0]["state"] == "stopped")
        told = stops(home)

    assert household.up() == ["db", "n8n"]
    assert household.log()[-1] == "stop worker"
    assert told["automation"] == {
        "count": "on",
        "block": "on",
        "stop": "ask",
        "scale": "off",
        "repair": "off",
        "docker_socket": "/run/docker.sock",
    }
    [row] = told["operations"]
    assert (row["state"], row["attempt"]) == ("verified", 1)
