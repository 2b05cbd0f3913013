"""`python -m agent doctor` looks at each [[service]], and touches none."""

import pytest

from agent.checks import Level
from agent.checks.services import services
from data.home import Home
from data.tokens import GATEWAY, create, verify_at
from models.settings.problems import settings_of
from tests.standins.docker import Docker

NOW = 1_795_900_000.0


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_each_service_is_seen_and_left_as_it_is(tmp_path, home):
    token = create(home, "n8n", NOW, [GATEWAY])
    with Docker(tmp_path / "docker.sock") as docker:
        docker.run("n8n")
        docker.run("web", running=False)
        settings = settings_of(
            f'[automation]\ndocker_socket = "{docker.path}"\n'
            '[[service]]\nname = "n8n"\nkind = "docker"\n'
            '[[service]]\nname = "web"\nkind = "docker"\n'
            '[[service]]\nname = "ghost"\nkind = "docker"\n'
            '[[service]]\nname = "spender"\nkind = "gateway_token"\ntarget = "n8n"\n',
            "sallim.toml",
        )
        found = services(home, settings, lambda: NOW)

    assert [(each.level, each.name) for each in found] == [
        (Level.OK, "service n8n"),
        (Level.OK, "service web"),
        (Level.PROBLEM, "service ghost"),
        (Level.OK, "service spender"),
    ]
    assert [str(found[i].text) for i in (0, 1, 3)] == ["is up", "is down", "is up"]
    assert "Docker knows no container ghost" in str(found[2].text)
    assert all(request.startswith("GET ") for request in docker.requests)
    assert verify_at(home, token, NOW) is not None


def test_a_command_that_is_not_there_is_a_problem(home):
    words = '["/nowhere/gpu"]'
    settings = settings_of(
        f'[[service]]\nkind = "command"\nstop = {words}\nstart = {words}\ncheck = {words}', "x"
    )
    [finding] = services(home, settings, lambda: NOW)

    assert finding.level is Level.PROBLEM
    assert "/nowhere/gpu cannot be started" in str(finding.text)
