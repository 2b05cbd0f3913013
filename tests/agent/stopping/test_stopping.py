"""Stopping in order, bringing back in reverse, each proven, and what is told when it fails."""

import pytest

from agent.sampling import Clocks
from agent.stopping import Stopping
from models.errors import ActionRefused
from models.operations import FAILED, PLANNED, SUPERSEDED, VERIFIED, problem_of
from models.settings.service import Service
from models.wanted import BUDGET, PERSON
from tests.agent.stopping.house import WHY, House, World


def test_all_that_costs_money_stops_in_order_and_comes_back_in_reverse(house, world):
    down = house.stopping.stop_paid(WHY)
    house.run(3)

    assert world.calls == ["stop worker", "stop n8n", "stop db"]
    assert house.states(down) == [("worker", VERIFIED), ("n8n", VERIFIED), ("db", VERIFIED)]
    assert set(house.stopping.states().values()) == {"stopped"}

    world.calls.clear()
    up = house.stopping.bring_back(WHY)
    house.run(3)
    assert world.calls == ["start db", "start n8n", "start worker"]
    assert [state for _, state in house.states(up)] == [VERIFIED] * 3
    assert set(house.stopping.states().values()) == {"up"}


def test_what_depends_on_it_goes_along_and_what_it_requires_comes_along(house, world):
    house.stopping.stop(["n8n"], PERSON, WHY)
    house.run(2)
    assert world.up == {"db": True, "n8n": False, "worker": False}

    house.stopping.start(["worker"], PERSON, WHY)
    house.run(2)
    assert all(world.up.values())


def test_what_is_down_already_is_proven_without_being_touched(house, world):
    world.up["worker"] = False
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()

    assert world.calls == []
    assert house.stopping.states()["worker"] == "stopped"


def test_a_wish_that_is_repeated_every_round_is_one_operation(house, world):
    for _ in range(30):
        house.stopping.stop_paid(WHY)
        house.run(1)

    assert len(house.stopping.operations()) == 3
    assert len(world.calls) == 3


def test_a_name_that_is_not_known_is_refused(house):
    with pytest.raises(ActionRefused, match=r"no \[\[service\]\] is named mailer"):
        house.stopping.stop(["mailer"], PERSON, WHY)


def test_a_stop_that_fails_is_told_and_tried_again_and_the_rest_goes_on(house, world):
    world.fails["stop", "worker"] = 1
    house.stopping.stop_paid(WHY)
    house.run()
    assert world.up == {"db": False, "n8n": False, "worker": True}
    assert house.stopping.states()["worker"] == "stopping"

    house.run(10)
    assert not any(world.up.values())
    [worker] = [row for row in house.stopping.operations() if row.target == "worker"]
    assert (worker.state, worker.attempt) == (VERIFIED, 2)
    assert str(problem_of(worker)) == "stop of worker fails"


def test_a_stop_that_always_fails_is_a_problem_that_a_person_is_told(house, world):
    world.fails["stop", "worker"] = 99
    house.stopping.stop_paid(WHY)
    house.run(60)

    assert world.calls.count("stop worker") == 3
    assert house.stopping.states() == {"db": "stopped", "n8n": "stopped", "worker": "not stopped"}
    assert [str(problem) for problem in house.stopping.problems()] == ["stop of worker fails"]
    assert house.told.count(("worker", FAILED)) == 1


def test_what_failed_is_tried_again_later_while_it_is_wanted(house, world):
    world.fails["stop", "worker"] = 3
    for _ in range(20):
        house.stopping.stop_paid(WHY)
        house.run(60)

    assert house.stopping.states()["worker"] == "stopped"
    assert house.stopping.problems() == []


def test_what_hears_and_does_nothing_is_not_called_stopped(house, world):
    world.deaf.add("worker")
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(119)
    assert house.stopping.states()["worker"] == "stopping"

    house.run(400)
    assert house.stopping.states()["worker"] == "not stopped"
    [problem] = house.stopping.problems()
    assert str(problem).startswith("worker is not down 120 s after it was stopped, and may go on")


