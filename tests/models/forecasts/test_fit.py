"""A forecast of one series, from the history to the sentence that explains it."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.demand.shapes import Forecast, Recipe
from models.forecasts.fit import point_and_bands
from tests.models.forecasts.made_series import (
    DAY,
    history,
    later,
    made,
    week_like,
)

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_the_median_of_good_models_is_forecast_and_says_so():
    y = week_like(672 + DAY)
    forecast = made(y[:672])

    assert forecast.model == "combo"
    assert "models" in str(forecast.why)
    assert np.mean(np.abs(np.array(forecast.means) - y[672:])) < 8
    assert forecast.start_at == history(y[:672]).end_at
    assert len(forecast.means) == len(forecast.naive) == DAY


def test_the_bench_measures_what_the_agent_forecasts():
    y = week_like(400)

    means, bands, members = point_and_bands(y, DAY)

    forecast = made(y)
    assert (tuple(means), members) == (forecast.means, forecast.members)
    assert tuple(map(tuple, bands)) == forecast.bands


@FEW
@given(st.integers(24, 400), st.integers(0, 1_000), st.sampled_from([0.0, 5.0, 60.0]))
def test_bands_are_ordered_and_hold_the_mean(count, seed, spread):
    forecast = made(week_like(count, spread, seed), steps=30)

    bands = np.array(forecast.bands)
    assert np.all(np.diff(bands, axis=0) >= 0)
    assert np.all((bands[0] <= forecast.means) & (forecast.means <= bands[-1]))


@pytest.mark.slow
@FEW
@given(st.sampled_from([1e-3, 7.0, 1e6]), st.integers(150, 400))
def test_another_unit_gives_the_same_forecast_in_that_unit(unit, count):
    """Not promised of skewed values: those are looked at as logarithms, of 1 more than they are."""
    y = week_like(count)
    one, other = made(y), made(y * unit)

    assert np.array(other.means) / unit == pytest.approx(np.array(one.means), rel=0.02)


@pytest.mark.slow
@FEW
@given(st.sampled_from([-500.0, 300.0]), st.integers(150, 400))
def test_a_higher_level_gives_a_forecast_as_much_higher(shift, count):
    """Promised where values are negative before and after: above zero, seasons are factors."""
    y = week_like(count) - 1_000
    one, other = made(y), made(y + shift)

    assert np.array(other.means) - shift == pytest.approx(np.array(one.means), abs=3.0)


def test_what_lies_before_the_span_changes_nothing():
    y = week_like(900)
    otherwise = y.copy()
    otherwise[: 900 - 14 * DAY] *= 3
    recipe = Recipe(span_days=14)

    one, other = made(y, recipe), made(otherwise, recipe)

    assert (one.means, one.bands) == (other.means, other.bands)


@pytest.mark.parametrize("model", ["auto", "holt_winters", "theta", "stl", "seasonal_naive"])
def test_a_refresh_at_once_says_what_the_fit_said(model):
    y = week_like(400)
    forecast = made(y, Recipe(model))

    again = later(y, forecast.state)

    assert again.means == pytest.approx(forecast.means)
    assert np.array(again.bands) == pytest.approx(np.array(forecast.bands))
    assert (again.model, again.members) == (forecast.model, forecast.members)
    assert (again.why, again.asked) == (forecast.why, forecast.asked)


def test_a_refresh_an_hour_later_keeps_parameters_and_knows_the_new_hour():
    y = week_like(401)
    forecast = made(y[:400], Recipe("holt_winters"))

    again = later(y, forecast.state)

    assert again.parameters == forecast.parameters
    assert again.start_at == forecast.start_at + 3_600
    assert np.array(again.means[:-1]) == pytest.approx(np.array(forecast.means[1:]), abs=5)


def test_a_state_of_another_grid_is_as_none():
    y = week_like(400)
    state = made(y).state

    assert later(y, {**state, "step_seconds": 300}).model == "seasonal_naive"
    assert later(y, {}).model == "seasonal_naive"


def test_a_forecast_comes_back_from_json_as_it_was():
    forecast = made(week_like(300))

    back = Forecast.from_json(json.loads(json.dumps(forecast.as_json())))

    assert back.as_json() == forecast.as_json()


def test_what_was_never_negative_is_not_forecast_below_zero():
    forecast = made(np.abs(week_like(400, 60.0) - 80))

    assert min(forecast.means) >= 0
    assert min(map(min, forecast.bands)) >= 0
