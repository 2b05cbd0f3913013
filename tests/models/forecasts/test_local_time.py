"""Over a change of clocks, nine in the morning stays nine in the morning."""

from datetime import UTC, datetime

import numpy as np
import pytest

from models.demand.local import hour_and_weekday
from models.demand.shapes import Recipe
from models.forecasts.fit import daily, refresh
from models.forecasts.local_time import local_of
from models.forecasts.watching import Watch
from tests.models.forecasts.made_series import DAY, history

SPRING = int(datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp())
"""Clocks of Berlin are put forward."""
AUTUMN = int(datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp())
CHANGES = pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])


def by_the_wall(start_at, count):
    """Busy from nine to five by the clocks of Berlin."""
    hours = [hour_and_weekday(start_at + 3_600 * step, "Europe/Berlin")[0] for step in range(count)]
    return np.array([100.0 if 9 <= hour < 17 else 10.0 for hour in hours])


def berlin(start_at, count):
    return history(by_the_wall(start_at, count), start_at=start_at, zone="Europe/Berlin")


@CHANGES
@pytest.mark.parametrize("hours_before", [-30, -1, 0, 1, 5, 12, 300])
def test_office_hours_are_forecast_by_the_clock_on_the_wall(change, hours_before):
    count = 400
    start_at = change - (count + hours_before) * 3_600
    forecast = daily("jobs", berlin(start_at, count), Recipe(), DAY, Watch())
    came = by_the_wall(start_at + count * 3_600, DAY)

    assert len(forecast.means) == DAY
    assert np.abs(np.array(forecast.means) - came).mean() < 2
    assert forecast.start_at == start_at + count * 3_600


@CHANGES
def test_a_refresh_over_a_change_says_what_the_fit_said(change):
    past = berlin(change - 400 * 3_600 + 30 * 3_600, 400)
    forecast = daily("jobs", past, Recipe("holt_winters"), DAY, Watch())

    again = refresh("jobs", past, forecast.state, DAY, Watch())

    assert again.means == pytest.approx(forecast.means)


@CHANGES
def test_the_hour_left_out_is_filled_in_and_marked(change):
    past = berlin(change - 100 * 3_600, 200)
    local = local_of(past, DAY)

    missing = 1 if change == SPRING else 0
    assert local.history.filled.sum() == missing
    assert len(local.history.values) == (201 if change == SPRING else 199)
    assert list(np.diff(local.ahead)) == [1] * (DAY - 1)


def test_where_no_clock_changes_nothing_is_done():
    seoul = history(np.arange(400.0), start_at=SPRING - 100 * 3_600, zone="Asia/Seoul")
    days = history(
        np.arange(400.0), start_at=SPRING - 9_000_000, step_seconds=86_400, zone="Europe/Berlin"
    )

    assert local_of(seoul, DAY) is None
    assert local_of(days, 7) is None
