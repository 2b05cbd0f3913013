"""Recipes in a backtest side by side."""

import numpy as np
import pytest

from models.demand.shapes import Compared, Recipe
from models.forecasts.compare import compare, moments, scored, trials_of
from models.forecasts.fit import daily
from models.forecasts.watching import Watch
from tests.models.forecasts.made_series import DAY, history, noise, week_like


def test_recipes_are_scored_on_what_came_and_forecast_what_comes():
    recipes = [Recipe("theta"), Recipe("seasonal_naive", "day")]
    theta, naive = compare("jobs", history(week_like(400)), recipes, DAY, Watch())

    assert (theta.recipe, theta.origins) == (recipes[0], 6)
    assert naive.skill == pytest.approx(0)
    assert theta.skill > 0
    assert 0.8 < theta.one_minus_wape < 1
    assert 0.6 < theta.coverage80 <= theta.coverage95 <= 1
    assert len(theta.forecast.means) == DAY
    assert theta.forecast.model == "theta"


def test_a_forecast_from_the_past_is_the_one_that_was_made_then():
    y = week_like(300)
    whole, recipe = history(y), Recipe("theta")
    trials = trials_of(whole, recipe, moments(whole), Watch())

    for origin, trial in zip(moments(whole).origins, trials, strict=True):
        then = daily("jobs", history(y[:origin]), recipe, DAY, Watch())
        assert tuple(trial.means) == then.means
        assert tuple(map(tuple, trial.bands)) == then.bands


@pytest.mark.slow
def test_arima_is_compared_with_one_fit_for_all_moments():
    (arima,) = compare("jobs", history(week_like(220)), [Recipe("arima", "day")], DAY, Watch())

    assert arima.origins > 2
    assert arima.skill > 0
    assert arima.forecast.model == "arima"


def test_too_little_is_not_compared_but_forecast():
    (little,) = compare("jobs", history(week_like(100)), [Recipe()], DAY, Watch())

    assert (little.mase, little.skill, little.origins) == (None, None, 0)
    assert "too little" in str(little.why)
    assert little.forecast is not None


def test_hours_that_were_not_measured_are_not_scored():
    y = week_like(300)
    filled = np.zeros(300, dtype=bool)
    filled[-DAY:] = True
    y[-DAY:] = 1e6
    whole = history(y, filled)

    trials = trials_of(whole, Recipe("seasonal_naive", "day"), moments(whole), Watch())

    assert np.isnan(trials[0].truths).all()
    assert scored(Recipe(), trials, 1.0).mase < 100


def test_nothing_to_divide_by_is_no_figure():
    nothing = scored(Recipe(), trials_of_zeros(), 0.0)

    assert (nothing.one_minus_wape, nothing.mase, nothing.skill) == (None, None, None)


def trials_of_zeros():
    y = np.where(np.arange(300) < 100, noise(300), 0.0)
    whole = history(y)
    return trials_of(whole, Recipe("seasonal_naive", "day"), moments(whole), Watch())[:1]


def test_what_was_compared_comes_back_from_json():
    (one,) = compare("jobs", history(week_like(300)), [Recipe("theta")], DAY, Watch())

    assert Compared.from_json(one.as_json()).as_json() == one.as_json()
