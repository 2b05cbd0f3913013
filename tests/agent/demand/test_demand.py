"""The loop of demand over a real store: what is fitted when, and what a person's recipe does."""

import json
import sys
from pathlib import Path

import pytest

from data.fitting.apart import Fitting
from data.ops.demand_read import fit_of, judged, last_truth, month_forecast
from models.demand.accuracy import accuracy_of
from models.demand.shapes import Recipe
from models.scaling.shapes import ShortFit
from tests.agent.demand.house import DAY, JOBS, Here, House
from tests.data.demand_rows import HOUR, START
from tests.data.stores import ask

pytestmark = pytest.mark.slow

FAULTY = (sys.executable, str(Path(__file__).parents[2] / "faults" / "dying_fitter.py"))


def test_a_house_that_just_started_is_fitted_and_then_goes_on_by_the_hour(house):
    house.look()

    first = house.daily()
    assert first is not None
    assert first.made_at == START
    assert len(first.means) == 24
    assert first.state
    assert house.demand.problems() == []
    assert house.shown()["made_at"] == START
    assert house.shown()["problem"] is None

    house.hour()

    assert house.made() == ["daily", "refresh"]
    assert house.latest().made_at == START + HOUR
    assert house.daily() == first


def test_in_a_child_of_the_agent_it_is_the_same(house):
    house.restart(fitting=Fitting)
    house.look()

    assert house.made() == ["daily"]
    assert house.daily().cpu_seconds > 0


def test_a_second_look_within_the_hour_does_nothing(house):
    house.look()
    house.look()

    assert house.made() == ["daily"]


def test_after_the_owners_midnight_it_is_fitted_anew(house):
    """The first look is at 21:10 in Seoul."""
    house.look()
    for _ in range(4):
        house.hour()

    assert house.made() == ["daily", "refresh", "refresh", "daily", "refresh"]


def test_a_start_goes_on_from_what_was_fitted_before(house):
    house.look()
    house.restart()
    house.hour()

    assert house.made() == ["daily", "refresh"]


def test_what_came_true_is_kept_and_judged(house):
    house.look()
    for _ in range(6):
        house.hour()

    end_at = START + 6 * HOUR
    last = house.store.read(lambda cursor: last_truth(cursor, "jobs"))
    assert last == end_at - HOUR
    afresh = house.store.read(lambda cursor: judged(cursor, "jobs", end_at))
    sql = "SELECT one_minus_wape FROM accuracies WHERE days = 1 AND ahead = 1 ORDER BY made_at"
    assert accuracy_of(afresh, 1, 1).one_minus_wape > 0.8
    assert all(row[0] > 0.8 for row in ask(house.store, sql))
    assert ask(house.store, sql)


def test_a_recipe_that_was_chosen_is_the_agents_at_its_next_tick(house):
    house.look()
    house.choose(Recipe("seasonal_naive", "day", 7))
    house.wait(15)
    house.demand.step()

    made = house.daily()
    assert (made.model, made.asked) == ("seasonal_naive", Recipe("seasonal_naive", "day", 7))
    assert house.shown()["chosen_by"] == "minji"
    assert house.shown()["recipe"]["model"] == "seasonal_naive"
    house.hour()
    assert house.latest().model == "seasonal_naive"


def test_a_recipe_that_a_newer_version_wrote_leaves_that_of_the_settings(house):
    house.choose(Recipe()._replace(model="oracle"))
    house.look()

    assert house.daily().asked == Recipe()
    assert house.demand.problems() == []


def test_a_target_without_history_keeps_no_other_from_its_forecast(tmp_path):
    targets = [
        {"name": "nothing", "kind": "metric", "metric": "nobody.knows"},
        {"name": "wrong", "kind": "sql", "sql": "SELECT nonsense FROM nowhere"},
        {"name": "jobs", **JOBS},
    ]
    house = House(tmp_path, targets=targets)
    house.look()

    assert house.daily() is not None
    assert house.shown("nothing")["is_early"]
    assert not house.shown("wrong")["is_early"]
    assert "wrong" in json.dumps(house.shown("wrong")["problem"])
    assert house.demand.problems() == []
    for _ in range(7):
        house.hour()
    (problem,) = house.demand.problems()
    assert str(problem).startswith("wrong is not forecast:")
    house.close()


def test_less_than_a_day_is_too_early_and_no_problem(tmp_path):
    house = House(tmp_path, days=0)
    house.measure(START - 5 * HOUR, 5)
    for _ in range(8):
        house.hour()

    assert house.daily() is None
    assert house.shown()["is_early"]
    assert house.demand.problems() == []
    house.close()


def test_a_fit_that_dies_is_told_and_not_tried_again_at_once(tmp_path):
    house = House(tmp_path, targets=[{"name": "SIGKILL", **JOBS}, {"name": "jobs", **JOBS}])
    house.restart(fitting=lambda: Fitting(command=FAULTY))
    house.look()

    problem = house.shown("SIGKILL")["problem"]
    assert "ended (signal {number})" in problem["template"]
    assert house.daily("jobs") is not None
    # From now on it would not die, but it is left alone for a while.
    house.fitting = Here
    house.hour()
    assert house.made("SIGKILL") == []
    house.wait(3 * HOUR)
    house.hour()
    assert house.made("SIGKILL") == ["daily"]
    assert house.shown("SIGKILL")["problem"] is None
    house.close()


def test_of_a_pool_the_next_half_hour_is_fitted_as_well(tmp_path):
    house = House(tmp_path, days=6, step=300, pool=[{"name": "gpu", "target": "jobs"}])
    house.look()

    kept = house.store.read(lambda cursor: fit_of(cursor, "jobs", "short"))
    assert kept is not None
    assert len(ShortFit.from_json(json.loads(kept.document)).weights) == 6
    shape = house.demand.as_json()
    assert [(each["pool"], each["is_on"]) for each in shape["pools"]] == [("gpu", False)]
    house.close()


def test_settings_that_name_another_target_are_followed_at_once(house):
    house.look()
    house.measure(START - 8 * DAY, 8 * 24, "jobs.running")
    more = {"name": "running", "kind": "metric", "metric": "jobs.running"}
    house.settings = house.settings.model_validate({"target": [{"name": "jobs", **JOBS}, more]})
    house.demand.take_over(house.settings)
    house.demand.step()

    assert house.daily("running") is not None


def test_a_store_without_anything_is_no_trouble(tmp_path):
    house = House(tmp_path, days=0, targets=())
    house.look()

    assert house.demand.problem is None
    assert house.demand.problems() == []
    assert house.store.read(lambda cursor: month_forecast(cursor, "api", 0)) is None
    house.close()
