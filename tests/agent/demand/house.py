"""A house whose demand is made up, and whose clock a test turns: a real store, real fits.

Fits run in this process, so that not every look loads what fits anew; one test has the child.
"""

import json
import math
from zoneinfo import ZoneInfo

from agent.demand import Demand
from agent.sampling import Clocks
from data.control import Control
from data.demand_choices import choose_recipe
from data.fitting.child import done
from data.ops.demand_read import latest_daily, latest_forecast
from models.demand.kept import KeptRecipe
from models.demand.shapes import Done, Recipe
from models.forecasts.watching import nobody
from models.settings import Settings
from tests.data.demand_rows import HOUR, START, level
from tests.data.stores import ask, home_in, opened

SEOUL = ZoneInfo("Asia/Seoul")
DAY, STEP = 24 * HOUR, 1_800
JOBS = {"kind": "metric", "metric": "jobs.waiting"}


def waiting(since, hours, step=STEP):
    """What waits: a day's wave, the same every day, with a little that no model can know."""
    moments = range(since, since + hours * HOUR, step)
    return [
        50 + 30 * math.sin(at / HOUR * math.tau / 24) + (at // step * 7919 % 13) / 4
        for at in moments
    ]


class Here:
    """As `Fitting`, in this process: what the child does with a line."""

    def __init__(self) -> None:
        self.asked = []

    def run(self, works):
        for work in works:
            self.asked.append((work.key, work.kind))
            yield Done.from_json(json.loads(json.dumps(done(work, nobody).as_json())))

    def cancel(self) -> None:
        raise AssertionError("nothing is called off here")


class House:
    """It begins with `days` of demand that are over; `demand` is made anew by `restart`."""

    def __init__(self, folder, days=8, targets=({"name": "jobs", **JOBS},), step=STEP, **settings):
        self.step = step
        self.now, self.monotonic = float(START), 0.0
        self.home = home_in(folder)
        self.store = opened(self.home, self.now)
        self.settings = Settings.model_validate({"target": list(targets), **settings})
        if days:
            self.measure(START - days * DAY, days * 24)
        self.restart()

    @property
    def control(self) -> Control:
        return self.store.control

    def restart(self, fitting=Here) -> None:
        """`fitting` may be exchanged under a running loop."""
        self.fitting = fitting
        clocks = Clocks(lambda: self.now, lambda: self.monotonic)
        self.demand = Demand(
            (self.control, self.store), clocks, start_seconds=0.0, fitting=self._new_fitting
        )
        self.demand.take_over(self.settings)

    def _new_fitting(self):
        return self.fitting()

    def measure(self, since, hours, name="jobs.waiting") -> None:
        values = waiting(since, hours, self.step)
        self.store.write(level(name, values, since, self.step), self.now)

    def wait(self, seconds) -> None:
        self.now, self.monotonic = self.now + seconds, self.monotonic + seconds

    def hour(self) -> None:
        """One goes by, and the loop looks well after it is over."""
        since = int(self.now) // HOUR * HOUR
        self.measure(since, 1)
        self.wait(since + HOUR + 600 - self.now)
        self.demand.step()

    def look(self) -> None:
        """Well within the hour."""
        self.wait(600)
        self.demand.step()

    def choose(self, recipe: Recipe, target="jobs") -> None:
        text = json.dumps(recipe.as_json())
        choose_recipe(self.control, KeptRecipe(target, text, "minji", "r-1", self.now))

    def daily(self, target="jobs"):
        return self.store.read(lambda cursor: latest_daily(cursor, target))

    def latest(self, target="jobs"):
        return self.store.read(lambda cursor: latest_forecast(cursor, target))

    def made(self, target="jobs") -> list[str]:
        """How each forecast that is kept was made, in order."""
        sql = "SELECT work FROM forecasts WHERE target = $1 ORDER BY made_at, work"
        return [row[0] for row in ask(self.store, sql, target)]

    def shown(self, target="jobs"):
        shape = json.loads(json.dumps(self.demand.as_json()))
        return next(each for each in shape["targets"] if each["name"] == target)

    def close(self) -> None:
        self.store.close()
