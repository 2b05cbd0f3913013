"""One target at a time: its series out of the store, and what is to be done with it.

The queries are loaded with the first look: a house whose agent just started needs none of them.
"""

from collections.abc import Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agent.asking import Asking
from models.demand.accuracy import MEASURED, Truth
from models.demand.drift import drift
from models.demand.due import Fitted, expected_error, why_anew
from models.demand.shapes import DAY_STEPS, HOUR_SECONDS, Forecast, Measured, Recipe, Work
from models.demand.targets import is_known, step_seconds_of
from models.demand.wanted import Wanted, wanted
from models.messages import Message, say
from models.settings.target import Target
from models.tiers import DAY_SECONDS

SPEND_DAYS_AHEAD = 31
SHORT_SECONDS, SHORT_STEPS = 300, 28 * 288
TRUTHS_AGAIN = 3
"""So many of the last steps are kept once more: what came over later changes them."""
DRIFT_SECONDS = 7 * DAY_SECONDS
NOTHING_YET = say("nothing was measured of it yet")


class Looked(NamedTuple):
    """A target with its series, and what is known of it. Of `demand` only what was wanted: a step
    that was starved of money has no value there.
    """

    target: Target
    recipe: Recipe
    measured: Measured
    demand: Wanted
    last: Forecast | None
    last_truth: int | None

    def truths(self) -> list[Truth]:
        """Those that are not kept yet, and the last ones again."""
        grid, since = self.measured, 0
        if self.last_truth is not None:
            since = self.last_truth - TRUTHS_AGAIN * grid.step_seconds
        return [
            Truth(self.target.name, at, grid.step_seconds, value, self._mark(place, value))
            for place, value in enumerate(grid.values)
            if (at := grid.start_at + place * grid.step_seconds) >= since
        ]

    def _mark(self, place: int, value: float | None) -> str:
        if self.demand.starved[place]:
            return "starved"
        return "missing" if value is None else MEASURED


def look(store: Asking, target: Target, recipe: Recipe, zone: ZoneInfo, now: int) -> Looked | None:
    """None where nothing was ever measured of it. Raises StoreError."""
    from data.ops.demand_read import last_truth, latest_daily
    from data.ops.demand_series import measured, refused

    span = (now - recipe.span_days * DAY_SECONDS, now)
    if step_seconds_of(target) == DAY_SECONDS:
        span = (now - max(recipe.span_days, 90) * DAY_SECONDS, now)
    grid = store.read(lambda cursor: measured(cursor, target, span, zone))
    if not is_known(grid):
        return None
    refusals = store.read(lambda cursor: refused(cursor, target, grid))
    last = store.read(lambda cursor: latest_daily(cursor, target.name))
    known = store.read(lambda cursor: last_truth(cursor, target.name))
    return Looked(target, recipe, grid, wanted(grid, target.kind, refusals), last, known)


def why_fit(looked: Looked, zone: ZoneInfo, known: Fitted | None) -> Message | None:
    """Why it is fitted anew; None: `refresh` is enough, unless it drifts.

    `known`: when this process last fitted it. A history may end before the hours that were looked
    at, and so does the forecast of it.
    """
    last = looked.last
    kept = Fitted(last.made_at, last.asked) if last is not None and last.state else None
    fitted = known if known is not None and kept is not None else kept
    return why_anew(fitted, looked.recipe, looked.measured.end_at, zone)


def drifts(store: Asking, looked: Looked, since: int) -> Message | None:
    """Whether it errs more than it did, by the hours since it was last fitted for that.

    Raises StoreError.
    """
    from data.ops.demand_read import errors

    end_at, last = looked.measured.end_at, looked.last
    if last is None:
        return None
    span = (max(since, end_at - DRIFT_SECONDS), end_at)
    found = store.read(lambda cursor: errors(cursor, looked.target.name, span, 1))
    return drift([-error for error in found], expected_error(last))


def daily_work(looked: Looked, zone: str, now: int) -> Work:
    is_daily = looked.measured.step_seconds == DAY_SECONDS
    steps = SPEND_DAYS_AHEAD if is_daily else DAY_STEPS
    args = {"recipe": looked.recipe.as_json(), "steps": steps}
    return Work(looked.target.name, "daily", looked.demand.measured, zone, now, args)


def refresh_work(looked: Looked, zone: str, now: int) -> Work | None:
    """None where nothing is new since the last one was made."""
    last = looked.last
    if last is None or looked.measured.end_at <= last.made_at:
        return None
    args: Mapping[str, object] = {"state": dict(last.state), "steps": len(last.means)}
    return Work(looked.target.name, "refresh", looked.demand.measured, zone, now, args)


def short_work(store: Asking, target: Target, zone: str, now: int) -> Work | None:
    """The half hour ahead, for pools. Raises StoreError."""
    from data.ops.demand_series import recent

    if step_seconds_of(target) != HOUR_SECONDS:
        return None
    steps = store.read(lambda cursor: recent(cursor, target, now, SHORT_STEPS, SHORT_SECONDS))
    return Work(target.name, "short", steps, zone, now, {})
