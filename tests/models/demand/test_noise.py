"""What accuracy a series lets anybody expect."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demand.noise import noise_floor

HOURS = 672


def _series(sigma: float, weekly: float = 0.0) -> list[float]:
    drawn = random.Random(3)  # noqa: S311
    return [
        1_000
        + 200 * math.sin(hour * math.tau / 24)
        + weekly * math.sin(hour * math.tau / 168)
        + drawn.gauss(0, sigma)
        for hour in range(HOURS)
    ]


@pytest.mark.parametrize("sigma", [20, 50, 150])
@pytest.mark.parametrize("weekly", [0.0, 300.0])
def test_the_floor_is_the_size_of_white_noise_around_a_rhythm(sigma, weekly):
    noise = sigma * math.sqrt(2 / math.pi) / 1_000

    assert noise_floor(_series(sigma, weekly)) == pytest.approx(1 - noise, abs=0.15 * noise)


def test_a_pure_rhythm_has_no_noise():
    assert noise_floor(_series(0)) == pytest.approx(1, abs=1e-9)


def test_a_straight_slope_has_no_noise():
    assert noise_floor([10.0 + hour for hour in range(200)]) == pytest.approx(1, abs=1e-9)


def test_rare_spikes_leave_nothing_to_expect():
    drawn = random.Random(5)  # noqa: S311
    values = [float(drawn.random() < 0.02) for _ in range(HOURS)]

    assert noise_floor(values) == 0


def test_a_gap_is_no_neighbour():
    values = [10.0 + (hour % 24) for hour in range(HOURS)]
    gapped = [None if 100 <= hour < 160 else value for hour, value in enumerate(values)]

    assert noise_floor(gapped) == pytest.approx(1, abs=1e-9)


def test_of_the_last_values_only_their_noise_counts():
    values = [*_series(100)[:-168], *_series(0)[-168:]]

    assert noise_floor(values, last=168) > noise_floor(values) + 0.03
    assert noise_floor(values, last=HOURS) == noise_floor(values)


def test_too_little_says_nothing():
    assert noise_floor([]) is None
    assert noise_floor([float(hour) for hour in range(47)]) is None
    assert noise_floor([0.0] * HOURS) is None
    assert noise_floor([None] * HOURS) is None


@given(
    st.lists(
        st.one_of(st.none(), st.integers(-1_000_000, 1_000_000).map(float)),
        min_size=48,
        max_size=120,
    ),
    st.floats(0.01, 1_000),
)
def test_it_is_a_share_whatever_the_unit(values, factor):
    floor = noise_floor(values)
    scaled = noise_floor([None if each is None else each * factor for each in values])

    assert floor is None or 0 <= floor <= 1
    assert (scaled is None) == (floor is None)
    assert scaled == pytest.approx(floor, abs=1e-9)
