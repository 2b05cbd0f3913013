"""A recipe is asked for, audited, stands until it is withdrawn, and is refused with a reason."""

import pytest

from agent.sampling import Clocks
from agent.wiring.requests import Asking, InForce, Parts
from data.control import Control
from data.demand_choices import recipes
from models.errors import RequestRefused
from models.messages import Message
from tests.agent.asking import OPERATOR, OWNER, House
from tests.data.stores import home_in


class Forecast(House):
    def open(self) -> None:
        self.control = Control.open(self.home.control)
        clocks, in_force = Clocks(self.clock, self.monotonic), InForce(self.settings)
        parts = Parts(who={}.get, demand=lambda: {"targets": []})
        self.asking = Asking(self.home, self.control, in_force, clocks, parts)
        self.requests = self.asking.requests

    def refusal(self, target, caller=OWNER, **args) -> str:
        shape = {"kind": "recipe", "target": target, "args": args}
        with pytest.raises(RequestRefused) as refused:
            self.requests.preview(caller, shape)
        return str(refused.value)


@pytest.fixture
def house(tmp_path):
    house = Forecast(home_in(tmp_path))
    yield house
    house.close()


def test_a_recipe_that_is_asked_for_stands_and_is_audited(house):
    kept = house.asked(OWNER, "recipe", "calls", model="theta", season="day")

    assert kept.state == "done"
    assert str(kept.told) == "calls is forecast by theta (season: day) over 28 days"
    (row,) = recipes(house.control)
    assert (row.target, row.chosen_by, row.request_id) == ("calls", "minji", kept.request_id)
    assert row.recipe == '{"model": "theta", "season": "day", "span_days": 28}'
    accepted, done = house.audit
    assert (accepted.step, done.step) == ("accepted", "done")
    assert '"recipe": {"model": "auto", "season": "auto", "span_days": 28}' in accepted.before


def test_chosen_anew_it_is_the_newer_one_and_withdrawn_that_of_the_settings(house):
    house.asked(OWNER, "recipe", "calls", model="theta")
    house.asked(OWNER, "recipe", "calls", span_days=14)
    assert [row.recipe for row in recipes(house.control)] == [
        '{"model": "auto", "season": "auto", "span_days": 14}'
    ]

    kept = house.asked(OWNER, "recipe", "calls")

    assert (kept.state, str(kept.told)) == ("done", "calls is forecast as the settings say")
    assert recipes(house.control) == []
    assert "nobody chose a recipe of calls" in house.refusal("calls")


def test_what_would_follow_is_shown_and_its_name_is_typed(house):
    shape = {"kind": "recipe", "target": "calls", "args": {"model": "arima"}}
    shown = house.requests.preview(OWNER, shape)

    assert shown["confirm"] == "calls"
    assert [str(Message.from_json(line)) for line in shown["lines"]] == [
        "calls is forecast by arima (season: auto) over 28 days",
        "it is fitted within a minute, and pools of calls follow it",
    ]


@pytest.mark.parametrize(
    ("target", "args", "why"),
    [
        ("nothing", {"model": "theta"}, "nothing is no target; these are: calls, spend, arrivals"),
        ("calls", {"model": "oracle"}, "model must be one of auto, combo"),
        ("calls", {"season": "year"}, "season must be one of auto, none"),
        ("calls", {"span_days": 2}, "span_days must be a whole number from 3 to 400"),
        ("calls", {"span_days": 28.5}, "span_days must be a whole number from 3 to 400"),
        ("calls", {"horizon": 24}, "args of recipe must be exactly"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_could(house, target, args, why):
    assert why in house.refusal(target, **args)


def test_only_an_owner_may(house):
    assert "ask somebody who is owner" in house.refusal("calls", OPERATOR, model="theta")


def test_after_a_crash_it_is_found_done(house):
    house.asked(OWNER, "recipe", "calls", model="theta")
    house.crash()

    assert [row.target for row in recipes(house.control)] == ["calls"]
    house.requests.step()
    assert len(house.audit) == 2
