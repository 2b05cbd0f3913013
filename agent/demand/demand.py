"""The turn of the loop: the hour that is over is kept, what comes is forecast, and judged."""

import logging
from collections.abc import Callable, Mapping, Sequence

from agent.demand.recipes import kept_recipes, recipe_of
from agent.demand.rounds import Keeping, Rounds
from agent.demand.shown import shown
from agent.demand.troubles import Troubles
from agent.demand.turns import START_SECONDS, Turns
from agent.lean import give_back_memory
from agent.sampling import Clocks
from data.control import Control
from data.fitting.apart import Fitting
from models.demand.targets import targets_of
from models.errors import SallimError
from models.messages import Message, say
from models.settings import Settings

log = logging.getLogger(__name__)


class Demand:
    """`step` is for one thread; the others for any."""

    def __init__(
        self,
        stores: tuple[Control, Keeping],
        clocks: Clocks,
        start_seconds: float = START_SECONDS,
        fitting: Callable[[], Fitting] = Fitting,
    ) -> None:
        self.problem: Message | None = None
        self.moved_at = clocks.monotonic()
        """When a fit last ended."""
        self._control, store = stores
        self._clocks = clocks
        self._turns = Turns(clocks.monotonic(), start_seconds)
        self._troubles = Troubles()
        self._rounds = Rounds(store, clocks, self._troubles)
        self._new_fitting = fitting
        self._fitting: Fitting | None = None
        self._settings: Settings | None = None

    def take_over(self, settings: Settings) -> None:
        """Forecast at once what was not asked for before."""
        before, self._settings = self._settings, settings
        if before is not None and targets_of(before) != targets_of(settings):
            self._turns.again()
        self._troubles.only(target.name for target in targets_of(settings))

    def step(self) -> None:
        """Never raises for what a file may refuse: it becomes `problem`, and is tried again."""
        settings = self._settings
        if settings is None:
            return
        try:
            self._step(settings)
        except (SallimError, OSError, ValueError, KeyError, TypeError) as trouble:
            problem = say("demand is not forecast: {reason}", reason=str(trouble))
            if problem != self.problem:
                log.exception("a look at the demand failed")
            self.problem = problem
        else:
            self.problem = None

    def call_off(self) -> None:
        """End what is being fitted: it is done after the next start."""
        fitting = self._fitting
        if fitting is not None:
            fitting.cancel()

    def problems(self) -> Sequence[Message]:
        own = [] if self.problem is None else [self.problem]
        return [*own, *self._troubles.lasting(self._clocks.monotonic())]

    def as_json(self) -> Mapping[str, object]:
        """Raises StoreError. Shape: see `shown`."""
        settings = self._settings
        if settings is None:
            return {"targets": [], "pools": []}
        return shown(settings, self._control, self._rounds.made, self._troubles)

    def _step(self, settings: Settings) -> None:
        chosen = kept_recipes(self._control)
        is_turn = self._turns.take(self._clocks.wall(), self._clocks.monotonic())
        wanted = [(target, recipe_of(target, chosen)) for target in targets_of(settings)]
        if not is_turn:
            wanted = [each for each in wanted if self._rounds.is_other(*each)]
        if not wanted:
            return
        self._fitting = fitting = self._new_fitting()
        works = self._rounds.works(settings, wanted, with_months=is_turn)
        try:
            for done in fitting.run(works):
                self._rounds.take(done)
                self.moved_at = self._clocks.monotonic()
        finally:
            self._fitting = None
            works.close()
        give_back_memory()
