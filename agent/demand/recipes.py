"""By which recipe a target is forecast, and who said so."""

import json
from collections.abc import Mapping

from data.control import Control
from data.demand_choices import recipes
from models.demand.kept import KeptRecipe
from models.demand.shapes import Recipe
from models.settings.target import Target

Wanted = tuple[Target, Recipe]
"""What is to be forecast, and how."""


def kept_recipes(control: Control) -> Mapping[str, KeptRecipe]:
    """What people chose, by target. Raises StoreError."""
    return {each.target: each for each in recipes(control)}


def recipe_of(target: Target, chosen: Mapping[str, KeptRecipe]) -> Recipe:
    """In force. One that a newer version wrote is not known here: then the settings hold."""
    kept = chosen.get(target.name)
    if kept is not None:
        try:
            return Recipe.from_json(json.loads(kept.recipe))
        except (ValueError, TypeError, AttributeError):
            pass
    return of_settings(target)


def of_settings(target: Target) -> Recipe:
    return Recipe(target.model, target.season, target.span_days)
