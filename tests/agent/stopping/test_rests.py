"""A person's pause: nothing is done by itself until it ends, and then what is still wanted is."""

import pytest

from models.operations import VERIFIED, WOULD
from models.stopping import START, STOP
from models.wanted import BUDGET, PERSON
from tests.agent.stopping.house import WHY

DOWN = ["stop worker", "stop n8n", "stop db"]


@pytest.mark.parametrize("paused", ["automation", "stop"])
def test_a_stop_is_only_written_down_and_done_when_the_pause_ends(house, world, paused):
    house.resting = (paused,)
    for _ in range(5):
        house.stopping.stop_paid(WHY)
        house.run(10)
    assert world.calls == []
    assert [(row.verb, row.state) for row in house.stopping.operations()] == [(STOP, WOULD)] * 3
    assert house.stopping.as_json()["resting"] == [paused]

    house.resting = ()
    house.run(3)

    assert world.calls == DOWN


def test_what_is_asked_is_asked_no_more_while_it_rests(house, world):
    house.allow(stop="ask")
    house.stopping.stop_paid(WHY)
    house.resting = ("stop",)
    house.run(3)
    assert {row.state for row in house.stopping.operations()[-3:]} == {WOULD}

    house.resting = ()
    house.run(3)

    assert [state for _, state in house.told[-3:]] == ["asked"] * 3
    assert world.calls == []


def test_a_pause_of_something_else_changes_nothing(house, world):
    house.resting = ("scale", "repair")
    house.stopping.stop_paid(WHY)
    house.run(3)

    assert world.calls == DOWN


def test_what_was_stopped_comes_back_when_the_pause_ends(house, world):
    house.stopping.stop_paid(WHY)
    house.run(3)
    house.resting = ("automation",)
    house.stopping.bring_back(WHY)
    house.run(60)
    assert world.calls == DOWN

    house.resting = ()
    house.run(3)

    assert world.calls[3:] == ["start db", "start n8n", "start worker"]


def test_what_nobody_stopped_is_not_started_when_the_pause_ends(house, world):
    """Its owner stopped it by hand, past Sallim, while stops were only written down."""
    house.resting = ("automation",)
    house.stopping.stop_paid(WHY)
    world.up["worker"] = False
    house.stopping.bring_back(WHY)
    house.resting = ()
    house.run(60)

    assert world.calls == []
    assert {row.state for row in house.stopping.operations()} == {WOULD}


def test_a_person_is_obeyed_while_it_rests(house, world):
    house.resting = ("automation",)
    house.stopping.stop(["worker"], PERSON, WHY)
    house.run(3)

    assert world.calls == ["stop worker"]


def test_a_pause_outlives_a_kill_and_ends_nothing_twice(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(3)
    house.resting = ("stop",)
    house.stopping.bring_back(WHY)
    house.again()
    house.run(3)
    house.resting = ()
    house.again()
    house.run(60)

    assert world.calls == ["stop worker", "start worker"]
    last = house.stopping.operations()[-1]
    assert (last.verb, last.state) == (START, VERIFIED)
