"""Choice of models and bands around their median."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.demand.shapes import QUANTILES
from models.forecasts.backtest import backtest, forecasts_of, span_of
from models.forecasts.bounds import within
from models.forecasts.combining import THRESHOLD, kept_of
from models.forecasts.conformal import Widths, bands_around, widths_of
from models.forecasts.cycle import Cycle
from models.forecasts.members import MEMBERS, quick
from models.forecasts.watching import Watch
from tests.models.forecasts.made_series import DAY, WEEK, noise, week_like

HOURLY = Cycle(DAY, WEEK)
ERRORS = arrays.arrays(np.float64, (4, DAY), elements=st.floats(-1e6, 1e6) | st.just(float("nan")))


def test_the_backtest_sees_every_part_of_the_day():
    span = span_of(672, DAY)

    assert span.origins == (648, 639, 630, 621, 612, 603, 594, 585)
    assert len({origin % DAY for origin in span.origins}) == 8


def test_the_backtest_wants_four_days_before_each_origin():
    assert [len(span_of(n, DAY).origins) for n in (119, 120, 147, 183)] == [0, 1, 4, 8]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_no_model_looks_ahead_in_the_backtest(member):
    y = week_like(300)
    span = span_of(300, DAY)
    otherwise = y.copy()
    otherwise[span.origins[-1] :] += 1_000

    then, now = (forecasts_of(member, each, HOURLY, span, print)[-1] for each in (y, otherwise))

    assert np.array_equal(then, now)


def test_steps_that_were_not_measured_are_no_truth():
    y = week_like(300)
    filled = np.zeros(300, dtype=bool)
    filled[290:] = True
    errors = backtest(MEMBERS[-1:], y, filled, HOURLY, span_of(300, DAY), Watch()).errors

    assert np.isnan(errors["last_value"][0]).sum() == 10
    assert np.isfinite(errors["last_value"][-1]).all()


def test_a_model_that_fails_once_is_out_and_named():
    broken = quick("broken", lambda y, steps, cycle: y[:0] if len(y) < 250 else y[:steps])
    pool, nothing = [broken, MEMBERS[-1]], np.zeros(300, dtype=bool)

    tested = backtest(pool, week_like(300), nothing, HOURLY, span_of(300, DAY), Watch())

    assert tested.failed == ("broken",)
    assert list(tested.errors) == ["last_value"]


def test_models_far_worse_than_the_best_have_no_say():
    ones = np.ones((8, DAY))
    kept = kept_of({"best": ones, "near": -1.4 * ones, "far": (THRESHOLD + 0.1) * ones})

    assert kept.members == ("best", "near")
    assert kept.left_out == ("far",)
    assert kept.errors == pytest.approx(-0.2 * ones)


def test_what_was_wrong_lately_counts_more_than_what_was_wrong_before():
    newest, oldest = np.zeros((8, DAY)), np.zeros((8, DAY))
    newest[0], oldest[-1] = 1, 1

    assert kept_of({"newest": newest, "oldest": oldest}).members == ("oldest",)


def test_without_any_truth_all_models_are_kept():
    nothing = np.full((8, DAY), np.nan)

    assert kept_of({"one": nothing, "other": nothing}).members == ("one", "other")


@settings(max_examples=30, deadline=None)
@given(ERRORS, st.floats(1, 3), st.integers(1, WEEK))
def test_bands_never_cross_and_hold_the_mean(errors, widen, steps):
    means = np.linspace(-5, 5, steps)

    bands = bands_around(means, widths_of(errors), widen)

    assert bands.shape == (len(QUANTILES), steps)
    assert np.all(np.diff(bands, axis=0) >= 0)
    assert np.array_equal(bands[QUANTILES.index(0.5)], means)


@settings(max_examples=30, deadline=None)
@given(ERRORS, st.floats(0.1, 100))
def test_bands_are_as_wide_as_the_unit_is_small(errors, unit):
    one, other = widths_of(errors), widths_of(errors * unit)
    means = np.zeros(DAY)

    wide = bands_around(means, other, 1.0)

    assert wide == pytest.approx(bands_around(means, one, 1.0) * unit, rel=1e-6, abs=1e-5)


def test_bands_of_errors_like_those_to_come_hold_as_often_as_they_say():
    widths = widths_of(noise(8 * DAY).reshape(8, DAY))
    ahead = noise(400 * DAY, seed=2).reshape(400, DAY)

    low, high = (bands_around(np.zeros(DAY), widths, 1.0)[QUANTILES.index(q)] for q in (0.1, 0.9))

    assert 0.75 < np.mean((ahead >= low) & (ahead <= high)) < 0.95


def test_the_quantile_of_80_is_the_upper_end_of_the_band_of_60():
    errors = noise(8 * DAY).reshape(8, DAY)
    widths = widths_of(errors)
    sizes = (np.abs(errors) / np.array(widths.scale)).ravel()

    assert widths.factors[QUANTILES.index(0.8)] == pytest.approx(np.quantile(sizes, 0.6 * 9 / 8))


def test_bands_beyond_the_backtest_grow_on():
    widths = widths_of(noise(8 * DAY).reshape(8, DAY))
    high = bands_around(np.zeros(WEEK), widths, 1.0)[-1]

    assert np.all(np.diff(high[DAY - 1 :]) > 0)
    assert high[-1] < 4 * high[DAY - 1]


def test_widths_come_back_from_json():
    widths = widths_of(noise(8 * DAY).reshape(8, DAY))

    assert Widths.from_json(widths.as_json()) == widths


def test_forecasts_stay_near_what_was_seen_and_above_zero_where_it_was():
    y = np.array([0.0, 10.0])

    assert within(np.array([-5.0, 5.0, 50.0]), y).tolist() == [0.0, 5.0, 12.0]
    assert within(np.array([-5.0]), y - 1).tolist() == [-3.0]
