"""The figures of the benchmark of forecasts, by hand."""

import numpy as np
import pytest

from bench.forecast_protocol import STEPS, Answer, Window, origins, seasonal_naive, usable, windows
from bench.forecast_scores import compared, median_of, ranks, relative, scores
from bench.forecast_series import Series
from bench.forecast_verdict import OURS, Scored, claims

DAY = np.arange(24.0)


def _window(actual: float, series: int = 0) -> Window:
    """A history that differs by 2 from a day before."""
    history = np.concatenate([DAY, DAY + 2, DAY])
    return Window(series, history, np.full(STEPS, actual))


def _answer(mean: float, half80: float, half95: float, seconds: float = 0.1) -> Answer:
    bands = [mean - half95, mean - half80, mean + half80, mean + half95]
    return Answer(np.full(STEPS, mean), np.outer(bands, np.ones(STEPS)), seconds)


def test_the_error_is_in_units_of_the_difference_from_a_day_before():
    found = scores([_window(10)], [_answer(13, 1, 2)], STEPS)

    assert found.mase == [1.5]
    assert found.accuracy == [pytest.approx(70)]
    assert found.cpu_ms == [pytest.approx(100)]


def test_a_band_covers_what_lies_in_it_and_on_its_edge():
    found = scores([_window(10), _window(12)], [_answer(10, 1, 2)] * 2, STEPS)

    assert found.covered80 == [0.5]
    assert found.covered95 == [1.0]


def test_the_pinball_loss_is_the_mean_of_five_quantiles():
    found = scores([_window(10)], [_answer(12, 1, 3)], STEPS)
    by_hand = np.mean([0.025 * 1, 0.9 * 1, 0.5 * 2, 0.1 * 3, 0.025 * 5]) / 2

    assert found.pinball == [pytest.approx(by_hand)]


def test_one_hour_ahead_is_the_first_step():
    late = _answer(10, 1, 2)
    late.means[1:] = 99

    assert scores([_window(10)], [late], 1).mase == [0]


def test_each_series_is_an_entry_over_all_its_origins():
    asked = [_window(10, 0), _window(10, 0), _window(10, 1)]

    found = scores(asked, [_answer(12, 1, 2), _answer(14, 1, 2), _answer(10, 1, 2)], STEPS)

    assert found.mase.tolist() == [1.5, 0.0]


def test_there_are_ten_origins_thirteen_hours_apart_the_last_a_day_before_the_end():
    assert origins(1_000)[:3] == [976, 963, 950]
    assert len(origins(1_000)) == 10
    assert len(origins(335)) == 10
    assert origins(243) == []


def test_a_window_knows_nothing_of_what_it_is_asked():
    series = Series("counted", "ops", np.arange(800.0), "sum")

    for window in windows([series]):
        assert len(window.history) == 672 - max(0, 672 - window.actual[0])
        assert window.history[-1] + 1 == window.actual[0]
        assert len(window.actual) == STEPS


def test_what_cannot_be_scored_is_left_out_with_its_reason():
    same = Series("same", "ops", np.tile(DAY, 20), "sum")
    short = Series("short", "ops", np.arange(100.0), "sum")
    good = Series("good", "ops", np.random.default_rng(1).random(400), "sum")

    kept, left_out = usable([same, short, good])

    assert [each.name for each in kept] == ["good"]
    assert [each.split(":")[0] for each in left_out] == ["same", "short"]


def test_the_seasonal_naive_repeats_the_last_cycle_in_a_band_of_its_own_errors():
    found = seasonal_naive(_window(0), STEPS)

    assert found.means.tolist() == DAY.tolist()
    assert found.bands[3] - found.means == pytest.approx(np.full(STEPS, 2 * 1.959964))


def test_the_week_before_needs_a_week():
    history = np.arange(200.0)

    long = seasonal_naive(Window(0, history, DAY), 168)
    short = seasonal_naive(Window(0, history[:168], DAY), 168)

    assert long.means[0] == 32
    assert short.means[0] == 144


def test_half_and_double_the_error_cancel_out():
    assert relative(np.array([1.0, 4.0]), np.array([2.0, 2.0])) == pytest.approx(1)


def test_ours_beside_another_has_an_interval_over_series():
    theirs = np.full(20, 1.0)
    ours = np.array([0.8, 1.0] * 10)

    found = compared(ours, theirs)

    assert found.more == pytest.approx(np.sqrt(0.8) - 1)
    assert -0.2 < found.low < found.more < found.high < 0
    assert (found.better, found.series) == (10, 20)


def test_equals_share_their_places():
    found = ranks({"a": np.array([1.0]), "b": np.array([2.0]), "c": np.array([1.0])})

    assert found == {"a": 1.5, "b": 3.0, "c": 1.5}


def test_an_ensemble_is_the_median_and_costs_what_its_members_cost():
    rows = [[_answer(mean, 1, 2)] for mean in (1, 5, 30)]

    (found,) = median_of(rows)

    assert found.means[0] == 5
    assert found.bands[0, 0] == 3
    assert found.cpu_seconds == pytest.approx(0.3)


def _scored(group: str, ours: float, naive: float, half: float) -> Scored:
    drawn = np.random.default_rng(2)
    asked = [_window(value, series) for series in range(4) for value in drawn.normal(10, 1, 30)]
    answers = {
        OURS: [_answer(ours, half, 1.6 * half)] * len(asked),
        "sn24": [_answer(naive, half, 1.6 * half)] * len(asked),
    }
    day = {name: scores(asked, every, STEPS) for name, every in answers.items()}
    hour = {name: scores(asked, every, 1) for name, every in answers.items()}
    return Scored(group, ["a", "b", "c", "d"], day, hour)


@pytest.mark.parametrize("group", ["ops", "m4"])
def test_all_holds_of_a_better_forecast_with_bands_that_mean_what_they_say(group):
    found = claims(_scored(group, 10, 12, 1.2816), is_known=False)

    assert [claim.what for claim in found if not claim.holds] == []


@pytest.mark.parametrize("group", ["ops", "m4"])
def test_a_worse_forecast_with_narrow_bands_is_missed(group):
    found = claims(_scored(group, 12, 10, 0.1), is_known=group == "m4")

    missed = " ".join(claim.what for claim in found if not claim.holds)
    for word in ("relMAE 24 h", "relMAE 1 h", "80 % band", "95 % band", "pinball"):
        assert word in missed


def test_as_good_as_another_is_enough_on_operations_but_not_on_m4():
    ops = claims(_scored("ops", 10, 10, 1.2816), is_known=False)
    m4 = claims(_scored("m4", 10, 10, 1.2816), is_known=False)

    assert all(claim.holds for claim in ops)
    assert [claim.what for claim in m4 if not claim.holds] == ["m4: relMAE 24 h beside sn24"]
