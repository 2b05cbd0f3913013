"""A round over targets: which works are due, one by one, and what is kept of each."""

import logging
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from agent.asking import Asking
from agent.demand.keeping import batch_of
from agent.demand.looking import (
    NOTHING_YET,
    Looked,
    daily_work,
    drifts,
    look,
    refresh_work,
    short_work,
    why_fit,
)
from agent.demand.months import month_works
from agent.demand.recipes import Wanted
from agent.demand.troubles import Troubles
from agent.sampling import Clocks
from models.costs.periods import day_of
from models.demand.due import Fitted
from models.demand.noise import noise_floor
from models.demand.shapes import DAY_STEPS, Done, Recipe, Work
from models.errors import SallimError
from models.messages import say
from models.settings import Settings
from models.settings.target import Target
from models.tiers import DAY_SECONDS, HOUR_SECONDS

if TYPE_CHECKING:
    from data.ops.demand_keeping import DemandKeeper

log = logging.getLogger(__name__)

JUDGED_EVERY_HOURS = 6


class Keeping(Asking, Protocol):
    """What is needed of the store."""

    @property
    def demand(self) -> "DemandKeeper": ...


class Rounds:
    """For one thread; `made` (when each target was last forecast) for any."""

    def __init__(self, store: Keeping, clocks: Clocks, troubles: Troubles) -> None:
        self.made: dict[str, int] = {}
        self._store = store
        self._clocks = clocks
        self._troubles = troubles
        self._recipes: dict[str, Recipe] = {}
        """By which each was last fitted, as far as this process knows."""
        self._fitted: dict[str, Fitted] = {}
        self._drifted: dict[str, int] = {}
        self._month_day: int | None = None
        self._asked: Work | None = None

    def is_other(self, target: Target, recipe: Recipe) -> bool:
        """Whether it is another recipe than the one it was last looked at with."""
        return self._recipes.get(target.name, recipe) != recipe

    def works(
        self, settings: Settings, wanted: Sequence[Wanted], *, with_months: bool
    ) -> Generator[Work, None, None]:
        """Each is handed out when the one before was taken: only its own series is held."""
        for target, recipe in wanted:
            try:
                for work in self._due(settings, target, recipe):
                    self._asked = work
                    yield work
            except SallimError as trouble:
                reason = say("{reason}", reason=str(trouble))
                self._troubles.note(target.name, reason, self._clocks.monotonic())
        today = day_of(self._now, settings.house.zone)
        if not with_months or today == self._month_day:
            return
        for work in month_works(self._store, settings.house.zone, self._now):
            self._asked = work
            yield work
        self._month_day = today

    def take(self, done: Done) -> None:
        """Keep what came of the last work. Raises StoreError."""
        work, monotonic = self._asked, self._clocks.monotonic()
        if work is None:
            return
        is_of_target = done.kind in ("daily", "refresh")
        if done.problem is not None:
            log.log(
                logging.INFO if done.is_early else logging.WARNING,
                "%s (%s): %s",
                *(done.key, done.kind, done.problem),
            )
            if is_of_target:
                self._troubles.note(
                    done.key, done.problem, monotonic, is_early=done.is_early, kind=done.kind
                )
            return
        self._store.demand.keep(batch_of(done, work))
        if is_of_target:
            self.made[done.key] = work.measured.end_at
            self._troubles.over(done.key, done.kind)
        if done.kind == "daily":
            self._fitted[done.key] = Fitted(work.measured.end_at, self._recipes[done.key])

    @property
    def _now(self) -> int:
        return int(self._clocks.wall())

    def _due(self, settings: Settings, target: Target, recipe: Recipe) -> Iterator[Work]:
        zone, now, name = settings.house.zone, self._now, target.name
        is_other = self.is_other(target, recipe)
        self._recipes[name] = recipe
        looked = look(self._store, target, recipe, zone, now)
        if looked is None:
            self._troubles.note(name, NOTHING_YET, self._clocks.monotonic(), is_early=True)
            return
        self._keep_truths(looked)
        why = why_fit(looked, zone, self._fitted.get(name))
        drifting = None if why else drifts(self._store, looked, self._drifted.get(name, 0))
        if drifting is not None:
            self._drifted[name] = looked.measured.end_at
        reason = why or drifting
        rests = self._troubles.rests(name, self._clocks.monotonic()) and not is_other
        if reason is not None and not rests:
            log.info("%s is fitted: %s", name, reason)
            yield daily_work(looked, zone.key, now)
            yield from self._short(settings, target, now)
        elif (work := refresh_work(looked, zone.key, now)) is not None:
            yield work
        if why is not None or now // HOUR_SECONDS % JUDGED_EVERY_HOURS == 0:
            self._judge(looked, is_drifting=drifting is not None)

    def _short(self, settings: Settings, target: Target, now: int) -> Iterator[Work]:
        if target.name in {pool.target for pool in settings.pool}:
            work = short_work(self._store, target, settings.house.zone.key, now)
            if work is not None:
                yield work

    def _keep_truths(self, looked: Looked) -> None:
        from data.ops.demand import DemandBatch

        self._store.demand.keep(DemandBatch(truths=looked.truths()))

    def _judge(self, looked: Looked, *, is_drifting: bool) -> None:
        from data.ops.demand import DemandBatch
        from data.ops.demand_read import judged

        name, end_at = looked.target.name, looked.measured.end_at
        grid = looked.demand.measured
        floor = noise_floor(grid.values, 7 if grid.step_seconds == DAY_SECONDS else DAY_STEPS)
        found = self._store.read(lambda cursor: judged(cursor, name, end_at, floor, is_drifting))
        if found:
            self._store.demand.keep(DemandBatch(accuracies=found))
