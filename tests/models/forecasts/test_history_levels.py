"""Levels that changed, and what only looks so."""

import numpy as np
import pytest

from models.forecasts.history_shifts import last_shift
from tests.models.forecasts.histories import known, notes, week_of


def shifted(days: int, at: int, factor: float) -> np.ndarray:
    values = week_of(days)
    values[at:] *= factor
    return values


@pytest.mark.parametrize("factor", [0.3, 2.0, 7.0])
@pytest.mark.parametrize("after", [80, 130, 300])
def test_what_was_before_a_new_level_is_forgotten(factor, after):
    values = shifted(28, 28 * 24 - after, factor)

    history = known(values)

    assert len(history.values) == pytest.approx(after, abs=3)
    assert np.array_equal(history.values, values[-len(history.values) :])
    assert history.widen == 1.5
    assert "only what came after is looked at" in notes(history)


def test_a_level_that_changed_too_lately_is_only_named():
    history = known(shifted(28, 28 * 24 - 40, 3.0))

    assert len(history.values) == 28 * 24
    assert history.widen == 1.25
    assert "too lately" in notes(history)


@pytest.mark.parametrize("factor", [1_000.0, 0.001, 1_024.0])
@pytest.mark.parametrize("after", [30, 200])
def test_another_unit_is_counted_in_the_new_one(factor, after):
    at = 28 * 24 - after
    values = shifted(28, at, factor)

    history = known(values)

    assert len(history.values) == len(values)
    assert history.values[: at - 24] == pytest.approx(values[: at - 24] * factor, rel=0.05)
    assert "the unit seems to have changed" in notes(history)


def test_weekends_are_no_new_level():
    values = week_of(28)
    for hours in range(24 * 8, len(values), 5):
        assert last_shift(values[:hours], 3_600) is None, hours


def test_growth_is_no_new_level():
    values = week_of(28) * np.linspace(1, 4, 28 * 24)

    assert known(values).notes == ()


def test_three_days_off_are_no_new_level_once_they_are_over():
    values = week_of(28)
    values[21 * 24 : 24 * 24] *= 0.2

    assert known(values).notes == ()


def test_the_newest_of_two_levels_counts():
    values = shifted(28, 10 * 24, 4.0)
    values[20 * 24 :] *= 3.0

    assert len(known(values).values) == pytest.approx(8 * 24, abs=3)


def test_a_burst_that_ended_in_a_lower_level_is_forgotten_with_it():
    values = np.full(13 * 24, 9.0) + np.random.default_rng(3).normal(0, 0.1, 13 * 24)
    values[134:136] = 200.0
    values[136:] -= 6.3

    history = known(values)

    assert history.values.max() < 9
    assert len(history.values) == pytest.approx(13 * 24 - 136, abs=2)


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.7, 1.2])
def test_chance_in_rare_work_is_no_new_level(rate):
    named = [known(np.random.default_rng(seed).poisson(rate, 28 * 24)).notes for seed in range(30)]

    assert sum(bool(notes) for notes in named) <= 1


def test_work_that_ended_is_forgotten():
    values = week_of(28)
    values[-100:] = 0.0

    assert not known(values).values.any()