def test_what_cannot_be_seen_is_stopped_all_the_same_but_not_believed(house, world):
    world.unseen.add("worker")
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()

    assert world.up["worker"] is False
    assert house.stopping.states()["worker"] == "stopping"
    world.unseen.clear()
    house.run(1)
    assert house.stopping.states()["worker"] == "stopped"


def test_what_cannot_be_seen_is_not_started(house, world):
    world.up["db"] = False
    world.unseen.add("db")
    house.stopping.start(["db"], PERSON, WHY)
    house.run(60)

    assert world.calls == []
    assert house.stopping.states()["db"] == "not started"


def test_what_requires_what_did_not_come_up_is_not_started(house, world):
    house.stopping.stop_paid(WHY)
    house.run(3)
    world.fails["start", "n8n"] = 99
    world.calls.clear()
    house.stopping.bring_back(WHY)
    house.run(60)

    assert "start worker" not in world.calls
    assert world.up == {"db": True, "n8n": False, "worker": False}
    told = [str(problem) for problem in house.stopping.problems()]
    assert told[1] == "worker is not started, because it requires n8n, which did not come up"


def test_a_newer_wish_takes_the_place_of_one_that_is_under_way(house, world):
    world.deaf.add("worker")
    down = house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(1)
    up = house.stopping.start(["worker"], PERSON, WHY)
    house.run(1)

    assert house.states(down) == [("worker", SUPERSEDED)]
    assert house.states(up)[-1] == ("worker", VERIFIED)
    assert all(world.up.values())


def test_what_still_bills_is_never_called_stopped(tmp_path):
    gpu = Service(name="gpu", hour_krw=600, stopped_hour_krw=20, still_bills="disk of 50 GB")
    house = House(tmp_path, (gpu,), World("gpu"))
    shown = house.stopping.preview(["gpu"])
    house.stopping.stop_paid(WHY)
    house.run()

    assert house.stopping.states() == {"gpu": "still billing"}
    assert shown.still_bills == (("gpu", "disk of 50 GB", 20),)
    house.close()


def test_a_preview_changes_nothing_and_asks_what_would_be_lost(house, world):
    shown = house.stopping.preview(["n8n"])

    assert shown.stops == ("worker", "n8n")
    assert [(lost.target, str(lost.what)) for lost in shown.lost] == [
        ("worker", "a run is cut off")
    ]
    assert (world.calls, house.stopping.operations()) == ([], [])


def test_a_service_that_is_no_more_in_the_settings_is_left_alone(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.services = house.services[:2]
    house.take_over()
    house.run()

    assert world.calls == []
    [row] = house.stopping.operations()
    assert "worker is no [[service]] of the settings any more" in str(problem_of(row))


def test_a_fault_of_ours_ends_the_operation_and_not_the_loop(house, world):
    def broken(_service):
        raise ZeroDivisionError

    world.is_up = broken
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run()

    [row] = house.stopping.operations()
    assert row.state == FAILED
    assert "fault of Sallim's" in str(problem_of(row))


def test_before_the_settings_are_read_nothing_is_done(house, world):
    house.stopping.stop(["worker"], BUDGET, WHY)
    Stopping(house.book, Clocks(), hands=lambda job: job()).step()

    assert world.calls == []
    assert house.stopping.operations()[0].state == PLANNED


def test_what_comes_up_late_is_up_all_the_same(house, world):
    world.up["db"] = False
    world.deaf.add("db")
    house.stopping.start(["db"], PERSON, WHY)
    house.run(600)
    assert house.stopping.states()["db"] == "not started"

    world.up["db"] = True
    house.run(61)
    assert house.stopping.states()["db"] == "up"
    assert house.stopping.problems() == []


def test_what_cannot_be_seen_at_all_is_a_problem_that_says_so(house, world):
    world.unseen.add("worker")
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(500)

    assert [str(problem) for problem in house.stopping.problems()] == ["worker cannot be seen"]
