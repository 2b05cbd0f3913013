"""How good forecasts were, against a model that adds up pair by pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demand.accuracy import (
    AHEADS,
    WHOLE_DAY,
    WINDOWS_DAYS,
    Pair,
    accuracies,
    accuracy_of,
    pinball,
)
from models.demand.shapes import QUANTILES

HOUR, DAY, NOW = 3_600, 86_400, 1_763_899_200


def pair(hours_ago=1, mean=10.0, truth=10.0, naive=8.0, ahead=1, half=4.0):
    band = tuple(mean + (q - 0.5) * 2 * half for q in QUANTILES)
    return Pair(ahead, NOW - hours_ago * HOUR, mean, band, naive, truth)


def judged(*pairs, days=7, ahead=1, **more):
    return accuracy_of(accuracies("calls", pairs, NOW, **more), days, ahead)


def test_nothing_to_judge_is_no_accuracy():
    assert accuracies("calls", [], NOW) == []
    assert judged(pair(), ahead=24) is None


def test_a_forecast_that_came_true_has_no_error_and_a_skill_of_one():
    found = judged(pair(), pair(2, 4.0, 4.0), noise_floor=0.93, drifted=True)

    assert (found.one_minus_wape, found.skill, found.bias, found.steps) == (1.0, 1.0, 0.0, 2)
    assert (found.coverage80, found.coverage95) == (1.0, 1.0)
    assert (found.noise_floor, found.drifted, found.target, found.made_at) == (
        *(0.93, True, "calls", NOW),
    )


def test_errors_count_by_how_much_there_was():
    found = judged(pair(1, 8.0, 10.0, 6.0), pair(2, 33.0, 30.0, 24.0))

    assert found.one_minus_wape == pytest.approx(1 - 5 / 40)
    assert found.naive_one_minus_wape == pytest.approx(1 - 10 / 40)
    assert found.skill == pytest.approx(0.5)
    assert found.bias == pytest.approx(1 / 40)


def test_of_nothing_but_zeros_no_share_is_known():
    found = judged(pair(1, 1.0, 0.0, 0.0))

    assert (found.one_minus_wape, found.naive_one_minus_wape, found.bias) == (None,) * 3
    assert found.skill is None
    assert found.steps == 1


def test_a_window_holds_what_began_within_so_many_days():
    pairs = [pair(hours) for hours in (-1, 0, 1, 24, 25, 24 * 7, 24 * 7 + 1, 24 * 28, 24 * 28 + 1)]

    assert [judged(*pairs, days=days).steps for days in WINDOWS_DAYS] == [2, 4, 6]


def test_each_step_ahead_is_judged_by_itself():
    pairs = [pair(ahead=1), pair(ahead=24, mean=5.0), pair(ahead=WHOLE_DAY, mean=0.0)]

    found = [judged(*pairs, ahead=ahead).one_minus_wape for ahead in AHEADS]
    assert found == [1.0, 0.5, 0.0]


def test_what_lies_on_the_edge_of_a_band_lies_in_it():
    inside = pair(truth=10 + 0.4 * 2 * 4.0)
    assert inside.truth == inside.band[QUANTILES.index(0.9)]

    assert judged(inside).coverage80 == 1.0
    outside = judged(pair(truth=inside.truth + 0.01))
    assert (outside.coverage80, outside.coverage95) == (0.0, 1.0)


def test_the_pinball_is_the_mean_of_five_quantiles():
    one = pair(truth=13.0)
    band = dict(zip(QUANTILES, one.band, strict=True))
    expected = [pinball(q, band[q], 13.0) for q in (0.025, 0.1, 0.5, 0.9, 0.975)]

    assert judged(one).pinball == pytest.approx(sum(expected) / 5)


def test_the_newest_accuracy_of_a_window_counts():
    old = accuracies("calls", [pair()], NOW)
    new = accuracies("calls", [pair(), pair(2)], NOW + 1)

    assert accuracy_of([*new, *old], 7, 1).steps == 2
    assert accuracy_of(old, 7, 24) is None


numbers = st.floats(0, 1e6)
some_pairs = st.lists(
    st.builds(pair, st.integers(0, 700), numbers, numbers, numbers, half=numbers), max_size=30
)


@given(some_pairs, st.randoms())
def test_the_order_of_pairs_does_not_matter(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)

    for before, after in zip(
        accuracies("a", pairs, NOW), accuracies("a", shuffled, NOW), strict=True
    ):
        assert before[:5] == after[:5]
        assert before.one_minus_wape == pytest.approx(after.one_minus_wape)
        assert before.pinball == pytest.approx(after.pinball)


@given(some_pairs)
def test_shares_are_shares_and_the_wider_band_holds_more(pairs):
    for found in accuracies("a", pairs, NOW):
        assert 0 <= found.coverage80 <= found.coverage95 <= 1
        assert found.one_minus_wape is None or found.one_minus_wape <= 1
        assert found.skill is None or found.skill <= 1
        assert found.pinball >= 0


@given(some_pairs, st.sampled_from([0.5, 2.0, 1024.0]))
def test_another_unit_changes_no_share(pairs, by):
    scaled = [
        each._replace(
            mean=each.mean * by,
            naive=each.naive * by,
            truth=each.truth * by,
            band=tuple(edge * by for edge in each.band),
        )
        for each in pairs
    ]

    for before, after in zip(
        accuracies("a", pairs, NOW), accuracies("a", scaled, NOW), strict=True
    ):
        assert after.one_minus_wape == pytest.approx(before.one_minus_wape)
        assert (after.coverage80, after.coverage95) == (before.coverage80, before.coverage95)
        assert after.pinball == pytest.approx(before.pinball * by)


@given(st.lists(numbers, min_size=5, max_size=40))
def test_the_pinball_is_least_at_the_true_quantile(values):
    ordered = sorted(values)
    for q in (0.1, 0.5, 0.9):
        best = ordered[min(len(ordered) - 1, int(q * len(ordered)))]

        def loss(said, q=q):
            return sum(pinball(q, said, truth) for truth in values)

        assert all(loss(best) <= loss(other) * (1 + 1e-9) + 1e-6 for other in values)
