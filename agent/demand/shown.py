"""What the agent says of demand: the answer to `GET /demand`."""

import json
from collections.abc import Mapping

from agent.demand.recipes import kept_recipes, recipe_of
from agent.demand.troubles import Troubles
from data.control import Control
from data.demand_choices import predictions
from models.demand.kept import Prediction
from models.demand.targets import targets_of, unit_of
from models.settings import Settings


def shown(
    settings: Settings, control: Control, made: Mapping[str, int], troubles: Troubles
) -> dict[str, object]:
    """Shape: {"targets": [{"name", "kind", "unit", "recipe", "chosen_by", "chosen_at", "made_at",
    "problem", "is_early"}], "pools": [{"pool", "target", "is_on", "since", "reason", "figures"}]}.

    `chosen_by` is empty where the settings say it; moments are UTC epoch seconds, None where there
    is none. `is_early`: too little is known yet, nothing failed. Raises StoreError.
    """
    chosen = kept_recipes(control)
    known = {each.pool: each for each in predictions(control)}
    targets = []
    for target in targets_of(settings):
        kept, trouble = chosen.get(target.name), troubles.of(target.name)
        targets.append(
            {
                "name": target.name,
                "kind": target.kind,
                "unit": unit_of(target).as_json(),
                "recipe": recipe_of(target, chosen).as_json(),
                "chosen_by": "" if kept is None else kept.chosen_by,
                "chosen_at": None if kept is None else kept.chosen_at,
                "made_at": made.get(target.name),
                "problem": None if trouble is None else trouble.reason.as_json(),
                "is_early": trouble is not None and trouble.is_early,
            }
        )
    pools = [
        {"pool": pool.name, "target": pool.target, **_switch(known.get(pool.name), pool.prediction)}
        for pool in settings.pool
    ]
    return {"targets": targets, "pools": pools}


def _switch(known: Prediction | None, is_wanted: bool) -> dict[str, object]:
    if known is None:
        return {"is_on": False, "since": None, "reason": None, "figures": {}, "wanted": is_wanted}
    return {
        "is_on": known.is_on,
        "since": known.since,
        "reason": json.loads(known.reason),
        "figures": json.loads(known.figures),
        "wanted": is_wanted,
    }
