"""Each model by itself."""

import numpy as np
import pytest

from models.forecasts.autoregression import BEYOND_SHARE, autoregression
from models.forecasts.cycle import Cycle, cycle_of
from models.forecasts.holt_winters import holt_winters, holt_winters_again
from models.forecasts.members import ALONE, MEMBERS, attempt, frozen, quick
from models.forecasts.naive import last_cycle, seasonal_naive
from models.forecasts.profiles import is_seasonal
from models.forecasts.smoothing import levels_of, smoothed, theta_line
from models.forecasts.theta import theta, theta_week
from tests.models.forecasts.made_series import DAY, WEEK, noise, week_like

HOURLY = Cycle(DAY, WEEK)
EXACT = [each for each in MEMBERS if each.name not in ("last_value", "autoregression")]


@pytest.mark.parametrize("member", EXACT, ids=lambda member: member.name)
def test_a_day_that_repeats_without_noise_is_forecast_as_it_was(member):
    day = 100 + 30 * np.sin(np.arange(DAY) / 4)
    y = np.tile(day, 21)

    fit = attempt(member, y, DAY, HOURLY)

    assert fit.means == pytest.approx(day, rel=0.02)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_every_model_forecasts_a_week_as_well(member):
    fit = attempt(member, week_like(672), WEEK, HOURLY)

    assert fit.means.shape == (WEEK,)
    assert np.all(np.abs(fit.means) < 1_000)


@pytest.mark.parametrize("season", ["none", "day", "week", "both"])
@pytest.mark.parametrize("name", ["theta", "stl", "autoregression", "seasonal_naive"])
def test_every_season_can_be_chosen(name, season):
    fit = attempt(ALONE[name], week_like(672), DAY, cycle_of(3_600, season))

    assert fit.means.shape == (DAY,)


def test_levels_are_those_of_the_plain_recursion():
    x, alpha = week_like(60), 0.3
    level, expected = float(np.mean(x[:12])), []
    for value in x:
        level += alpha * (value - level)
        expected.append(level)

    assert levels_of(x, alpha) == pytest.approx(expected)


def test_a_line_is_followed_at_half_its_slope_from_where_it_is():
    x = np.arange(200.0)

    line = theta_line(x, 3)

    assert np.diff(line) == pytest.approx([0.5, 0.5])
    assert line[0] == pytest.approx(199.5, abs=0.1)


def test_under_two_days_the_level_alone_is_forecast():
    line = theta_line(np.arange(40.0), 3)

    assert np.ptp(line) == 0


def test_one_burst_does_not_choose_how_fast_a_level_follows():
    x = 10 + noise(300)
    burst = x.copy()
    burst[200] = 500

    assert smoothed(burst).alpha == pytest.approx(smoothed(x).alpha, abs=0.1)


def test_a_season_is_seldom_found_in_noise_and_always_where_one_is():
    found = [is_seasonal(noise(400, seed), DAY) for seed in range(40)]

    assert sum(found) < 12
    assert all(is_seasonal(week_like(400, seed=seed), DAY) for seed in range(10))


def test_the_weekly_theta_knows_the_weekend_and_the_daily_one_does_not():
    y = week_like(4 * WEEK + 5 * DAY, spread=0.5)
    weekend = week_like(4 * WEEK + 6 * DAY, spread=0.0)[-DAY:]

    by_week, by_day = (np.abs(f(y, DAY, HOURLY) - weekend).mean() for f in (theta_week, theta))

    assert by_week < by_day / 2


def test_before_three_weeks_the_weekly_theta_is_the_daily_one():
    y = week_like(500)

    assert np.array_equal(theta_week(y, DAY, HOURLY), theta(y, DAY, HOURLY))


def test_loess_needs_two_cycles():
    assert attempt(ALONE["stl"], week_like(30), DAY, HOURLY) is None


def test_the_autoregression_stays_near_what_was_seen_whatever_the_level_did():
    y = np.concatenate([10 + noise(300), 1_000 * 1.2 ** np.arange(36)])

    means = autoregression(y, DAY, HOURLY)

    beyond = BEYOND_SHARE * np.ptp(y)
    assert means.max() <= y.max() + beyond
    assert means.min() >= y.min() - beyond


def test_holt_winters_with_the_same_parameters_says_the_same():
    y = week_like(400)
    fitted = holt_winters(y, DAY, HOURLY)

    again = holt_winters_again(y, DAY, HOURLY, fitted.parameters)

    assert again.means == pytest.approx(fitted.means)


def test_arima_with_the_same_parameters_says_the_same():
    y = week_like(200)
    fitted = attempt(ALONE["arima"], y, DAY, Cycle(DAY))

    again = attempt(ALONE["arima"], y, DAY, Cycle(DAY), fitted.parameters)

    assert again.means == pytest.approx(fitted.means)
    assert np.abs(fitted.means - y[-DAY:]).mean() < 15


def test_arima_refuses_parameters_of_another_season():
    y = week_like(200)
    parameters = attempt(ALONE["arima"], y, DAY, Cycle(0)).parameters

    assert attempt(ALONE["arima"], y, DAY, Cycle(DAY), parameters) is None


def test_the_baseline_is_last_week_once_two_are_known_and_yesterday_before():
    y = week_like(400)

    assert np.array_equal(seasonal_naive(y, DAY, HOURLY), y[-WEEK:][:DAY])
    assert np.array_equal(seasonal_naive(y[:300], DAY, HOURLY), y[276:300])
    assert np.array_equal(last_cycle(y, DAY, HOURLY), y[-DAY:])


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e301])
def test_a_model_that_says_no_number_is_left_out(value):
    broken = quick("broken", lambda y, steps, cycle: np.full(steps, value))

    assert attempt(broken, week_like(100), DAY, HOURLY) is None


def test_a_frozen_model_has_the_parameters_of_another_day():
    y = week_like(400)
    parameters = holt_winters(y[:300], DAY, HOURLY).parameters
    member = frozen(ALONE["holt_winters"], parameters)

    assert attempt(member, y, DAY, HOURLY).parameters == parameters
