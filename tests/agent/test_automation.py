"""What `[automation]` allows is what a budget does: refuse calls, stop services, or only count."""

import json
from contextlib import closing

import pytest

from agent.budget import Limiting
from agent.budget_stops import Hands
from agent.composing import compose
from agent.requests.state import ledger_state
from agent.sampling import Clocks
from agent.stopping import Book, Stopping
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.requests import orders, put_order
from data.settings_file import LoadedSettings
from models.requests.kept import StandingOrder
from models.settings import Settings
from models.settings.service import Service
from tests.agent.limiting import NOW, Household, Postbox
from tests.agent.stopping.house import World

GPU = Service(name="gpu", kind="systemd")


class Whole(Household):
    """With the real one who stops."""

    def __init__(self, folder, **automation):
        self.world = World("gpu")
        super().__init__(folder, Settings.model_validate({"automation": automation}))

    def start(self):
        super().start()
        clocks = Clocks(wall=lambda: self.now, monotonic=lambda: self.monotonic)
        self.stopping = Stopping(
            Book(self.control), clocks, hands=lambda job: job(), resting=self.resting
        )
        hands = Hands(Postbox(), self.stopping, self.stopping.paid, lambda *_: None)
        self.limiting.close()
        self.limiting = Limiting(self.home, self.control, clocks, hands)
        self.take_over(self.settings)

    def resting(self):
        return [each.target for each in orders(self.control, "pause", self.now)]

    def take_over(self, settings):
        super().take_over(settings)
        if hasattr(self, "stopping"):
            self.stopping.take_over([GPU], {"systemd": self.world}, settings.automation)

    def step(self, seconds=10.0):
        super().step(seconds)
        self.stopping.step()

    def spends_it_all(self):
        """By what is owed in any case, so no call is needed for it."""
        assert self.spend(24_900, buckets=("total",))
        for _ in range(3):
            self.step()

    def told(self):
        """Severity, title and lines of each alert."""
        with self.control.transaction() as connection:
            rows = connection.execute("SELECT value FROM state WHERE key LIKE 'alert:%'")
            return [json.loads(value) for (value,) in rows.fetchall()]

    def operations(self):
        return [(each.verb, each.state) for each in self.stopping.operations()]


@pytest.fixture
def whole(tmp_path):
    made = []

    def make(**automation):
        made.append(Whole(tmp_path, **automation))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_on_stops_what_costs_money(whole):
    house = whole(stop="on")
    house.spends_it_all()

    assert (house.world.calls, house.operations()) == (["stop gpu"], [("stop", "verified")])


@pytest.mark.parametrize(("right", "state"), [("off", "would"), ("ask", "asked")])
def test_off_and_ask_stop_nothing_and_say_so_once(whole, right, state):
    house = whole(stop=right)
    house.spends_it_all()
    house.start()
    for _ in range(5):
        house.step()

    assert (house.world.calls, house.operations()) == ([], [("stop", state)])
    [lines] = [said for said in house.told() if "100 % of the budget total" in said[1]]
    assert (
        "services are stopped when you say yes" in lines[2] or "no service is stopped" in lines[2]
    )

    house.take_over(Settings.model_validate({"automation": {"stop": "on"}}))
    house.step()
    assert house.world.calls == ["stop gpu"]


@pytest.mark.parametrize("what", ["automation", "stop"])
@pytest.mark.parametrize(
    ("block", "said"), [("on", "new calls are refused; "), ("off", "no call is refused, and ")]
)
def test_what_is_told_during_a_pause_is_what_happened(whole, what, block, said):
    house = whole(stop="on", block=block)
    begins = int(house.now)
    pause = StandingOrder("p", "pause", what, "kim", "a demo", begins, begins + 3_600, 0)
    put_order(house.control, pause)

    house.spends_it_all()

    assert house.world.calls == []
    [lines] = [told for told in house.told() if "100 % of the budget total" in told[1]]
    assert lines[2] == f"{said}nothing was stopped: automation is paused until 2026-11-29 07:06"
    house.step(3_600)
    assert house.world.calls == ["stop gpu"]


def test_one_message_says_that_a_stop_is_over_and_what_is_up_again(whole):
    house = whole(stop="on")
    house.spends_it_all()
    assert house.ends == []

    house.raised(12_000, "total")
    house.step()
    for _ in range(5):
        house.step()

    assert house.ends == ["total 100 resolved"]
    [lines] = [told for told in house.told() if "is over" in told[1]]
    assert lines == [
        "info",
        "the limit of the budget total is over: 24,900 of 36,900 won are spent",
        "its cap is higher now",
        "calls of every priority are let through again",
        "started again: gpu",
    ]
    house.start()
    house.step()
    assert len(house.ends) == 1

    house.step(3_600)
    house.step()
    assert house.world.calls[-1] == "stop gpu"
    house.raised(12_000, "total", name="b")
    for _ in range(5):
        house.step()
    assert len(house.ends) == 2


def test_the_end_is_told_when_what_comes_back_is_seen_to_be_up(whole):
    house = whole(stop="on")
    house.spends_it_all()
    house.world.deaf.add("gpu")
    house.raised(12_000, "total")
    for _ in range(4):
        house.step()
    assert house.ends == []

    house.world.up["gpu"] = True
    for _ in range(2):
        house.step()

    assert house.ends == ["total 100 resolved"]


@pytest.mark.parametrize("right", ["off", "ask"])
def test_without_the_right_to_block_budgets_only_count(whole, right):
    house = whole(block=right)
    assert house.spend(30_000)
    house.step()

    assert house.spend(1)
    state = ledger_state(house.home, house.settings, house.now)
    assert {bucket["refused"] for bucket in state["buckets"]} == {()}
    assert any("no call is refused" in line for said in house.told() for line in said)

    house.take_over(Settings())
    house.step()
    assert not house.spend(1)


@pytest.mark.parametrize(("right", "is_said"), [("on", False), ("off", True), ("ask", True)])
def test_budgets_that_only_count_are_a_problem_of_the_agent(tmp_path, right, is_said):
    house = Household(tmp_path)
    house.close()
    settings = Settings.model_validate({"automation": {"block": right}})
    clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
    with closing(Store.open(house.home, StoreLimits(free_min_bytes=0), NOW)) as store:
        parts = compose(house.home, store, settings, clocks)
        parts.take_over(LoadedSettings(settings, "file", None))
        told = [str(each) for each in parts.view.problems(0.0, {})]

    assert any("budgets only count, no call is refused" in each for each in told) is is_said
