"""Workflows by the public API of the stand-in, as 2.40 and as older ones answer."""

import pytest

from agent.actions.n8n import N8nWorkflows
from agent.net.n8n_api import House
from models.errors import ActionRefused, ActionUnconfirmed, ConfigError
from models.settings.service import Service
from tests.standins.n8n import SCOPES, N8n

pytestmark = pytest.mark.slow

ALL = SCOPES | {
    "execution:stop",
    "workflow:read",
    "workflow:activate",
    "workflow:deactivate",
}


@pytest.fixture(params=["2.40.7", "2.0.1", "1.110.1"])
def n8n(request):
    with N8n(request.param, scopes=ALL) as n8n:
        yield n8n


@pytest.fixture
def newest():
    with N8n(scopes=ALL) as n8n:
        yield n8n


def actor(n8n, timeout_seconds=5.0):
    return N8nWorkflows({"main": House(n8n.url, lambda: n8n.key, timeout_seconds)})


def digest(n8n, **more):
    return Service(name="digest", kind="n8n_workflow", target=n8n.workflow("Digest"), **more)


def test_a_workflow_takes_no_new_runs_and_is_activated_again(n8n):
    service, hands = digest(n8n), actor(n8n)

    assert hands.is_up(service) is True
    hands.stop(service)
    assert not n8n.workflows[service.subject].active
    assert hands.is_up(service) is False
    hands.start(service)
    assert n8n.workflows[service.subject].active
    assert hands.is_up(service) is True


def test_runs_of_this_workflow_are_stopped_and_no_others(newest):
    service, other = digest(newest), newest.workflow("Other")
    runs = [newest.start(service.subject), newest.start(service.subject)]
    strange = newest.start(other)
    hands = actor(newest)
    assert str(hands.at_work(service)) == "2 runs under way are cancelled"
    hands.stop(service)

    assert [newest.executions[run].status for run in runs] == ["canceled", "canceled"]
    assert newest.executions[strange].status == "running"
    assert hands.is_up(service) is False
    assert hands.at_work(service) is None


def test_before_2_20_each_run_is_stopped_by_its_id():
    with N8n("2.0.1", scopes=ALL) as n8n:
        service = digest(n8n)
        run = n8n.start(service.subject)
        actor(n8n).stop(service)

        assert n8n.executions[run].status == "canceled"
        assert f"POST /api/v1/executions/{run}/stop" in n8n.requests


def test_what_is_deactivated_and_runs_on_is_not_down(newest):
    service = digest(newest)
    newest.workflows[service.subject].active = False
    newest.start(service.subject)

    assert actor(newest).is_up(service) is None
    patient = service.model_copy(update={"lets_runs_finish": True})
    assert actor(newest).is_up(patient) is False


def test_runs_may_be_left_to_finish(newest):
    service = digest(newest, lets_runs_finish=True)
    run = newest.start(service.subject)
    actor(newest).stop(service)

    assert newest.executions[run].status == "running"
    assert actor(newest).at_work(service) is None


@pytest.mark.parametrize("scope", ["workflow:deactivate", "execution:stop", "workflow:read"])
def test_a_key_that_may_not_says_which_scope_it_needs(newest, scope):
    service, hands = digest(newest), actor(newest)
    newest.scopes = ALL - {scope}

    act = hands.is_up if scope == "workflow:read" else hands.stop
    with pytest.raises(ActionRefused) as told:
        act(service)
    assert f"give its API key the scope {scope}" in str(told.value)


def test_a_workflow_that_is_not_there_is_no_stopped_one(newest):
    ghost = Service(name="digest", kind="n8n_workflow", target="nowhere")

    for act in (actor(newest).stop, actor(newest).start, actor(newest).is_up):
        with pytest.raises(ActionRefused) as told:
            act(ghost)
        assert "n8n knows no workflow nowhere (404)" in str(told.value)


@pytest.mark.parametrize("fault", ["garbage", "html", "redirect", "500"])
def test_whatever_answers_at_its_place_is_no_proof(newest, fault):
    service = digest(newest)
    newest.fault = {"/api/v1/workflows": fault}

    with pytest.raises((ActionRefused, ActionUnconfirmed)):
        actor(newest).is_up(service)


@pytest.mark.parametrize("fault", ["hang", "half"])
def test_an_answer_that_does_not_come_leaves_it_open(newest, fault):
    service = digest(newest)
    newest.fault = {"/api/v1/workflows": fault}

    with pytest.raises(ActionUnconfirmed) as told:
        actor(newest, 0.7).stop(service)
    assert "gives no whole answer" in str(told.value)


def test_without_n8n_or_its_key_it_is_said(newest):
    service = digest(newest)

    def no_key():
        raise ConfigError("N8N_API_KEY is not set")

    for house in (House("http://127.0.0.1:1", str, 2.0), House(newest.url, no_key, 2.0)):
        with pytest.raises(ActionRefused) as told:
            N8nWorkflows({"main": house}).stop(service)
        assert "refuses the connection" in str(told.value) or "is not set" in str(told.value)
    with pytest.raises(ActionRefused, match=r"no \[\[n8n\]\] is named main"):
        N8nWorkflows({}).stop(service)
