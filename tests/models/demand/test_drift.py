"""A drift is found within a day, and white noise is none."""

from itertools import pairwise

import numpy as np
import pytest

from models.demand.drift import drift, drifted

MONTH_HOURS = 720


def normal(seed: int, count: int, size: float = 1.2533, bias: float = 0.0) -> list[float]:
    """Errors whose mean size is 1, where nothing else is said."""
    return np.random.default_rng(seed).normal(bias, size, count).tolist()


def heavy(seed: int, count: int) -> list[float]:
    return np.random.default_rng(seed).laplace(size=count).tolist()


def alarms(errors: list[float]) -> int:
    """How often a drift begins, asked every hour with the errors of seven days."""
    asked = [drifted(errors[max(0, hour - 168) : hour], 1.0) for hour in range(len(errors) + 1)]
    return sum(not before and now for before, now in pairwise(asked))


@pytest.mark.slow
@pytest.mark.parametrize("errors_of", [normal, heavy])
def test_noise_alarms_at_most_once_a_month(errors_of):
    found = [alarms(errors_of(seed, MONTH_HOURS)) for seed in range(10)]

    assert sum(found) / len(found) <= 1


def test_a_reference_that_was_ten_percent_too_small_is_no_drift():
    found = [drifted([error * 1.1 for error in normal(seed, 168)], 1.0) for seed in range(50)]

    assert sum(found) <= 1


def test_errors_twice_as_large_are_found_within_two_days():
    found = [
        any(drifted(normal(seed, hours, size=2.5), 1.0) for hours in range(1, 49))
        for seed in range(50)
    ]

    assert sum(found) >= 40


@pytest.mark.parametrize(("bias", "words"), [(2.0, "too low"), (-2.0, "too high")])
def test_a_forecast_that_errs_to_one_side_says_to_which(bias, words):
    errors = normal(1, 100) + normal(2, 24, bias=bias)

    assert words in str(drift(errors, 1.0))


def test_six_errors_of_one_sign_three_times_the_usual_are_a_drift():
    """The rule of forecasting.md, 9.2."""
    assert drifted([*normal(1, 100), *[3.1] * 6], 1.0)


def test_one_spike_is_no_drift():
    assert not drifted([0.5, -0.5] * 40 + [1_000.0] + [0.5, -0.5], 1.0)


def test_a_forecast_that_is_good_again_drifts_no_more():
    assert not drifted([9.0] * 100 + [0.3, -0.3] * 8, 1.0)


def test_hours_without_a_truth_count_nothing():
    errors = [3.0] * 6

    assert drifted([None, *errors[:3], None, None, *errors[3:]], 1.0)
    assert not drifted([None] * 100, 1.0)
    assert not drifted([], 1.0)


def test_where_nothing_ever_erred_any_lasting_error_is_a_drift():
    assert drifted([1.0] * 6, 0.0)
    assert not drifted([0.0] * 100, 0.0)
