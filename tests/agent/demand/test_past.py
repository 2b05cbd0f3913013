"""The made-up household has a past of forecasts, each of what was known when it was made."""

import pytest

from agent.demand.past import DAYS, HOURS, forecast_the_past
from tests.agent.demand.house import DAY, Here, House
from tests.data.demand_rows import HOUR, START
from tests.data.stores import ask

pytestmark = pytest.mark.slow


def test_days_are_fitted_and_the_last_hours_gone_on_from_without_a_look_ahead(tmp_path):
    """21:00 in Seoul: the last midnight is 21 hours ago."""
    house = House(tmp_path, days=18)
    told = []
    here = Here()
    count = forecast_the_past(house.store, house.settings, START, told.append, here.run)

    assert told == []
    assert count == DAYS + HOURS - 1 == len(house.made())
    assert house.made().count("daily") == DAYS
    assert house.latest().made_at == START
    sql = "SELECT count(*) FROM forecasts WHERE start_at < made_at OR made_at > to_timestamp($1)"
    assert ask(house.store, sql, START) == [(0,)]
    [(steps, accuracy)] = ask(
        house.store,
        "SELECT steps, one_minus_wape FROM accuracies WHERE days = 7 AND ahead = 1",
    )
    assert steps == 7 * 24
    assert accuracy > 0.8

    then = House(tmp_path / "then", days=0)
    then.now = float(START - 21 * HOUR)
    then.measure(START - 18 * DAY, 18 * 24 - 21)
    then.demand.step()
    assert house.daily().means == pytest.approx(then.daily().means, rel=1e-4)
    house.close()
    then.close()


def test_a_day_of_it_is_too_little_and_says_nothing(tmp_path):
    house = House(tmp_path, days=1)
    told = []

    assert forecast_the_past(house.store, house.settings, START, told.append, Here().run) >= 0
    assert told == []
    house.close()
