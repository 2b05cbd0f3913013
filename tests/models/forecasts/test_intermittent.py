"""Rare work: what came in steps alike says what comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand.shapes import QUANTILES
from models.forecasts.history import History
from models.forecasts.intermittent import forecast_rare, is_rare
from tests.models.forecasts.histories import MONDAY


def rare(values, zone="UTC", start_at=MONDAY, widen=1.0) -> History:
    array = np.array(values, dtype=np.float64)
    filled = np.zeros(len(array), dtype=np.bool_)
    return History(start_at, 3_600, array, filled, zone, (), widen)


def test_more_than_two_of_five_zeros_are_rare():
    assert not is_rare(np.array([0.0, 0.0, 1.0, 1.0, 1.0]))
    assert is_rare(np.array([0.0, 0.0, 0.0, 1.0, 1.0, np.nan]))
    assert not is_rare(np.array([]))


def test_a_job_of_every_night_is_expected_at_its_hour_alone():
    values = np.zeros(21 * 24)
    values[3::24] = 20.0

    means, bands, why = forecast_rare(rare(values), 24)

    assert np.flatnonzero(means).tolist() == [3]
    assert means[3] == pytest.approx(20.0)
    assert bands[QUANTILES.index(0.5), 3] == 20.0
    assert not np.delete(bands, 3, axis=1)[QUANTILES.index(0.9)].any()
    assert "same hour of the day" in str(why)


def test_office_hours_are_told_from_weekends():
    hours = np.arange(28 * 24)
    working = (hours % 24 >= 9) & (hours % 24 < 18) & (hours // 24 % 7 < 5)
    values = np.where(working, np.random.default_rng(1).poisson(3.0, len(hours)), 0.0)

    means, _, why = forecast_rare(rare(values[: 26 * 24]), 72)

    weekend, monday = means[:48], means[48:]
    assert weekend.max() == 0
    assert monday[9:18].mean() == pytest.approx(3.0, abs=0.6)
    assert "workdays" in str(why)


def test_the_report_of_every_tuesday_is_expected_on_tuesday():
    values = np.zeros(28 * 24)
    values[30::168] = 50.0

    means, _, why = forecast_rare(rare(values), 168)

    assert np.flatnonzero(means > 1).tolist() == [30]
    assert "hour of the week" in str(why)


def test_hours_are_those_of_the_house():
    """A job at nine in Berlin, before and after its clocks went forward on 29 March 2026."""
    values = np.zeros(21 * 24)
    start_at = MONDAY + 70 * 86_400
    values[8 : 14 * 24 : 24] = 5.0
    values[13 * 24 + 8] = 0.0
    values[13 * 24 + 7 :: 24] = 5.0

    means, _, _ = forecast_rare(rare(values, "Europe/Berlin", start_at), 24)

    assert np.flatnonzero(means > 1).tolist() == [7]


def test_work_that_dries_up_is_expected_less():
    values = np.random.default_rng(4).poisson(np.linspace(1.0, 0.05, 672)).astype(float)

    means, _, _ = forecast_rare(rare(values), 24)

    assert means.mean() < 0.8 * values.mean()


def test_hours_that_were_not_measured_count_nothing():
    values = np.zeros(21 * 24)
    history = rare(values)
    history.values[100:110] = 90.0
    history.filled[100:110] = True

    means, bands, _ = forecast_rare(history, 24)

    assert not means.any()
    assert not bands.any()


def test_a_doubtful_history_has_a_wider_band_of_whole_numbers():
    values = np.random.default_rng(5).poisson(0.6, 500)

    _, bands, _ = forecast_rare(rare(values), 24)
    _, wider, _ = forecast_rare(rare(values, widen=1.5), 24)

    assert (wider[-1] >= bands[-1]).all()
    assert wider[-1].sum() > bands[-1].sum()
    assert np.array_equal(wider, np.round(wider))


@given(
    st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 9.0]), min_size=24, max_size=700),
    st.integers(1, 60),
    st.sampled_from([1.0, 1.3]),
)
@settings(max_examples=60, deadline=None)
def test_bands_are_ordered_and_whole_and_never_negative(values, steps, widen):
    means, bands, why = forecast_rare(rare(values, widen=widen), steps)

    assert means.shape == (steps,)
    assert bands.shape == (len(QUANTILES), steps)
    assert (np.diff(bands, axis=0) >= 0).all()
    assert (means >= 0).all()
    assert (bands >= 0).all()
    assert np.array_equal(bands, np.round(bands))
    assert means.max() <= max(values) + 1e-9
    assert str(why)


def test_eight_of_ten_come_within_the_band_of_eighty_percent():
    values = np.random.default_rng(6).poisson(0.7, 900).astype(float)
    held = []
    for origin in range(600, 870, 24):
        _, bands, _ = forecast_rare(rare(values[:origin]), 24)
        truth = values[origin : origin + 24]
        held.append((truth >= bands[1]) & (truth <= bands[4]))

    assert np.mean(held) >= 0.8
