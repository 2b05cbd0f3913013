"""Containers over the Engine API; the stand-in speaks its wire format on a Unix socket."""

import pytest

from agent.actions import docker as module
from agent.actions.docker import Docker as Actor
from models.errors import ActionRefused, ActionUnconfirmed
from models.settings.service import Service
from tests.standins.docker import Docker

N8N = Service(name="n8n", kind="docker", timeout_seconds=8)


@pytest.fixture
def docker(tmp_path):
    with Docker(tmp_path / "docker.sock") as docker:
        yield docker


@pytest.fixture
def actor(docker):
    return Actor(str(docker.path))


def test_a_container_is_stopped_and_started_and_seen(docker, actor):
    container = docker.run("n8n")

    assert actor.is_up(N8N) is True
    actor.stop(N8N)
    assert not container.running
    assert actor.is_up(N8N) is False
    actor.start(N8N)
    assert actor.is_up(N8N) is True
    assert docker.requests[1] == "POST /containers/n8n/stop?t=4"


def test_what_is_so_already_is_no_failure(docker, actor):
    docker.run("n8n", running=False)
    actor.stop(N8N)

    assert actor.is_up(N8N) is False


@pytest.mark.parametrize(
    ("more", "is_up"),
    [
        ({"restarting": True}, None),
        ({"paused": True}, None),
        ({"health": "starting"}, None),
        ({"health": "unhealthy"}, None),
        ({"health": "healthy"}, True),
        ({"running": False, "health": "unhealthy"}, False),
    ],
)
def test_a_container_is_up_when_it_is_well(docker, actor, more, is_up):
    docker.run("n8n", **more)

    assert actor.is_up(N8N) is is_up


def test_a_container_that_does_not_hear_is_seen_up(docker, actor):
    docker.run("n8n", hears=False)
    actor.stop(N8N)

    assert actor.is_up(N8N) is True


def test_a_container_that_is_not_there_is_no_stopped_one(actor):
    for act in (actor.is_up, actor.stop, actor.start):
        with pytest.raises(ActionRefused) as told:
            act(N8N)
        assert "Docker knows no container n8n; check `target` of [[service]] n8n" in str(told.value)


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("403", ActionRefused, "the proxy before Docker does not let"),
        ("500", ActionRefused, "Docker answers 500 to `stop` of n8n (something went wrong)"),
        ("half", ActionUnconfirmed, "breaks off"),
        ("garbage", ActionUnconfirmed, "breaks off"),
    ],
)
def test_other_answers_say_whether_something_may_have_happened(docker, actor, fault, error, words):
    docker.run("n8n")
    docker.fault = fault

    with pytest.raises(error) as told:
        actor.stop(N8N)
    assert words in str(told.value)


@pytest.mark.slow
def test_a_daemon_that_hangs_is_not_waited_for(docker, actor, monkeypatch):
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.5)
    docker.run("n8n")
    docker.fault = "hang"

    with pytest.raises(ActionUnconfirmed) as told:
        actor.is_up(N8N)
    assert "did not answer `json` of n8n within 0.5 s" in str(told.value)


def test_without_docker_it_is_said(tmp_path):
    with pytest.raises(ActionRefused) as told:
        Actor(str(tmp_path / "no.sock")).stop(N8N)

    assert "check automation.docker_socket" in str(told.value)
