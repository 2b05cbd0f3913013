"""What holds for every history, however odd."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand.shapes import HOUR_SECONDS, Measured, Recipe
from models.errors import NoForecast
from models.forecasts.fit import daily
from models.forecasts.history import history_of
from models.forecasts.watching import Watch
from models.messages import Message
from tests.models.forecasts.histories import MONDAY, ZONE, known, measured, week_of

STEPS = st.sampled_from([300, 1_800, HOUR_SECONDS, 86_400])


@st.composite
def spoiled(draw):
    """Weeks to which odd things happened: gaps, zeros, spikes, standing still, another level."""
    values = week_of(draw(st.integers(2, 30)), noise=draw(st.sampled_from([0.0, 3.0, 20.0])))
    for _ in range(draw(st.integers(0, 5))):
        since = draw(st.integers(0, len(values) - 1))
        until = since + draw(st.sampled_from([1, 2, 3, 4, 10, 60, 200, 1_000]))
        match draw(st.sampled_from(["gap", "zero", "times", "still", "infinite"])):
            case "gap":
                values[since:until] = np.nan
            case "zero":
                values[since:until] = 0.0
            case "times":
                values[since:until] *= draw(st.sampled_from([-1.0, 0.001, 0.4, 3.0, 10.0, 1_000.0]))
            case "still":
                values[since:until] = values[since]
            case _:
                values[since:until] = np.inf
    return values.tolist()


ANYTHING = st.lists(
    st.one_of(
        st.none(),
        st.floats(allow_nan=True, allow_infinity=True),
        st.integers(-3, 3),
        st.just(0.0),
        st.just(10**400),
    ),
    max_size=400,
)


def tried(values, step_seconds=HOUR_SECONDS, start_at=MONDAY):
    """The history, or None where it is refused."""
    series = Measured(start_at, step_seconds, tuple(values))
    try:
        return history_of(series, ZONE, series.end_at)
    except NoForecast:
        return None


def outcome(values):
    """The forecast of a day, or the sentence that refuses it."""
    try:
        return daily("videos", known(values), Recipe(), 24, Watch())
    except NoForecast as refused:
        return refused.message


@given(st.one_of(spoiled(), ANYTHING), STEPS)
@settings(max_examples=60, deadline=None)
def test_a_history_has_numbers_alone_or_is_refused_with_a_sentence(values, step_seconds):
    history = tried(values, step_seconds)

    if history is not None:
        assert np.isfinite(history.values).all()
        assert len(history.values) == len(history.filled) > 0
        assert history.end_at == MONDAY + step_seconds * len(values)
        assert history.widen >= 1
        assert all(str(note) for note in history.notes)


@given(spoiled())
@settings(max_examples=60, deadline=None)
def test_what_was_measured_and_is_not_marked_stands_as_it_was(values):
    history = tried(values)

    if history is not None and "unit" not in str(history.notes):
        cut = len(values) - len(history.values)
        kept = np.array(values)[cut:][~history.filled]
        assert np.array_equal(kept, history.values[~history.filled])
        missing = ~np.isfinite(np.array(values)[cut:])
        assert history.filled[missing].all()


@given(spoiled())
@settings(max_examples=60, deadline=None)
def test_a_cleaned_history_cleaned_again_is_the_same(values):
    history = tried(values)
    if history is not None:
        again = tried(history.values.tolist(), start_at=history.start_at)

        assert again is not None
        assert again.start_at == history.start_at
        assert np.array_equal(again.values, history.values)


@given(spoiled(), st.integers(-200, 200))
@settings(max_examples=30, deadline=None)
def test_whole_weeks_earlier_or_later_nothing_is_different(values, weeks):
    history, moved = tried(values), tried(values, start_at=MONDAY + weeks * 7 * 86_400)

    if history is None or moved is None:
        assert history is moved
        return
    assert np.array_equal(history.values, moved.values)
    assert np.array_equal(history.filled, moved.filled)
    assert (history.notes, history.widen) == (moved.notes, moved.widen)


@given(spoiled(), st.sampled_from([2.0**-20, 0.5, 8.0, 2.0**30]))
@settings(max_examples=30, deadline=None)
def test_the_unit_of_all_values_does_not_matter(values, factor):
    """Powers of two: others round, and what is just so large as a limit may fall on either side."""
    history, scaled = tried(values), tried([value * factor for value in values])

    if history is None or scaled is None:
        assert history is scaled
        return
    assert np.array_equal(history.filled, scaled.filled)
    assert scaled.values == pytest.approx(history.values * factor, rel=1e-12)


BAD = {
    "empty": [],
    "one point": [5.0],
    "constant": [5.0] * 400,
    "all zero": [0.0] * 400,
    "runs of nothing": [*week_of(10), *[None] * 30, *week_of(3)],
    "a spike": [*week_of(10), 1_000.0, *week_of(3)],
    "another unit": [*week_of(10), *(1_000 * week_of(5))],
    "a new level": [*week_of(10), *(4 * week_of(5))],
    "under a day": week_of(1)[:20].tolist(),
    "under a week": week_of(4).tolist(),
    "rare": np.random.default_rng(2).poisson(0.2, 400).astype(float).tolist(),
    "infinite": [*week_of(10), float("inf"), 1e305, *week_of(3)],
}


@pytest.mark.parametrize("values", BAD.values(), ids=BAD.keys())
def test_bad_input_is_forecast_or_refused_with_a_sentence(values):
    made = outcome(values)

    assert str(made if isinstance(made, Message) else made.why)
    if isinstance(made, Message):
        return
    assert np.isfinite(made.means).all()
    assert np.isfinite(made.bands).all()
    assert (np.diff(np.array(made.bands), axis=0) >= 0).all()


def test_a_new_level_gives_a_wider_band_than_the_same_week_without():
    def width(values):
        made = daily("videos", known(values), Recipe(), 24, Watch())
        return np.mean(np.subtract(made.quantile(0.9), made.quantile(0.1)))

    new = [*(week_of(14) / 4), *week_of(6)]

    assert width(new) > width(week_of(6))


def test_the_history_of_then_is_what_is_known_now_up_to_then():
    """No look-ahead: hours after `now` change nothing but the note that there were some."""
    values = week_of(28)
    values[300:310] = np.nan
    series = measured(values)
    then = series.end_at - 200 * HOUR_SECONDS
    shorter = series._replace(values=series.values[:-200])

    seen, made = history_of(series, ZONE, then), history_of(shorter, ZONE, then)

    assert np.array_equal(seen.values, made.values)
    assert np.array_equal(seen.filled, made.filled)
