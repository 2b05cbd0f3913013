"""By which recipe a target is forecast: what a person chooses stands until it is withdrawn."""

import json
from collections.abc import Callable

from agent.requests.handling import Job
from data.control import Control
from data.demand_choices import choose_recipe, forget_recipe, recipes
from models.demand.kept import KeptRecipe
from models.demand.shapes import Recipe
from models.demand.targets import target_named, targets_of
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request
from models.settings import Settings
from models.settings.target import Target


class Choosing:
    """For `recipe`; without arguments that of the settings holds again.

    The loop of demand fits by it at its next tick.
    """

    def __init__(self, control: Control, settings: Callable[[], Settings]) -> None:
        self._control = control
        self._settings = settings

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        target, before = self._target(request), self._kept(request.target)
        if not request.args and before is None:
            raise RequestRefused(
                say(
                    "nobody chose a recipe of {target}: that of the settings holds",
                    target=target.name,
                )
            )
        lines = (
            self._told(request),
            say(
                "it is fitted within a minute, and pools of {target} follow it", target=target.name
            ),
        )
        old = _of_settings(target).as_json() if before is None else json.loads(before.recipe)
        return Prospect(lines, {"recipe": old, "chosen_by": before.chosen_by if before else ""})

    def act(self, job: Job) -> Outcome:
        request = job.request
        target = self._target(request)
        if request.args:
            wanted = json.dumps(self._wanted(request, target).as_json())
            who, named = job.actor.name, job.request_id
            choose_recipe(self._control, KeptRecipe(target.name, wanted, who, named, job.now))
        else:
            forget_recipe(self._control, target.name)
        return self._done(request)

    def look(self, job: Job) -> Outcome | None:
        kept = self._kept(job.request.target)
        if job.request.args:
            is_done = kept is not None and kept.request_id == job.request_id
        else:
            is_done = kept is None
        return self._done(job.request) if is_done else None

    def _done(self, request: Request) -> Outcome:
        return Outcome(DONE, self._told(request), {"recipe": dict(request.args) or "settings"})

    def _told(self, request: Request) -> Message:
        if not request.args:
            return say("{target} is forecast as the settings say", target=request.target)
        recipe = self._wanted(request, self._target(request))
        return say(
            "{target} is forecast by {model} (season: {season}) over {days} days",
            target=request.target,
            model=recipe.model,
            season=recipe.season,
            days=recipe.span_days,
        )

    @staticmethod
    def _wanted(request: Request, target: Target) -> Recipe:
        """What is not said is left to the history, and the span to the settings."""
        return Recipe.from_json({"span_days": target.span_days, **request.args})

    def _target(self, request: Request) -> Target:
        target = target_named(self._settings(), request.target)
        if target is None:
            known = ", ".join(each.name for each in targets_of(self._settings()))
            raise RequestRefused(
                say("{target} is no target; these are: {known}", target=request.target, known=known)
            )
        return target

    def _kept(self, name: str) -> KeptRecipe | None:
        return next((each for each in recipes(self._control) if each.target == name), None)


def _of_settings(target: Target) -> Recipe:
    return Recipe(target.model, target.season, target.span_days)
