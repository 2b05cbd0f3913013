"""The page of the demand over series that nobody would wish for: never an exception."""

import time

import pytest

from data.ops.demand import DemandBatch
from models.demand.accuracy import Truth
from models.demand.shapes import DAY_STEPS, HOUR_SECONDS, Measured, Recipe
from models.errors import NoForecast
from models.forecasts.fit import daily
from models.forecasts.history import history_of
from models.forecasts.watching import Watch
from tests.pages.demand_home import POOL, SETTINGS, demand_at, last_hour
from tests.pages.test_pages import opened

pytestmark = pytest.mark.slow
HOURS = 21 * 24
TABS = ("forecast", "pattern", "accuracy", "models", "what-if")


def usual(step: int) -> float:
    return demand_at(step * HOUR_SECONDS)


BAD = {
    "one point": lambda step: usual(step) if step == HOURS - 1 else None,
    "constant": lambda step: 12.0,
    "all zero": lambda step: 0.0,
    "a run of nothing": lambda step: None if 200 <= step < 320 else usual(step),
    "ten times for an hour": lambda step: usual(step) * (10 if step == 400 else 1),
    "another unit": lambda step: usual(step) * (1000 if step > 300 else 1),
    "far too large": lambda step: usual(step) * 1e12,
    "below zero": lambda step: usual(step) - 40.0,
}


@pytest.mark.parametrize("name", BAD)
def test_whatever_was_measured_each_tab_says_something(name, home, store, agent):
    (home.path / "sallim.toml").write_text(SETTINGS + POOL)
    now = int(time.time())
    begun = last_hour(now) - HOURS * HOUR_SECONDS
    values = tuple(BAD[name](step) for step in range(HOURS))
    truths = [
        Truth("videos", begun + step * HOUR_SECONDS, HOUR_SECONDS, value)
        for step, value in enumerate(values)
        if value is not None
    ]
    try:
        history = history_of(Measured(begun, HOUR_SECONDS, values), "Asia/Seoul", last_hour(now))
        made = [("daily", daily("videos", history, Recipe(), DAY_STEPS, Watch()))]
    except NoForecast:
        made = []
    store.demand.keep(DemandBatch(forecasts=made, truths=truths))

    for tab in TABS:
        app = opened("pages/demand.py", tab=tab)
        assert not app.exception, tab
        assert app.title[0].value == "Demand"


def test_what_is_no_forecast_is_only_what_is_too_little():
    """So that the test above looks at pages with a forecast."""
    refused = set()
    for name, value in BAD.items():
        values = tuple(value(step) for step in range(HOURS))
        try:
            history_of(Measured(0, HOUR_SECONDS, values), "Asia/Seoul", HOURS * HOUR_SECONDS)
        except NoForecast:
            refused.add(name)

    assert refused == {"one point"}
