"""What is forecast where the best cannot be: little known, nothing changing, bad values."""

import numpy as np
import pytest

from models.demand.shapes import QUANTILES, Recipe
from models.errors import NoForecast, OutOfTime
from models.forecasts.choosing import of_solved
from models.forecasts.combining import Kept
from models.forecasts.conformal import widths_of
from models.forecasts.fit import daily
from models.forecasts.shapes import Fit
from models.forecasts.solving import Solved
from models.forecasts.watching import Watch
from tests.models.forecasts.made_series import (
    DAY,
    WEEK,
    history,
    later,
    made,
    noise,
    week_like,
    width,
)


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
