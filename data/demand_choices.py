"""Recipes that people chose, and whether forecasts may start machines, in control.sqlite3."""

import sqlite3
from collections.abc import Callable

from data.control import Control, insert
from models.demand.kept import KeptRecipe, Prediction

Tell = Callable[[sqlite3.Connection], None]
"""Puts what is to be sent into the same transaction."""


def recipes(control: Control) -> list[KeptRecipe]:
    """By target."""
    return [KeptRecipe(*row[:-1]) for row in control.rows("recipes", "target")]


def choose_recipe(control: Control, fresh: KeptRecipe) -> None:
    """Instead of the one that was chosen before for the same target."""
    with control.transaction() as connection:
        insert(connection, "recipes", [fresh._replace(chosen_at=float(fresh.chosen_at))])


def forget_recipe(control: Control, target: str) -> KeptRecipe | None:
    """From now on that of the settings counts; which it was, None where none was chosen."""
    with control.transaction() as connection:
        row = connection.execute("SELECT * FROM recipes WHERE target = ?", [target]).fetchone()
        connection.execute("DELETE FROM recipes WHERE target = ?", [target])
    return None if row is None else KeptRecipe(*row[:-1])


def predictions(control: Control) -> list[Prediction]:
    """By pool."""
    return [_prediction(row) for row in control.rows("predictions", "pool")]


def switch_prediction(control: Control, fresh: Prediction, tell: Tell) -> bool:
    """Keep and tell it where it says something else than before: then True.

    Where it says the same, `since` stays and only reason and figures are brought up to date. A
    pool that is new begins without prediction: that it is off is not told.
    """
    fresh = fresh._replace(since=float(fresh.since))
    with control.transaction() as connection:
        sql = "SELECT * FROM predictions WHERE pool = ?"
        row = connection.execute(sql, [fresh.pool]).fetchone()
        known = None if row is None else _prediction(row)
        is_switched = fresh.is_on != (known is not None and known.is_on)
        if known is not None and not is_switched:
            fresh = fresh._replace(since=known.since)
        # As the columns hold them: the checksum is one of what is read again.
        insert(connection, "predictions", [(fresh.pool, int(fresh.is_on), *fresh[2:])])
        if is_switched:
            tell(connection)
    return is_switched


def forget_predictions(control: Control, pools: set[str]) -> None:
    """Of pools that the settings no longer have: all but `pools`."""
    with control.transaction() as connection:
        for known in (_prediction(row) for row in control.rows("predictions", "pool")):
            if known.pool not in pools:
                connection.execute("DELETE FROM predictions WHERE pool = ?", [known.pool])


def _prediction(row: tuple[object, ...]) -> Prediction:
    pool, is_on, since, reason, figures, _ = row
    return Prediction(str(pool), bool(is_on), float(str(since)), str(reason), str(figures))
