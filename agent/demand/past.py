"""What the loop would have done in the weeks before, for the demo: fitted really, in its order.

Each forecast knows what was measured before it was made, and nothing else. One child fits them
all: a day's forecast as each day began, and those of each hour for the days that are near.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from agent.asking import Asking
from agent.demand.keeping import batch_of
from agent.demand.looking import Looked, daily_work, refresh_work, short_work
from agent.demand.months import month_works
from agent.demand.recipes import of_settings
from data.fitting.apart import fit
from data.ops.demand import DemandBatch
from data.ops.demand_read import errors, judged
from data.ops.demand_series import measured, refused
from models.costs.periods import day_of
from models.demand.drift import drifted
from models.demand.due import expected_error
from models.demand.noise import noise_floor
from models.demand.shapes import DAY_STEPS, HOUR_SECONDS, Done, Forecast, Measured, Work
from models.demand.targets import step_seconds_of
from models.demand.wanted import wanted
from models.scaling.shapes import ShortFit
from models.settings import Settings
from models.settings.target import Target
from models.tiers import DAY_SECONDS

log = logging.getLogger(__name__)

DAYS, HOURLY_DAYS = 10, 2
POOL_DAYS, POOL_HOURLY_DAYS = 14, 7
"""Of what machines are started by: whether they may is judged by a week of hours."""
SHORT_DAYS, JUDGED_DAYS = 3, 8
KNOWN_DAYS = 84
"""So far back what came true is kept."""
SPEND_KNOWN_DAYS_MIN = 90
AFTER_SECONDS = 180
"""The loop looks at an hour some minutes after it is over."""
Run = Callable[[Iterable[Work]], Iterator[Done]]


class Keeping(Asking, Protocol):
    """What is needed of the store. Raises StoreError."""

    def keep(self, batch: DemandBatch) -> None: ...


class Whole(NamedTuple):
    """All that was ever measured of a target, and how many calls were refused in each step."""

    target: Target
    measured: Measured
    refused: Sequence[int]

    def as_of(self, at: int, last: Forecast | None, days: int) -> Looked:
        """As the loop would have seen it then, `days` back."""
        grid = self.measured
        until = max((at - grid.start_at) // grid.step_seconds, 0)
        first = max(until - days * DAY_SECONDS // grid.step_seconds, 0)
        seen = Measured(
            grid.start_at + first * grid.step_seconds,
            grid.step_seconds,
            grid.values[first:until],
        )
        demand = wanted(seen, self.target.kind, self.refused[first:until])
        return Looked(self.target, of_settings(self.target), seen, demand, last, None)


class Past:
    """`shorts` holds the forecasts of half hours as they were fitted, by target; oldest first."""

    def __init__(self, store: Keeping, settings: Settings, now: int) -> None:
        self.shorts: dict[str, list[ShortFit]] = {}
        self._store, self.now = store, now
        # Rare work starts its machines without a forecast.
        self._of_pools = {pool.target for pool in settings.pool if not pool.batch_jobs}
        self._zone = settings.house.zone
        self._hour = now // HOUR_SECONDS * HOUR_SECONDS
        self._asked: Work | None = None
        self._last: Forecast | None = None
        self._daily: list[Forecast] = []
        self._batches: list[DemandBatch] = []

    @property
    def days(self) -> list[int]:
        """When each began of which there are forecasts, and the last whole hour."""
        hours = list(self._hours(POOL_DAYS))
        before = zip(hours, [hours[0] - HOUR_SECONDS, *hours], strict=False)
        zone = self._zone
        began = [at for at, last in before if day_of(at, zone) != day_of(last, zone)]
        return [*began, hours[-1]]

    def forecast(self, targets: Sequence[Target], run: Run = fit) -> None:
        """Raises StoreError."""
        for done in run(self._works(targets)):
            self._take(done)
        self._keep_made()

    def _works(self, targets: Sequence[Target]) -> Iterator[Work]:
        zone = self._zone
        span = (self.now - KNOWN_DAYS * DAY_SECONDS, self.now)
        for target in targets:
            grid = self._store.read(lambda cursor, of=target: measured(cursor, of, span, zone))  # type: ignore[misc]
            refusals = self._store.read(lambda cursor, of=(target, grid): refused(cursor, *of))  # type: ignore[misc]
            whole = Whole(target, grid, refusals)
            self._keep_truths(whole)
            self._last, self._daily = None, []
            for work in self._of_target(whole):
                self._asked = work
                yield work
            self._keep_made()
            self._judge(whole)
        for work in month_works(self._store, zone, self.now):
            self._asked = work
            yield work

    def _of_target(self, whole: Whole) -> Iterator[Work]:
        target, zone = whole.target, self._zone
        days = max(target.span_days, SPEND_KNOWN_DAYS_MIN if _is_daily(target) else 0)
        is_of_pool = target.name in self._of_pools
        hourly_days = POOL_HOURLY_DAYS if is_of_pool else HOURLY_DAYS
        fitted: int | None = None
        for at in self._hours(POOL_DAYS if is_of_pool else DAYS):
            is_new = fitted is None or day_of(at, zone) != day_of(fitted, zone)
            if not is_new and (_is_daily(target) or at < self._ago(hourly_days)):
                continue
            looked = whole.as_of(at, self._last, days)
            if not any(looked.measured.values):
                continue
            if is_new or self._last is None:
                fitted = at
                yield daily_work(looked, zone.key, at + AFTER_SECONDS)
                if is_of_pool and at >= self._ago(SHORT_DAYS):
                    short = short_work(self._store, target, zone.key, at)
                    yield from [] if short is None else [short]
            elif (work := refresh_work(looked, zone.key, at + AFTER_SECONDS)) is not None:
                yield work

    def _ago(self, days: int) -> int:
        return self._hour - days * DAY_SECONDS

    def _hours(self, days: int) -> Iterator[int]:
        """Whole ones of the days that are looked at, from the beginning of a day of the house."""
        first = self._ago(days)
        begins = next(
            at
            for at in range(first, self._hour, HOUR_SECONDS)
            if day_of(at, self._zone) != day_of(at - 1, self._zone)
        )
        return iter(range(begins, self._hour + 1, HOUR_SECONDS))

    def _take(self, done: Done) -> None:
        work = self._asked
        if work is None or done.problem is not None:
            log.log(logging.INFO if done.is_early else logging.WARNING, "%s", done.problem)
            return
        self._batches.append(batch_of(done, work))
        if done.kind == "daily":
            self._last = Forecast.from_json(done.answer)  # type: ignore[arg-type]
            self._daily.append(self._last._replace(state={}))
        if done.kind == "short":
            self.shorts.setdefault(done.key, []).append(ShortFit.from_json(done.answer))  # type: ignore[arg-type]

    def _keep_made(self) -> None:
        made, self._batches = self._batches, []
        self._store.keep(
            DemandBatch(
                forecasts=[each for batch in made for each in batch.forecasts],
                fits=[each for batch in made for each in batch.fits],
                months=[each for batch in made for each in batch.months],
            )
        )

    def _keep_truths(self, whole: Whole) -> None:
        looked = whole.as_of(whole.measured.end_at, None, KNOWN_DAYS)
        self._store.keep(DemandBatch(truths=looked.truths()))

    def _judge(self, whole: Whole) -> None:
        """As each day ended, and now."""
        name, step = whole.target.name, whole.measured.step_seconds
        season = 7 if step == DAY_SECONDS else DAY_STEPS
        ends = [*(each.made_at for each in self._daily[1:]), self._hour]
        for forecast, at in list(zip(self._daily, ends, strict=False))[-JUDGED_DAYS:]:
            seen = whole.as_of(at, None, 28).demand.measured.values
            floor = noise_floor(seen, season)
            span = (at - 7 * DAY_SECONDS, at)
            found = self._store.read(lambda cursor, of=span: errors(cursor, name, of, 1))  # type: ignore[misc]
            drifting = drifted([-error for error in found], expected_error(forecast))
            figures = self._store.read(
                lambda cursor, of=(at, floor, drifting): judged(cursor, name, *of)  # type: ignore[misc]
            )
            self._store.keep(DemandBatch(accuracies=figures))


def _is_daily(target: Target) -> bool:
    return step_seconds_of(target) == DAY_SECONDS
