"""Yes and no to what the budget asks, over the real journal of stops."""

import pytest

from agent.requests import Job
from agent.requests.answering import Answering
from models.errors import RequestRefused
from models.requests import Actor, Request
from tests.agent.stopping.house import House, World, chain

NAMES = ("db", "n8n", "worker")
OPERATOR = Actor("lee", "operator")


@pytest.fixture
def world():
    return World(*NAMES)


@pytest.fixture
def stops(tmp_path, world):
    house = House(tmp_path, chain(*NAMES), world)
    house.allow(stop="ask")
    yield house
    house.close()


def job(kind, batch) -> Job:
    return Job("r-1", Request(kind, batch, {}), OPERATOR, 0.0)


def test_a_yes_stops_them_in_their_order(stops, world):
    answering = Answering(stops.stopping)
    batch = stops.stopping.stop(["n8n", "worker"], "budget", "all is spent")
    [line] = answering.check(job("agree", batch).request, 0.0).lines
    assert str(line) == "stops: worker, n8n"
    assert all(world.up.values())

    outcome = answering.act(job("agree", batch))
    stops.run(3)

    assert (outcome.state, str(outcome.message)) == ("done", "stops: worker, n8n")
    assert world.up == {"db": True, "n8n": False, "worker": False}
    assert str(answering.look(job("agree", batch)).message) == "it is answered"


def test_a_no_leaves_them(stops, world):
    answering = Answering(stops.stopping)
    batch = stops.stopping.stop(["worker"], "budget", "all is spent")
    assert answering.look(job("decline", batch)) is None

    outcome = answering.act(job("decline", batch))
    stops.run(3)

    assert str(outcome.message) == "left as they are for a day: worker"
    assert all(world.up.values())


def test_what_nobody_asks_has_no_answer(stops):
    with pytest.raises(RequestRefused, match="nothing is asked any more"):
        Answering(stops.stopping).check(job("agree", "none").request, 0.0)
