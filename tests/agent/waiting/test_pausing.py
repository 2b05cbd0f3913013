"""Workflows that can only fail are paused by the budget, and brought back when it lets them."""

import json
from decimal import Decimal

import pytest

from agent.budget_stops import Hands, Stops
from agent.sampling import Clocks
from agent.waiting.pausing import Pausing
from data.budget import keep_stop, stops
from models.budget.kept import ORDERED, Stop
from models.budget.orders import StopPaid
from models.budget.state import BucketState
from models.monitoring import Execution
from models.settings import Settings
from models.waiting.item import DISMISSED
from tests.agent.limiting import Postbox, Services
from tests.agent.waiting.waiting_house import WaitingHouse, refusal_text

SERVICE = {"name": "digest", "kind": "n8n_workflow", "target": "wf1"}


class Loop:
    """The loop of the budgets, as far as it pauses."""

    def __init__(self, folder, stop="on", services=(SERVICE,)) -> None:
        self.house = WaitingHouse(folder)
        self.services = Services(up={"digest", "gpu"})
        self.settings = Settings.model_validate(
            {"service": list(services), "automation": {"stop": stop}, "n8n": [{"name": "main"}]}
        )
        self.spent = 14_300
        self.start()

    def start(self) -> None:
        house, hands = self.house, Hands(Postbox(), self.services, lambda *_: (), lambda *_: None)
        clocks = Clocks(wall=house.clock, monotonic=house.clock)
        self.stops = Stops(house.control, hands)
        world = (Postbox(), self.services, self.stops)
        self.pausing = Pausing(house.control, house.store, clocks, world)

    def states(self):
        api = BucketState("api", 0.0, 2e9, Decimal(15_000), Decimal(self.spent), version=1)
        return {"api": api}

    def step(self):
        self.house.clock.now += 60.0
        self.pausing.step(self.settings, self.states())

    def runs(self, *errors):
        """Of the workflow, the oldest first; "" went well."""
        for error in errors:
            self.house.clock.now += 60.0
            now, number = self.house.clock.now, str(int(self.house.clock.now))
            status = "error" if error else "success"
            run = Execution("n8n:main", "wf1", number, status, "trigger", now, now, now, now)
            self.house.store.record([run._replace(error=error)])
        self.house.waiting.step()

    def told(self):
        rows = self.house.control.rows("state", "key")
        return [json.loads(value) for key, value in rows if key.startswith("alert:waiting")]


@pytest.fixture
def loop(tmp_path):
    loop = Loop(tmp_path)
    yield loop
    loop.house.close()


def test_what_was_refused_three_times_running_is_paused_and_comes_back_with_the_money(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    loop.step()
    assert loop.services.asked == [("stop", ("digest",))]
    [told] = loop.told()
    assert told[:2] == ["warn", "wf1 is paused: its last 3 runs were all refused"]
    loop.spent = 100
    loop.step()
    loop.step()

    assert loop.services.asked[1:] == [("start", ("digest",))]
    assert stops(loop.house.control) == []


@pytest.mark.parametrize(
    "errors",
    [
        [refusal_text()] * 2,
        [refusal_text(), "", refusal_text()],
        [refusal_text(), "HTTP: 502", refusal_text()],
        [*[refusal_text()] * 3, ""],
    ],
)
def test_what_may_still_go_well_is_left(loop, errors):
    loop.runs(*errors)
    loop.step()

    assert loop.services.asked == []


def test_where_there_is_money_again_nothing_is_paused(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.spent = 100
    loop.step()

    assert loop.services.asked == []


def test_calls_that_come_and_go_bring_nothing_back(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    held = loop.states()["api"]._replace(open_won=Decimal(600))
    loop.house.clock.now += 60.0
    loop.pausing.step(loop.settings, {"api": held})

    assert loop.services.asked == [("stop", ("digest",))]


def test_what_another_budget_holds_is_not_started(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    other = Stop("total", 0, 1, "done", json.dumps(["digest"]), "", 0.0)
    keep_stop(loop.house.control, other)
    loop.spent = 100
    loop.step()

    assert loop.services.asked == [("stop", ("digest",))]


def test_the_budgets_themselves_leave_the_pause_alone(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    problem = loop.stops.carry_out([StopPaid("api", ())], loop.states(), loop.house.clock.now)

    assert problem is None
    assert loop.services.asked == [("stop", ("digest",))]


def test_what_was_written_down_and_not_done_is_done_after_a_crash(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.services.stuck = True
    with pytest.raises(Exception, match="says no"):
        loop.step()
    assert [each.state for each in stops(loop.house.control)] == [ORDERED]
    loop.services.stuck = False
    loop.start()
    loop.step()

    assert loop.services.asked == [("stop", ("digest",))]


@pytest.mark.parametrize("stop", ["ask", "off"])
def test_who_must_be_asked_is_asked_by_whoever_stops_and_not_told_twice(tmp_path, stop):
    loop = Loop(tmp_path / stop, stop)
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    told = loop.told()
    loop.house.close()

    assert (told, loop.services.asked) == ([], [("stop", ("digest",))])


def test_a_workflow_that_nobody_named_is_only_told(tmp_path):
    loop = Loop(tmp_path, services=())
    loop.runs(*[refusal_text()] * 3)
    loop.step()
    [told] = loop.told()
    loop.house.close()

    assert loop.services.asked == []
    assert told[1] == "wf1 can only fail: its last 3 runs were all refused"
    assert "[[service]]" in told[3]


def test_what_was_dismissed_pauses_nothing(loop):
    loop.runs(*[refusal_text()] * 3)
    loop.house.waiting.dismiss("all", "request-1")
    loop.step()

    assert {each.state for each in loop.house.items()} == {DISMISSED}
    assert loop.services.asked == []
