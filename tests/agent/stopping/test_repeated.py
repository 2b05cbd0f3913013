"""Ordered once, by whoever asks only once: what was refused or failed is not forgotten."""

import pytest

from models.messages import say
from models.operations import FAILED, REFUSED, VERIFIED, WOULD, Standing
from models.settings.service import Service
from models.wanted import BUDGET, PERSON
from tests.agent.stopping.house import WHY, House, World


def test_a_stop_that_a_person_stands_against_is_done_when_that_ends(house, world):
    house.stopping.start(["worker"], PERSON, WHY, until=house.clock() + 600)
    house.run()
    batch = house.stopping.stop_paid("all of it is spent")
    house.run(500)
    assert all(world.up.values())
    assert [state for _, state in house.states(batch)] == [REFUSED] * 3

    house.run(300)
    assert not any(world.up.values())


def test_a_stop_that_failed_is_tried_again_by_itself(house, world):
    world.fails["stop", "worker"] = 3
    house.stopping.stop_paid(WHY)
    house.run(60)
    assert house.stopping.states()["worker"] == "not stopped"

    house.run(1000)
    assert house.stopping.states()["worker"] == "stopped"
    assert [row.state for row in house.stopping.operations() if row.target == "worker"] == [
        FAILED,
        VERIFIED,
    ]


def test_a_budget_starts_only_what_it_holds_down_itself(house, world):
    world.up["worker"] = False
    house.stopping.start(["worker"], BUDGET, WHY)
    house.run()

    assert world.calls == []
    assert house.stopping.operations() == []


@pytest.mark.parametrize(("right", "rows"), [("off", 2), ("ask", 1)])
def test_what_was_only_written_down_or_asked_is_not_brought_back(house, world, right, rows):
    house.allow(stop=right)
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.stopping.start(["worker"], BUDGET, WHY)
    house.run()

    assert world.calls == []
    assert len(house.stopping.operations()) == rows
    assert house.stopping.operations()[-1].state == (WOULD if right == "off" else "declined")


def test_a_wish_that_is_repeated_writes_nothing_to_the_disk(house):
    house.stopping.stop_paid(WHY)
    house.run(3)
    before = house.control._connection.total_changes  # noqa: SLF001  # what was written so far
    for _ in range(50):
        house.stopping.stop_paid(WHY)
        house.run(1)

    assert house.control._connection.total_changes == before  # noqa: SLF001


def test_how_far_an_order_has_come_is_found_by_its_reason(house, world):
    order = say("{name}: it is dear (request {id})", name="mina", id="r1")
    assert house.stopping.ordered(order) is None

    world.fails["stop", "n8n"] = 99
    house.stopping.stop(["n8n"], PERSON, order)
    assert house.stopping.ordered(order) == Standing(("worker", "n8n"), {})
    house.run(60)
    standing = house.stopping.ordered(order)
    assert standing.open == ()
    assert {name: str(problem) for name, problem in standing.failed.items()} == {
        "n8n": "stop of n8n fails"
    }
    assert house.stopping.stopped_by(PERSON) == ["n8n", "worker"]
    assert house.stopping.names() == ["db", "n8n", "worker"]


def test_a_bucket_stops_what_counts_in_it_and_what_needs_that(tmp_path):
    services = (
        Service(name="vps", priority="essential"),
        Service(name="gpu"),
        Service(name="ocr", kind="n8n_workflow", target="w1", requires=("gpu",)),
        Service(name="spender", kind="gateway_token", target="n8n", priority="optional"),
    )
    house = House(tmp_path, services, World("vps", "gpu", "ocr", "spender"))
    paid = house.stopping.paid

    assert paid() == ["spender", "ocr", "gpu"]
    assert paid("api") == ["spender", "ocr"]
    assert paid("servers") == ["ocr", "gpu"]
    assert paid("key:n8n") == ["spender"]
    assert paid("workflow:ocr") == ["ocr"]
    assert paid("provider:openai") == []
    assert paid("total", ("essential", "optional")) == ["ocr", "gpu"]

    house.stopping.stop(["workflow:ocr", "workflow:another"], BUDGET, WHY)
    house.run()
    assert house.world.calls == ["stop ocr"]
    house.close()


def test_a_service_that_left_the_settings_keeps_no_other_from_being_moved(house, world):
    house.stopping.stop(["worker", "n8n"], BUDGET, WHY)
    house.run(3)
    house.services = house.services[:2]
    house.take_over()
    house.stopping.stop(["worker", "db"], BUDGET, WHY)
    house.run(3)
    assert world.up["db"] is False
    house.stopping.start(["worker", "n8n", "db"], BUDGET, WHY)
    house.run(3)

    assert world.up == {"db": True, "n8n": True, "worker": False}
    assert house.stopping.stopped_by(BUDGET) == []


@pytest.mark.parametrize("set_back", [3600.0, -3600.0, -40 * 86_400.0])
def test_a_clock_that_is_changed_makes_no_proof_late_and_no_pause_long(house, world, set_back):
    world.deaf.add("worker")
    house.stopping.stop(["worker"], BUDGET, WHY)
    house.run(5)
    house.set_back = set_back
    house.run(100)
    assert house.stopping.states()["worker"] == "stopping"

    world.deaf.clear()
    house.run(50)
    assert house.stopping.states()["worker"] == "stopped"
    assert [row.attempt for row in house.stopping.operations()] == [2]
