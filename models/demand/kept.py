"""What control.sqlite3 keeps of forecasts: recipes that people chose, and who may start machines.

Fields stand in the order of the columns. `recipe`, `reason` and `figures` are JSON.
"""

from typing import NamedTuple


class KeptRecipe(NamedTuple):
    """Stands instead of the recipe of the settings until it is chosen anew."""

    target: str
    recipe: str
    chosen_by: str
    request_id: str
    chosen_at: float


class Prediction(NamedTuple):
    """Whether a forecast may start machines of a pool, since when, and by which figures."""

    pool: str
    is_on: bool
    since: float
    reason: str
    figures: str
