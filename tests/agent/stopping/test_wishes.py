"""Whose word counts, for how long, and what may be done without asking."""

import pytest

from models.errors import ActionRefused
from models.messages import say
from models.operations import (
    ASKED,
    DECLINED,
    PLANNED,
    REFUSED,
    SUPERSEDED,
    VERIFIED,
    WOULD,
    message_of,
    problem_of,
    text_of,
)
from models.settings.service import Service
from models.stopping import START, STOP
from models.wanted import BUDGET, PERSON, RECOVERY, REPAIR, SCALING, UP, Wanted
from tests.agent.stopping.house import WHY, House, World, chain


def repair_all(house):
    """Recovery as a stub: restart whatever is down, where that is allowed."""
    tried = []
    for service in house.services:
        if not house.world.is_up(service):
            tried.append(service.name)
            if house.stopping.may(RECOVERY, service.name, REPAIR):
                house.world.start(service)
    return tried


def test_recovery_restarts_nothing_that_the_budget_stopped(house, world):
    house.stopping.stop_paid(WHY)
    house.run(3)
    world.calls.clear()
    for _ in range(5):
        assert repair_all(house) == ["db", "n8n", "worker"]
        house.run(60)

    assert world.calls == []
    assert not any(world.up.values())


def test_recovery_restarts_what_fell_by_itself_and_what_is_wanted_again(house, world):
    world.up["n8n"] = False
    repair_all(house)
    assert world.calls == ["start n8n"]

    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()
    house.stopping.bring_back(WHY)
    house.run()
    world.up["worker"] = False
    repair_all(house)
    assert world.up["worker"]


def test_while_a_stop_is_only_planned_recovery_keeps_away_already(house):
    house.stopping.stop(["worker"], BUDGET, WHY)

    assert not house.stopping.may(RECOVERY, "worker", REPAIR)
    assert house.stopping.may(RECOVERY, "n8n", REPAIR)


def test_what_a_person_wants_down_no_budget_brings_back(house, world):
    house.stopping.stop(["worker"], PERSON, WHY)
    house.run()
    house.stopping.stop_paid(WHY)
    house.run(3)
    house.stopping.bring_back(WHY)
    house.run(3)

    assert world.up == {"db": True, "n8n": True, "worker": False}
    house.stopping.start(["worker"], PERSON, WHY)
    house.run()
    assert world.up["worker"]


def test_the_word_of_a_person_that_ends_uncovers_that_of_the_budget(house, world):
    house.stopping.stop_paid(WHY)
    house.run(3)
    house.stopping.stop(["worker"], PERSON, WHY)
    house.stopping.start(["worker"], PERSON, WHY)
    house.run(3)
    assert all(world.up.values()), "a person overrules the budget, with all that it requires"

    house.run(86_400, every=600)
    assert not any(world.up.values())


