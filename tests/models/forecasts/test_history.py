"""Gaps, refusals, and what a clock that stood wrong leaves behind."""

import numpy as np
import pytest

from models.demand.shapes import HOUR_SECONDS, Measured
from models.errors import NoForecast
from models.forecasts.history import STEPS_MAX, history_of, profile_values
from tests.models.forecasts.histories import MONDAY, ZONE, known, measured, notes, week_of


def test_a_whole_history_is_left_as_it_is():
    values = week_of(28)

    history = known(values)

    assert np.array_equal(history.values, values)
    assert not history.filled.any()
    assert (history.notes, history.widen) == ((), 1.0)
    assert history.end_at == MONDAY + 28 * 86_400


def test_three_missing_hours_are_bridged_by_a_line():
    values = week_of(14)
    values[100:103] = np.nan

    history = known(values)

    assert history.filled[100:103].all()
    assert history.filled.sum() == 3
    assert history.values[99:104] == pytest.approx(np.linspace(values[99], values[103], 5))
    assert "filled in: 3" in notes(history)


def test_a_longer_gap_is_filled_with_the_same_hours_of_last_week():
    values = week_of(21)
    values[400:410] = np.nan

    history = known(values)

    assert np.array_equal(history.values[400:410], values[400 - 168 : 410 - 168])
    assert np.array_equal(np.flatnonzero(history.filled), np.arange(400, 410))


def test_in_the_first_week_yesterday_stands_in():
    values = week_of(8)
    values[60:66] = np.nan

    assert np.array_equal(known(values).values[60:66], values[36:42])


def test_on_the_first_day_the_hour_of_other_days_stands_in():
    values = week_of(10, noise=0.0)
    values[5:12] = np.nan

    history = known(values)

    alike = [[values[step + 24 * day] for day in range(1, 10)] for step in range(5, 12)]
    assert history.values[5:12] == pytest.approx(np.median(alike, axis=1))


def test_over_a_change_of_the_clock_the_same_hour_of_the_house_stands_in():
    """In Berlin clocks went forward on 29 March 2026: its hours lie an hour earlier in UTC."""
    values = week_of(21)
    start_at = MONDAY + 70 * 86_400
    gap = slice(14 * 24 + 40, 14 * 24 + 45)
    values[gap] = np.nan
    series = measured(values, start_at=start_at)

    history = history_of(series, "Europe/Berlin", series.end_at)

    week_before = slice(gap.start - 168 + 1, gap.stop - 168 + 1)
    assert np.array_equal(history.values[gap], values[week_before])


def test_hours_that_are_missing_up_to_now_are_a_gap_too():
    values = week_of(14)
    series = measured(values)

    history = history_of(series, ZONE, series.end_at + 5 * HOUR_SECONDS + 60)

    assert len(history.values) == len(values) + 5
    assert history.filled[-5:].all()
    assert history.widen > 1


def test_an_hour_that_is_not_over_is_no_measurement():
    values = week_of(14)
    series = measured(values)

    history = history_of(series, ZONE, series.end_at - 60)

    assert len(history.values) == len(values) - 1
    assert history.notes == ()


def test_hours_to_come_are_left_out_and_named():
    values = week_of(14)
    series = measured(values)

    history = history_of(series, ZONE, series.end_at - 30 * HOUR_SECONDS)

    assert np.array_equal(history.values, values[:-30])
    assert "a clock stood wrong" in notes(history)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "nothing was measured yet"),
        ([None] * 100, "nothing was measured yet"),
        ([float("nan"), float("inf"), -float("inf"), 1e300, 10**400], "nothing was measured yet"),
        ([1.0], "less than a day"),
        ([1.0] * 23, "less than a day"),
        ([1.0] * 100 + [None] * 60 + [1.0], r"37 % of the last seven days"),
        ([1.0] * 100 + [None] * 180, r"nothing was measured for 7 days"),
    ],
)
def test_what_carries_no_forecast_is_refused_with_a_reason(values, reason):
    series = Measured(MONDAY, HOUR_SECONDS, tuple(values))

    with pytest.raises(NoForecast, match=reason):
        history_of(series, ZONE, series.end_at)


def test_a_few_days_are_too_few_of_a_series_of_days():
    with pytest.raises(NoForecast, match="only 2 days are known"):
        known([1.0, 2.0], 86_400)

    assert len(known([1.0, 2.0, 3.0], 86_400).values) == 3


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_a_series_that_never_changed_says_so(value):
    history = known([value] * 400)

    assert np.array_equal(history.values, np.full(400, value))
    assert f"it never changed: {value:g}" in notes(history)


def test_a_week_with_holes_has_a_wider_band():
    values = week_of(21)
    values[-80:-63] = np.nan

    history = known(values)

    assert history.widen == pytest.approx(1 + 17 / 168)


def test_minutes_of_a_year_become_hours():
    minutes = np.tile(np.repeat(week_of(7), 60), 52)

    history = known(minutes, 60)

    assert history.step_seconds == HOUR_SECONDS
    assert history.values == pytest.approx(np.tile(week_of(7), 52))
    assert "too many" in notes(history)


def test_hours_of_years_keep_the_newest():
    values = np.tile(week_of(7), 80)

    history = known(values)

    assert len(history.values) == STEPS_MAX
    assert np.array_equal(history.values, values[-STEPS_MAX:])
    assert history.end_at == MONDAY + len(values) * HOUR_SECONDS


def test_a_spike_is_kept_for_fits_and_kept_out_of_profiles():
    values = week_of(28)
    values[300] *= 10

    capped = profile_values(known(values).values)

    assert known(values).values[300] == values[300]
    assert capped[300] < 0.5 * values[300]
    assert np.array_equal(np.delete(capped, 300), np.delete(values, 300))
