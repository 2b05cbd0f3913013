"""Recipes side by side: a rolling backtest of each, and what each forecasts now."""

from collections.abc import Sequence

from models.demand.shapes import Compared, Recipe
from models.forecasts.fit import daily
from models.forecasts.history import History
from models.forecasts.watching import Watch
from models.messages import say


def compare(
    target: str, history: History, recipes: Sequence[Recipe], steps: int, watch: Watch
) -> tuple[Compared, ...]:
    """Raises OutOfTime."""
    return tuple(
        Compared(
            recipe,
            None,
            None,
            None,
            None,
            None,
            0,
            say("not compared yet"),
            daily(target, history, recipe, steps, watch),
        )
        for recipe in recipes
    )
