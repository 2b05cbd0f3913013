"""Standstills are told from rest."""

import numpy as np
import pytest

from tests.models.forecasts.histories import known, notes, week_of


@pytest.mark.parametrize(("since", "hours"), [(340, 1), (340, 3), (500, 6)])
def test_a_backlog_is_spread_over_the_standstill_before_it(since, hours):
    values = week_of(28)
    whole = values.copy()
    values[since : since + hours] = 0.0
    values[since + hours] = whole[since : since + hours + 1].sum()

    history = known(values)

    spread = slice(since, since + hours + 1)
    assert history.values.sum() == pytest.approx(values.sum())
    assert history.values[spread] == pytest.approx(whole[spread], rel=0.25)
    assert np.array_equal(np.flatnonzero(history.filled), np.arange(since, since + hours + 1))
    assert "standstills" in notes(history)
    assert history.widen == 1.0


def test_nights_and_weekends_without_work_are_rest():
    hours = np.arange(28 * 24)
    open_ = (hours % 24 >= 9) & (hours % 24 < 18) & (hours // 24 % 7 < 5)
    values = np.where(open_, 50.0 + hours % 5, 0.0)
    values[hours % 24 == 9] *= 3

    history = known(values)

    assert np.array_equal(history.values, values)
    assert not history.filled.any()


def test_the_same_pause_every_day_is_rest():
    values = week_of(14)
    values[3::24] = 0.0
    values[4::24] *= 2

    assert np.array_equal(known(values).values, values)


def test_a_standstill_on_a_working_day_is_none_of_the_nights():
    hours = np.arange(28 * 24)
    values = np.where((hours % 24 >= 9) & (hours % 24 < 18), 50.0 + hours % 7, 0.0)
    noon = 15 * 24 + 12
    values[noon : noon + 2] = 0.0
    values[noon + 2] = 160.0

    history = known(values)

    assert history.filled[noon : noon + 3].all()
    assert history.filled.sum() == 3
    assert history.values[noon : noon + 3].sum() == pytest.approx(160.0)


def test_sudden_silence_that_nothing_repays_is_not_measured():
    values = week_of(28)
    values[400:405] = 0.0

    history = known(values)

    assert history.filled[400:405].all()
    assert np.array_equal(history.values[400:405], values[400 - 168 : 405 - 168])
    assert "sudden silence" in notes(history)


def test_silence_that_lasts_to_the_end_may_be_true():
    values = week_of(28)
    values[-3:] = 0.0

    assert np.array_equal(known(values).values, values)


def test_zeros_of_rare_work_are_its_way():
    values = np.random.default_rng(1).poisson(0.4, 28 * 24).astype(float)

    history = known(values)

    assert np.array_equal(history.values, values)
    assert history.notes == ()


def test_a_value_that_stands_still_for_hours_is_an_old_one():
    values = week_of(28)
    values[300:312] = values[300]

    history = known(values)

    assert not history.filled[300]
    assert history.filled[301:312].all()
    assert "stood still" in notes(history)


def test_a_full_machine_stays_full():
    values = np.minimum(week_of(28), 90.0)

    assert np.array_equal(known(values).values, values)


def test_minutes_of_silence_in_a_busy_hour_are_not_measured_however_often_they_come():
    """A collector that stands still every night at 23:35, as in a real trace."""
    fives = np.repeat(week_of(21), 12) + np.random.default_rng(8).normal(0, 2, 21 * 288)
    for day in range(21):
        fives[day * 288 + 283 : day * 288 + 288] = 0.0

    history = known(fives[:-20], 300)

    silent = np.arange(len(history.values)) % 288 >= 283
    assert np.array_equal(history.filled, silent)
    assert history.values[silent].min() > 10


def test_a_backlog_of_minutes_is_spread_over_them():
    fives = np.repeat(week_of(21), 12) + np.random.default_rng(8).normal(0, 2, 21 * 288)
    fives[3_000:3_006] = 0.0
    fives[3_006:3_008] += 3 * fives[2_990]

    history = known(fives, 300)

    assert history.filled[3_000:3_008].all()
    assert history.filled.sum() == 8
    assert history.values.sum() == pytest.approx(fives.sum())
