"""The next half hour: fitted with numpy, evaluated without it."""

import json

import numpy as np
import pytest

from models.demand.shapes import Measured
from models.errors import NoForecast
from models.forecasts.short import _features, short_document, short_fit
from models.scaling.shapes import AHEAD, LEVELS, ShortFit
from models.scaling.short import (
    MORE_THAN_SEEN,
    NOT_MEASURED,
    OLD_SECONDS,
    TOO_WIDE,
    ahead,
    scaled,
)
from tests.models.scaling.traces import START, day_and_night, steps

DAY = 288
WEEKS = steps(day_and_night(16))


def known(days, measured=WEEKS):
    return measured._replace(values=measured.values[: days * DAY])


def now_of(measured):
    return measured.end_at


@pytest.fixture(scope="module")
def fit():
    return short_fit(WEEKS, WEEKS.end_at)


@pytest.mark.parametrize("days", [5, 9, 16])
@pytest.mark.parametrize("q", [0.5, 0.8, 0.95])
def test_plain_python_says_what_numpy_says(days, q):
    measured = known(days)
    fit = short_fit(measured, measured.end_at)
    roots = np.sqrt(np.array(measured.values))
    # One step more than there is room for, so that the last row is that of the last whole step.
    padded = np.concatenate([roots, np.zeros(AHEAD)])
    found = []
    for step in range(1, AHEAD + 1):
        features, origins = _features(padded, START // 300, fit.seasons, step)
        row = features[list(origins).index(len(roots) - 1)]
        root = row @ np.array(fit.weights[step - 1])
        root += fit.residuals[step - 1][LEVELS.index(q)]
        found.append(min(max(root, 0.0) ** 2, max(measured.values) * MORE_THAN_SEEN))

    assert ahead(fit, measured, q, capacity=1e9).highs == pytest.approx(found, abs=1e-9, rel=1e-9)


def test_a_fit_knows_nothing_of_what_came_later(fit):
    early = short_fit(known(10), known(10).end_at)

    assert short_fit(WEEKS, known(10).end_at)._replace(fitted_at=0) == early._replace(fitted_at=0)
    assert early.weights != fit.weights


def test_it_holds_about_as_often_as_it_says():
    held = {0.5: 0, 0.8: 0, 0.95: 0}
    tries = 0
    for day in range(12, 16):
        fit = short_fit(known(day), known(day).end_at)
        for step in range(day * DAY, (day + 1) * DAY - AHEAD, 6):
            since = step - 2_100
            part = Measured(START + since * 300, 300, WEEKS.values[since:step])
            tries += 1
            for q in held:
                held[q] += WEEKS.values[step] <= ahead(fit, part, q, 1e9).highs[0]

    for q, count in held.items():
        assert count / tries == pytest.approx(q, abs=0.07)


def test_demand_of_another_size_is_forecast_in_that_size():
    twice = WEEKS._replace(values=tuple(value * 4 for value in WEEKS.values))
    fit, high = short_fit(WEEKS, WEEKS.end_at), short_fit(twice, twice.end_at)

    highs = [4 * each for each in ahead(fit, WEEKS, 0.8, 1e9).highs]
    assert ahead(high, twice, 0.8, 1e9).highs == pytest.approx(highs, rel=1e-6)
    assert ahead(scaled(fit, 4), twice, 0.8, 1e9).highs == pytest.approx(highs, rel=1e-6)


def test_it_survives_being_kept(fit):
    shape = json.loads(json.dumps(short_document(WEEKS, WEEKS.end_at)))

    assert ShortFit.from_json(shape) == fit


def test_under_four_days_there_is_none():
    with pytest.raises(NoForecast, match="3 days are known"):
        short_fit(known(3), known(3).end_at)


def test_steps_of_another_length_are_refused():
    with pytest.raises(NoForecast, match="five minutes"):
        short_fit(Measured(START, 60, (1.0,) * 9_000), START + 9_000 * 60)


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_is_mostly_holes_is_not_forecast(value):
    holes = tuple(each if place % 3 else value for place, each in enumerate(WEEKS.values))

    with pytest.raises(NoForecast, match="holes"):
        short_fit(WEEKS._replace(values=holes), WEEKS.end_at)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_what_never_changes_stays_as_it_is(value):
    flat = Measured(START, 300, (value,) * (6 * DAY))
    fit = short_fit(flat, flat.end_at)

    assert ahead(fit, flat, 0.99).highs == pytest.approx([value] * AHEAD, abs=1e-6)


def test_a_hole_costs_only_the_rows_that_look_at_it():
    some = WEEKS._replace(
        values=(*WEEKS.values[: 4 * DAY], *[None] * 40, *WEEKS.values[4 * DAY + 40 :])
    )

    assert ahead(short_fit(some, some.end_at), some, 0.8).highs is not None


def test_what_was_not_measured_last_is_not_forecast(fit):
    gone = WEEKS._replace(values=(*WEEKS.values[:-1], None))

    assert ahead(fit, gone, 0.8)[1:] == (None, NOT_MEASURED)


def test_a_few_missing_steps_of_yesterday_are_taken_from_those_before(fit):
    values = list(WEEKS.values)
    values[-DAY + 1] = values[-DAY + 2] = None

    assert ahead(fit, WEEKS._replace(values=tuple(values)), 0.8).highs is not None


def test_without_yesterday_nothing_is_forecast(fit):
    found = ahead(fit, known(16)._replace(values=WEEKS.values[-100:]), 0.8)

    assert found.highs is None
    assert "yesterday" in str(found.why)


def test_no_forecast_is_far_above_what_was_ever_seen(fit):
    wild = fit._replace(residuals=tuple(tuple(each + 100 for each in row) for row in fit.residuals))

    assert max(ahead(wild, WEEKS, 0.8).highs) <= max(WEEKS.values) * MORE_THAN_SEEN


def test_a_band_that_says_nothing_is_not_gone_by(fit):
    wide = tuple(tuple(9.0 * (level - 0.5) * 2 for level in LEVELS) for _ in fit.residuals)
    wide_fit = fit._replace(residuals=wide)

    assert ahead(wide_fit, WEEKS, 0.95).why == TOO_WIDE
    assert ahead(wide_fit, WEEKS, 0.95, capacity=1_000.0).highs is not None


def test_old_weights_are_not_gone_by(fit):
    late = fit._replace(fitted_at=WEEKS.end_at - OLD_SECONDS - 1)

    assert "36 h ago" in str(ahead(late, WEEKS, 0.8).why)
