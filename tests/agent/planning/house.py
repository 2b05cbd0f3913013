"""A house with a pool: real store, ledger and outbox, and a clock that a test turns."""

import json

from agent.budgeting import Budgeting
from agent.outbox.sending import Outbox
from agent.planning import Planning
from agent.sampling import Clocks
from data.bills.openings import ASKED, answer
from data.demand_choices import predictions
from data.ops.demand import DemandBatch, KeptFit
from models.forecasts.short import short_fit
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.data.demand_rows import START, forecast, level, truths
from tests.data.stores import ask, home_in, opened
from tests.models.scaling.traces import day_and_night, steps
from tests.sallim.money import WON, asked

DAY, HOUR, MINUTE = 86_400, 3_600, 60
JOBS = {"name": "jobs", "kind": "metric", "metric": "jobs.waiting"}
GPU = {
    "name": "gpu",
    "target": "jobs",
    "capacity": 80.0,
    "utilization_percent": 100,
    "instances_more_max": 3,
    "hour_price": "400 KRW",
}


class House:
    """Its budget of servers has 9,900 won; what every month had cost before is said."""

    def __init__(self, folder, pool=None, **settings) -> None:
        self.now, self.monotonic = float(START), 0.0
        self.home = home_in(folder)
        self.store = opened(self.home, self.now)
        self.told = []
        shape = {
            "target": [JOBS],
            "pool": [{**GPU, **(pool or {})}],
            "budget": {
                "total_krw": 24_900,
                "api_krw": 15_000,
                "servers_krw": 9_900,
                "pace_factor": 0,
            },
        }
        self.settings = Settings.model_validate({**shape, **settings})
        self.clocks = Clocks(lambda: self.now, lambda: self.monotonic)
        self.budgeting = Budgeting(self.home, self.clocks, self.store.control)
        self.budgeting.take_over(self.settings)
        self.budgeting.step()
        self.answer()
        self.restart()

    def answer(self) -> None:
        for bucket in ASKED:
            answer(self.home, bucket, 0)

    def restart(self) -> None:
        outbox = Outbox(self.store.control, self.clocks)
        self.planning = Planning(
            self.home, (self.store.control, self.store), self.clocks, outbox.put
        )
        self.planning.take_over(self.settings)

    def take_over(self, **more) -> None:
        self.settings = Settings.model_validate({**self.settings.model_dump(), **more})
        self.planning.take_over(self.settings)

    def wait(self, seconds) -> None:
        self.now, self.monotonic = self.now + seconds, self.monotonic + seconds

    def measure(self, *values, name="jobs.waiting") -> None:
        """One value a minute, of the minutes up to now."""
        since = int(self.now) // MINUTE * MINUTE - len(values) * MINUTE
        self.store.write(level(name, values, since, MINUTE), self.now)

    def look(self, seconds=20.0):
        self.wait(seconds)
        self.planning.step()
        return next(iter(self.planning.plans()), None)

    def spend(self, won) -> None:
        """On servers; it is open, and counts as committed."""
        now_us = int(self.now * WON)
        accounts = Accounts.open(self.home.ledger)
        try:
            call = asked(f"call-{now_us}", won * WON, buckets=("servers", "total"))
            call = call._replace(opened_us=now_us, expires_us=now_us + 10**12)
            assert type(accounts.reserve(call)).__name__ != "Refused"
        finally:
            accounts.close()

    def alerts(self):
        return [
            str(cell)
            for row in self.store.control.rows("alerts", "number")
            for cell in row
            if isinstance(cell, str) and cell.startswith("prediction:")
        ]

    def kept(self):
        return ask(self.store, "SELECT wanted, allowed FROM plans ORDER BY planned_at")

    def switches(self):
        return predictions(self.store.control)

    def remember(self, days=6) -> None:
        """Days of five minutes that are over, and the fit of them."""
        since = (int(self.now) // 300) * 300 - days * DAY
        minutes = day_and_night(days, mean=60.0)
        found = steps(minutes, since)
        self.store.write(level("jobs.waiting", found.values, since, 300), self.now)
        fit = short_fit(found, found.end_at)
        kept = KeptFit("jobs", "short", int(self.now), json.dumps(fit.as_json()))
        self.store.demand.keep(DemandBatch(fits=[kept]))

    def prove(self, miss=1.0, naive_miss=5.0, days=8, half=None) -> None:
        """Forecasts of a week, each an hour ahead, that miss by so much."""
        first = int(self.now) // HOUR * HOUR - days * DAY
        half = half or (4.0, 2.0)
        made = [
            forecast(
                at,
                means=(10.0 + (miss if place % 5 else 3 * miss),) * 24,
                half=half,
                naive=10.0 + naive_miss,
                target="jobs",
            )
            for place, at in enumerate(range(first, int(self.now) - HOUR, HOUR))
        ]
        self.store.demand.keep(
            DemandBatch(
                forecasts=[("refresh", each) for each in made],
                truths=truths([10.0] * len(made), first, "jobs"),
            )
        )

    def close(self) -> None:
        self.store.close()
