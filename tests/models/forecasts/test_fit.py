"""A forecast of one series, from the history to the sentence that explains it."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.demand.shapes import QUANTILES, Forecast, Recipe
from models.errors import NoForecast, OutOfTime
from models.forecasts.choosing import of_solved
from models.forecasts.combining import Kept
from models.forecasts.conformal import widths_of
from models.forecasts.fit import daily, point_and_bands, refresh
from models.forecasts.shapes import Fit
from models.forecasts.solving import Solved
from models.forecasts.watching import Watch
from tests.models.forecasts.made_series import DAY, WEEK, history, noise, week_like

FEW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(values, recipe=None, steps=DAY, **others):
    return daily("jobs", history(values, **others), recipe or Recipe(), steps, Watch())


def later(values, state, steps=DAY, **others):
    kept = json.loads(json.dumps(state))
    return refresh("jobs", history(values, **others), kept, steps, Watch())


def width(forecast, q=0.9):
    return float(np.mean(np.array(forecast.quantile(q)) - np.array(forecast.means)))


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


def test_under_a_day_nothing_is_forecast():
    with pytest.raises(NoForecast, match="less than a day"):
        made(week_like(23))


@pytest.mark.parametrize("count", [24, 47, 48, 100, 146])
def test_under_a_week_the_simplest_is_forecast_with_wide_bands_and_says_so(count):
    forecast = made(week_like(count))

    assert forecast.model in ("seasonal_naive", "theta")
    assert "too little is known" in str(forecast.why)
    assert width(forecast) > 0


def test_from_six_days_and_three_hours_on_models_are_combined():
    assert made(week_like(146)).model != "combo"
    assert made(week_like(147)).model == "combo"


@pytest.mark.parametrize("value", [0.0, 42.0, -3.0])
def test_what_never_changed_stays_and_its_band_is_named(value):
    forecast = made(np.full(300, value))

    assert set(forecast.means) == {value}
    assert "always was" in str(forecast.why)
    assert width(forecast) == pytest.approx(0.04 * abs(value))


def test_rare_work_goes_its_own_way():
    jobs = np.where(np.arange(500) % 50 == 7, 3.0, 0.0)

    assert made(jobs).model == "intermittent"
    assert later(jobs, made(jobs).state).model == "intermittent"


def test_a_doubtful_history_has_wider_bands():
    y = week_like(300)

    assert width(made(y, widen=1.5)) == pytest.approx(1.5 * width(made(y)), rel=0.01)


def test_steps_filled_in_are_no_truth_to_be_wrong_about():
    y = week_like(400)
    y[380:390] = 10_000
    marks = np.arange(400)
    filled = (marks >= 380) & (marks < 390)

    assert width(made(y, filled=filled)) < width(made(y))


def test_a_week_ahead_says_how_far_it_was_tested():
    forecast = made(week_like(400), steps=WEEK)

    assert len(forecast.means) == WEEK
    assert "bands beyond 24 h" in str(forecast.why)
    assert len(later(week_like(401), forecast.state, WEEK).means) == WEEK


def test_days_are_forecast_by_the_week():
    days = np.tile([5.0, 6, 7, 6, 5, 1, 1], 20) + 0.2 * noise(140)

    forecast = made(days, Recipe(span_days=400), steps=14, step_seconds=86_400)

    assert forecast.model == "combo"
    assert np.array(forecast.means) == pytest.approx(np.tile([5.0, 6, 7, 6, 5, 1, 1], 2), abs=1)


@pytest.mark.parametrize("model", ["theta", "stl", "autoregression", "holt_winters"])
def test_a_model_asked_for_by_name_is_the_one_that_forecasts(model):
    forecast = made(week_like(400), Recipe(model))

    assert (forecast.model, forecast.asked.model) == (model, model)


def test_a_model_that_cannot_be_fitted_is_replaced_and_named():
    forecast = made(week_like(200), Recipe("holt_winters", "week"))

    assert forecast.model == "combo"
    assert "could not be fitted: holt_winters" in str(forecast.why)


def test_a_fit_that_takes_too_long_is_given_up():
    ticks = iter(range(1_000_000))
    watch = Watch(lambda: float(next(ticks)), seconds_max=3)

    with pytest.raises(OutOfTime, match="given up"):
        daily("jobs", history(week_like(400)), Recipe(), DAY, watch)


def test_progress_is_told_up_to_the_end():
    heard = []
    watch = Watch(tell=lambda part, what: heard.append(part))

    daily("jobs", history(week_like(300)), Recipe(), DAY, watch)

    assert len(heard) > 10
    assert heard == sorted(heard)
    assert 0 <= heard[0] <= heard[-1] <= 1


BAD = {
    "a spike": lambda y: np.where(np.arange(len(y)) == len(y) - 30, 10 * y, y),
    "a spike at the end": lambda y: np.where(np.arange(len(y)) == len(y) - 1, 10 * y, y),
    "a change of unit": lambda y: np.where(np.arange(len(y)) > len(y) // 2, 1_000 * y, y),
    "a step up at the end": lambda y: np.where(np.arange(len(y)) > len(y) - 12, y + 500, y),
    "huge": lambda y: y * 1e12,
    "tiny": lambda y: y * 1e-12,
    "constant but for one": lambda y: np.where(np.arange(len(y)) == 5, 2.0, 1.0),
    "constant of late": lambda y: np.where(np.arange(len(y)) > 40, 7.0, y),
    "two values": lambda y: np.where(np.arange(len(y)) % 2 == 0, 1.0, 2.0),
    "growing without end": lambda y: 1.05 ** np.arange(len(y)),
}


@pytest.mark.parametrize("model", ["auto", "holt_winters"])
@pytest.mark.parametrize("what", BAD)
def test_bad_values_give_finite_numbers_and_a_reason(what, model):
    y = BAD[what](week_like(200))

    forecast = made(y, Recipe(model))

    numbers = np.array([forecast.means, *forecast.bands])
    assert np.all(np.isfinite(numbers))
    assert np.all(np.diff(np.array(forecast.bands), axis=0) >= 0)
    assert str(forecast.why)
    assert np.max(numbers[0]) <= y.max() + 0.21 * np.ptp(y)
    assert len(forecast.bands) == len(QUANTILES)


def test_a_fit_that_never_settles_is_used_and_named():
    fit = Fit(np.zeros(DAY), (0.5,), has_converged=False)
    kept = Kept(("holt_winters",), (), np.zeros((8, DAY)))
    bands = np.zeros((len(QUANTILES), DAY))
    solved = Solved(fit.means, bands, kept, (), {"holt_winters": fit}, widths_of(kept.errors))

    choice = of_solved("holt_winters", solved, ())

    assert "did not settle" in str(choice.reasons[0])
