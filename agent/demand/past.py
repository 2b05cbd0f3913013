"""Forecasts that the made-up household would have had: each made of what was known then."""

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

from agent.demand.keeping import batch_of
from agent.demand.looking import Looked, daily_work, look, refresh_work
from agent.demand.recipes import of_settings
from data.fitting.apart import fit
from data.ops.store import Store
from models.costs.periods import day_of, start_of
from models.demand.shapes import HOUR_SECONDS, Done, Forecast, Measured, Work
from models.demand.targets import targets_of
from models.messages import Message
from models.settings import Settings
from models.settings.target import Target
from models.tiers import DAY_SECONDS

DAYS, HOURS = 10, 24
"""Of daily forecasts, and of those of every hour: twenty seconds of one CPU."""
HISTORY_DAYS = 60


def forecast_the_past(
    store: Store,
    settings: Settings,
    now: int,
    tell: Callable[[Message], None],
    run: Callable[[Iterable[Work]], Iterator[Done]] = fit,
) -> int:
    """Fit and keep them with what came true; how many there are. Raises StoreError.

    `tell` hears of fits that failed, not of what is too early for one.
    """
    past = _Past(store, settings, now)
    count = 0
    for done in run(past.works()):
        if done.problem is not None:
            if not done.is_early:
                tell(done.problem)
            continue
        past.take(Forecast.from_json(dict(done.answer or {})))
        store.demand.keep(batch_of(done, past.asked))
        count += 1
    past.judge()
    return count


class _Past:
    def __init__(self, store: Store, settings: Settings, now: int) -> None:
        self._store = store
        self._settings = settings
        self._zone = settings.house.zone
        self._now = now
        self._last: Forecast | None = None
        self._ends: dict[str, int] = {}
        self.asked: Work

    def works(self) -> Iterator[Work]:
        for target in targets_of(self._settings):
            looked = self._looked(target)
            if looked is None:
                continue
            self._keep_truths(looked)
            self._ends[target.name] = looked.measured.end_at
            self._last = None
            for at in _moments(looked.measured, self._zone):
                work = self._work(looked, at)
                if work is not None:
                    self.asked = work
                    yield work

    def take(self, forecast: Forecast) -> None:
        """What goes on is the last one that was fitted."""
        if self.asked.kind == "daily":
            self._last = forecast

    def judge(self) -> None:
        from data.ops.demand import DemandBatch
        from data.ops.demand_read import judged

        for name, end_at in self._ends.items():
            found = self._store.read(
                lambda cursor, name=name, end_at=end_at: judged(cursor, name, end_at)  # type: ignore[misc]
            )
            self._store.demand.keep(DemandBatch(accuracies=found))

    def _looked(self, target: Target) -> Looked | None:
        recipe = of_settings(target)._replace(span_days=HISTORY_DAYS)
        return look(self._store, target, recipe, self._zone, self._now)

    def _keep_truths(self, looked: Looked) -> None:
        from data.ops.demand import DemandBatch

        self._store.demand.keep(DemandBatch(truths=looked.truths()))

    def _work(self, looked: Looked, at: int) -> Work | None:
        known = looked._replace(
            recipe=of_settings(looked.target),
            measured=_until(looked.measured, at, looked.target.span_days),
            demand=looked.demand._replace(
                measured=_until(looked.demand.measured, at, looked.target.span_days)
            ),
            last=self._last,
        )
        is_midnight = day_of(at, self._zone) != day_of(at - 1, self._zone)
        if is_midnight or self._last is None:
            return daily_work(known, self._zone.key, at)
        return refresh_work(known, self._zone.key, at)


def _moments(measured: Measured, zone: ZoneInfo) -> list[int]:
    """Midnights of the last days, and the last hours: each at the end of a step."""
    end_at = measured.end_at
    today = day_of(end_at, zone)
    found = {start_of(day, zone) for day in range(today - DAYS + 1, today + 1)}
    if measured.step_seconds == HOUR_SECONDS:
        found |= {end_at - hours * HOUR_SECONDS for hours in range(HOURS)}
    return sorted(at for at in found if measured.start_at + DAY_SECONDS <= at <= end_at)


def _until(measured: Measured, at: int, days: int) -> Measured:
    """What of it was known at a moment, and no more than so many days."""
    step = measured.step_seconds
    end = (at - measured.start_at) // step
    first = max(0, end - days * DAY_SECONDS // step) if step < DAY_SECONDS else 0
    values = measured.values[first:end]
    return Measured(measured.start_at + first * step, step, values)
