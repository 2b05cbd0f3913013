"""A history as fits look at it."""

from models.demand.shapes import Recipe
from models.forecasts.cycle import DAY_SECONDS, cycle_of
from models.forecasts.history import History
from models.forecasts.solving import Series

VALUES_MAX = 2_016
"""Twelve weeks of hours: what is older costs time, and tells little of a day ahead."""


def series_of(history: History, recipe: Recipe) -> Series:
    """The last `span_days` of it, VALUES_MAX at most, with the seasons that the recipe names."""
    most = min(max(recipe.span_days * DAY_SECONDS // history.step_seconds, 1), VALUES_MAX)
    cycle = cycle_of(history.step_seconds, recipe.season)
    day = max(
        cycle_of(history.step_seconds, "day").short or cycle_of(history.step_seconds).short, 1
    )
    return Series(history.values[-most:], history.filled[-most:], cycle, day, history.widen)
