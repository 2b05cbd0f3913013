"""What pages and the panel are told of stops, and how long that is kept."""

import json

from agent.stopping.telling import OPERATIONS_SHOWN
from data.stops import KEPT_SECONDS
from models.messages import Message, say
from models.settings.service import Service
from models.wanted import BUDGET, PERSON
from tests.agent.stopping.house import WHY, House, World

HUNDRED = say("{percent} % is reached", percent=100)


def test_the_panel_is_told_what_may_be_done_and_what_would_have_been(house):
    house.allow(stop="off")
    house.stopping.stop_paid(HUNDRED)
    told = json.loads(json.dumps(house.stopping.as_json()))

    assert told["automation"]["stop"] == "off"
    assert [(row["target"], row["state"]) for row in told["operations"]] == [
        ("worker", "would"),
        ("n8n", "would"),
        ("db", "would"),
    ]
    assert Message.from_json(told["operations"][0]["reason"]) == HUNDRED
    assert told["operations"][0]["problem"] is None
    assert {target["state"] for target in told["targets"]} == {"up"}


def test_each_target_says_how_it_stands_and_who_wants_it_so(tmp_path):
    gpu = Service(
        name="gpu",
        kind="command",
        stop=("/opt/gpu", "--password=hunter2"),
        start=("/opt/gpu",),
        check=("/opt/gpu",),
        still_bills="disk of 50 GB",
    )
    house = House(tmp_path, (gpu,), World("gpu"))
    house.stopping.stop(["gpu"], BUDGET, HUNDRED)
    house.run()
    [target] = house.stopping.as_json()["targets"]

    assert (target["state"], target["still_bills"]) == ("still billing", "disk of 50 GB")
    assert (target["wanted"]["wanted_by"], target["wanted"]["state"]) == ("budget", "down")
    assert "hunter2" not in json.dumps(house.stopping.as_json())
    house.close()


def test_what_failed_is_told_with_its_problem(house, world):
    world.fails["stop", "worker"] = 99
    house.stopping.stop(["worker"], PERSON, WHY)
    house.run(60)
    [row] = house.stopping.as_json()["operations"]

    assert (row["state"], row["attempt"]) == ("failed", 3)
    assert str(Message.from_json(row["problem"])) == "stop of worker fails"


def test_what_is_over_is_kept_for_four_hundred_days_and_what_is_open_for_good(house, world):
    house.stopping.stop(["worker"], PERSON, WHY)
    house.run()
    house.now = KEPT_SECONDS
    house.stopping.stop(["n8n"], PERSON, WHY)
    house.take_over()
    assert len(house.stopping.operations()) == 3

    house.now = 3 * KEPT_SECONDS
    house.take_over()
    assert [row.target for row in house.stopping.operations()] == ["worker", "n8n"]
    assert all(row.is_open for row in house.stopping.operations())


def test_what_would_have_been_done_is_counted_since_install_however_much_came_after(house):
    house.allow(stop="off")
    house.stopping.stop_paid(HUNDRED)
    house.allow(stop="on")
    for _ in range(OPERATIONS_SHOWN // 2):
        house.stopping.stop(["worker"], PERSON, WHY)
        house.run()
        house.stopping.start(["worker"], PERSON, WHY)
        house.run()
    counted = {("worker", 1), ("n8n", 1), ("db", 1)}
    told = house.stopping.as_json()
    assert {row["state"] for row in told["operations"]} == {"verified"}
    assert {(row["target"], row["times"]) for row in told["undone"]} == counted

    house.now += 2 * KEPT_SECONDS
    for _ in range(2):
        house.again()

    assert house.stopping.operations() == []
    told = house.stopping.as_json()
    assert {(row["target"], row["times"]) for row in told["undone"]} == counted