def test_a_person_overrules_the_budget_until_a_moment_and_it_hears_that(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()
    now = house.clock()
    house.stopping.start(["worker"], PERSON, WHY, until=now + 600)
    house.run()
    refused = house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(300)

    assert world.up["worker"]
    [row] = house.stopping.batch(refused)
    assert (row.state, row.ordered_by) == (REFUSED, BUDGET)
    assert "worker stays up, because a person wants it so" in str(problem_of(row))
    house.run(400)
    assert not world.up["worker"]


def test_what_is_stopped_until_a_moment_comes_back_by_itself(house, world):
    house.stopping.stop(["worker"], PERSON, WHY, until=house.clock() + 600)
    house.run(590)
    assert not world.up["worker"]

    house.run(20)
    assert world.up["worker"]


def test_one_that_is_needed_by_what_a_person_keeps_up_stays_too(house, world):
    keeps = Wanted("worker", PERSON, UP, text_of(WHY), house.clock() + 600, house.clock())
    house.book.write(wishes=[keeps])
    batch = house.stopping.stop_paid(WHY)
    house.run(3)

    assert all(world.up.values())
    assert [state for _, state in house.states(batch)] == [REFUSED] * 3
    assert "because worker needs it and stays up" in str(problem_of(house.stopping.batch(batch)[1]))


def test_no_budget_stops_what_is_essential_and_a_person_may(tmp_path):
    vital = Service(name="shop", requires=("db",), priority="essential")
    world = World("db", "n8n", "worker", "shop")
    house = House(tmp_path, (*chain("db", "n8n", "worker"), vital), world)
    house.stopping.stop_paid(WHY)
    house.run(3)
    assert world.up == {"db": True, "n8n": False, "worker": False, "shop": True}

    batch = house.stopping.stop(["db"], BUDGET, WHY)
    house.run(3)
    assert world.up["db"]
    assert {row.state for row in house.stopping.batch(batch)} == {REFUSED}
    house.stopping.stop(["shop"], PERSON, WHY)
    house.run()
    assert not world.up["shop"]
    house.close()


def test_what_somebody_starts_by_hand_against_the_budget_is_stopped_again(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(1)
    world.up["worker"] = True
    house.run(61)

    assert not world.up["worker"]
    reason = message_of(house.stopping.operations()[-1].reason)
    assert str(reason) == "worker is up again, though it is wanted down"


def test_off_writes_down_what_would_have_been_done_once_a_month(house, world):
    house.allow(stop="off")
    for month in range(2):
        for _ in range(10):
            house.stopping.stop_paid(say("100 % is reached"))
            house.run(10)
        house.stopping.bring_back(say("a new month"))
        assert len(house.stopping.operations()) == 6 * (month + 1)

    assert world.calls == []
    assert {row.state for row in house.stopping.operations()} == {WOULD}
    assert [row.verb for row in house.stopping.operations()] == [*[STOP] * 3, *[START] * 3] * 2
    assert house.stopping.may(RECOVERY, "worker", REPAIR)


def test_ask_waits_for_a_person_and_asks_once(house, world):
    house.allow(stop="ask")
    asked = house.stopping.stop_paid(WHY)
    for _ in range(10):
        house.stopping.stop_paid(WHY)
        house.run(10)
    assert world.calls == []
    assert [state for _, state in house.states(asked)] == [ASKED] * 3
    assert len(house.stopping.operations()) == 3

    house.stopping.answer(asked, is_yes=True)
    house.run(3)
    assert world.calls == ["stop worker", "stop n8n", "stop db"]
    assert not house.stopping.may(RECOVERY, "worker", REPAIR)
    with pytest.raises(ActionRefused, match="nothing is asked any more"):
        house.stopping.answer(asked, is_yes=True)


def test_no_is_heard_for_a_day(house, world):
    house.allow(stop="ask")
    asked = house.stopping.stop_paid(WHY)
    house.stopping.answer(asked, is_yes=False)
    house.stopping.stop_paid(WHY)
    assert [state for _, state in house.states(asked)] == [DECLINED] * 3
    assert len(house.stopping.operations()) == 3

    house.now += 86_401
    house.stopping.stop_paid(WHY)
    assert len(house.stopping.operations()) == 6
    assert world.calls == []


def test_a_question_that_is_over_is_asked_no_more(house):
    house.allow(stop="ask")
    asked = house.stopping.stop_paid(WHY)
    house.stopping.bring_back(WHY)

    assert [state for _, state in house.states(asked)] == [DECLINED] * 3


def test_what_would_have_been_done_is_done_once_it_is_allowed(house, world):
    house.allow(stop="off")
    house.stopping.stop_paid(WHY)
    house.run(3)
    house.allow(stop="on")
    house.run(3)

    assert world.calls == ["stop worker", "stop n8n", "stop db"]
    assert not house.stopping.may(RECOVERY, "worker", REPAIR)


def test_a_question_goes_with_the_right_to_ask_it(house, world):
    house.allow(stop="ask")
    asked = house.stopping.stop_paid(WHY)
    house.allow(stop="off")
    house.run(3)
    assert world.calls == []
    assert [state for _, state in house.states(asked)] == [SUPERSEDED] * 3

    house.allow(stop="ask")
    house.allow(stop="on")
    house.run(3)
    assert world.calls == ["stop worker", "stop n8n", "stop db"]
    assert not [row for row in house.stopping.operations() if row.state == ASKED]


def test_rights_are_each_for_its_own(house, world):
    house.allow(stop="off", scale="on")
    house.stopping.stop(["worker"], SCALING, WHY)
    house.stopping.stop(["n8n"], PERSON, WHY)
    house.run(2)

    assert world.calls == ["stop worker", "stop n8n"]


def test_what_was_stopped_is_brought_back_as_a_question_where_rights_were_taken(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()
    house.allow(stop="ask")
    asked = house.stopping.bring_back(WHY)
    house.run()
    assert house.states(asked) == [("db", ASKED), ("n8n", ASKED), ("worker", ASKED)]
    assert not world.up["worker"]

    house.stopping.answer(asked, is_yes=True)
    house.run(3)
    assert world.up["worker"]


def test_what_is_written_is_told_in_the_same_transaction(tmp_path, world):
    def broken(_connection, _row):
        raise OSError("the outbox takes nothing")

    house = House(tmp_path, chain("db", "n8n", "worker"), world)
    house.book._tell = broken  # noqa: SLF001  # an outbox that fails
    with pytest.raises(OSError, match="takes nothing"):
        house.stopping.stop(["worker"], PERSON, WHY)

    assert house.stopping.operations() == []
    house.again()
    assert house.stopping.operations() == []
    assert house.book.wanted() == []
    house.close()


def test_all_of_it_is_there_after_a_restart(house):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()
    house.stopping.stop(["n8n"], PERSON, WHY, until=house.clock() + 600)
    operations, wanted = house.stopping.operations(), sorted(house.book.wanted())
    house.again()

    assert (house.stopping.operations(), sorted(house.book.wanted())) == (operations, wanted)
    assert [row.state for row in house.stopping.operations()] == [VERIFIED, PLANNED, PLANNED]
