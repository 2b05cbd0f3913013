"""The agent's own parts, put together by `agent/composing.py`, with the clocks of the month.

Nothing of it is started on a thread: the month steps each part, as its loop would.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from agent.bills.fx import DAYS_ASKED, FxCollector
from agent.composing import compose
from agent.sampling import Clocks
from agent.wiring.stopping import actors_of
from data.bills.rates import known_rates, put_rates
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.waiting import items
from models.pushing import Push
from models.requests import Actor, Caller
from models.settings import Settings
from models.tiers import DAY_SECONDS
from models.waiting.item import INTENT, RUNNING
from models.wanted import RECOVERY, REPAIR
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance
from tests.month.clock import MonthClock
from tests.month.crew import ROLES
from tests.month.services import NAMES, Services
from tests.servers.http import Page, Pages

OWNER = Caller(Actor("minji", "owner", "page", "10.0.0.7"), "session-1")
TICK_SECONDS = 0.02
ANSWER_SECONDS = 60.0
MACHINE = "worker"
HOUR_PRICE = "0.0095 USD"


def settings_of(services: Services, again_port: int) -> Settings:
    """The owner's figures; all else is as it comes, but that Sallim may stop and repair."""
    return Settings.model_validate(
        {
            "house": {"signin": "off", "language": "en", "timezone": "Asia/Seoul"},
            "budget": {
                "total_krw": 24_900,
                "api_krw": 15_000,
                "workflows_krw": ["trailers=1200"],
                # A fifth of so small a cap, let through at once, is less than two calls may need.
                "paces": ["workflow:trailers=1200/hour"],
            },
            "automation": {"stop": "on", "repair": "on"},
            "service": services.settings(),
            "rented": [{"name": MACHINE, "hour_price": HOUR_PRICE, "lease_hours": 1}],
            "fixed": [{"name": "domain", "month_price": "900 KRW", "day": 20}],
            "waiting": {
                "rerun": "on",
                "at_once_max": 20,
                "tries_max": 100,
                "rerun_by": [
                    {"name": role.name, "url": f"http://127.0.0.1:{again_port}/again"}
                    for role in ROLES
                ],
            },
            "notify": {
                "language": "en",
                "quiet_hours": "",
                "test_day": "off",
                "buckets": ["total", "api", "workflow:trailers"],
                "channel": [{"name": "slack", "url": "MONTH_SLACK_URL"}],
            },
        }
    )


@dataclass
class Recovery:
    """Recovery as it will be: restart whatever is down. It asks first, as it must."""

    restarted: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)


class House:
    def __init__(
        self, folder: Path, clock: MonthClock, services: Services, table: Pages, again_port: int
    ) -> None:
        """`table` is where the exchange rates are published; at `again_port` the programs are told
        what is to run again.
        """
        self.clock, self.services, self.recovery = clock, services, Recovery()
        self.home = Home(folder / "home")
        self.home.make()
        self.settings = settings_of(services, again_port)
        clocks = Clocks(wall=lambda: clock.now, monotonic=lambda: clock.now)
        self.store = Store.open(self.home, StoreLimits(), clock.now)
        self.parts = compose(self.home, self.store, self.settings, clocks)
        self.steering, self.budgeting = self.parts.steering, self.parts.budgeting
        self.fx = FxCollector(self._known, self._keep, lambda: clock.now, (table.url, table.url))
        self._table = table

    def begin(self) -> None:
        self.report()
        self.budgeting.take_over(self.settings)
        self.parts.dues.take_over(self.settings)
        self.steering.messages.take_over(self.settings)
        self.steering.watch.take_over(self.settings)
        self.steering.asking.take_over(self.settings)
        self.steering.waiting.take_over(self.settings)
        self.stopping.take_over(
            self.settings.service,
            actors_of(self.settings, self.home, lambda: self.clock.now),
            self.settings.automation,
        )
        self.accounts = Accounts.open(self.home.ledger)

    @property
    def stopping(self):
        return self.steering.stops.stopping

    @property
    def outbox(self):
        return self.steering.messages.outbox

    def look(self) -> None:
        """A round of the loops that follow the ledger; programs may be calling all the while."""
        self.steering.asking.requests.step()
        self.budgeting.step()
        self.parts.dues.step()
        self.steering.watch.limiting.step()
        self.stopping.step()

    def keep(self) -> None:
        """What the store's loop does: calls in doubt expire, and days come to the store."""
        self.report()
        self.parts.view.jobs.step()
        self.parts.view.costs.step()
        for _ in range(len(self.settings.budget.caps_krw) + 1):
            self.steering.watch.projecting.step()

    def run_again(self) -> None:
        """What waits for money is told to the programs, as far as there is some."""
        waiting, before = self.steering.waiting.waiting, None
        self.steering.watch.limiting.step()
        while (begun := self.begun()) != before:
            before = begun
            waiting.step()
            while any(each.step == INTENT for each in items(self.store.control)):
                time.sleep(TICK_SECONDS / 4)

    def begun(self) -> list[str]:
        return [each.item_id for each in items(self.store.control) if each.state == RUNNING]

    def carry_out(self, watch: Callable[[], None]) -> None:
        """While a stop or start is under way, time goes on as it does."""
        while any(each.is_open for each in self.stopping.operations()):
            before = time.monotonic()
            self.stopping.step()
            watch()
            time.sleep(TICK_SECONDS)
            self.clock.set(self.clock.now + time.monotonic() - before)
        self.report()

    def send(self) -> None:
        """What the outbox has to send now is sent, with the clock at rest."""
        until = time.monotonic() + ANSWER_SECONDS
        self.outbox.step()
        while self.outbox.under_way:
            assert time.monotonic() < until, "a message did not come through"
            time.sleep(TICK_SECONDS / 4)
            self.outbox.step()

    def repair(self) -> None:
        """The stub of recovery: restart whatever is down."""
        for name in NAMES:
            if name in self.services.up():
                continue
            if self.stopping.may(RECOVERY, name, REPAIR):
                self.services.call("start", name)
                self.recovery.restarted.append(name)
            else:
                self.recovery.refused[name] = self.recovery.refused.get(name, 0) + 1

    def report(self) -> None:
        """What the probe of the machine "worker" says: it is there, or it goes."""
        is_up = MACHINE in self.services.up()
        probe = (MACHINE, str(self.clock.now_us), MACHINE, "1", float(DAY_SECONDS))
        self.parts.intake.push(Push(*probe, not is_up, 0, (), ()), "worker")

    def balances(self) -> dict[str, Balance]:
        now_us = self.clock.now_us
        return {each.bucket_id: each for each in self.accounts.balances(now_us)}

    def publish(self, day: date, won: float) -> None:
        """The rate of a day stands in the table, and is asked for as every six hours."""
        today = datetime.fromtimestamp(self.clock.now, UTC).date()
        since = today - timedelta(days=DAYS_ASKED)
        path = f"/v1/{since}..?base=USD&symbols=KRW,EUR"
        rates = {str(day): {"KRW": won, "EUR": 0.9}}
        shape = {"amount": 1, "base": "USD", "start_date": str(day), "rates": rates}
        self._table.pages = {path: Page(json.dumps(shape).encode())}
        self.fx.collect(0.0)

    def ask(self, kind: str, target: str, reason: str, **args: object) -> str:
        """As the owner does on a page: looked at, typed, confirmed. How it ended."""
        shape = {"kind": kind, "target": target, "args": args}
        requests = self.steering.asking.requests
        told = requests.nonce(OWNER, shape)
        shape |= {"reason": reason, "confirm": told["confirm"], "nonce": told["nonce"]}
        return requests.ask(OWNER, shape).state

    def close(self) -> None:
        self.steering.watch.limiting.close()
        self.accounts.close()
        self.outbox.close()
        self.store.close()

    def _known(self):
        return known_rates(self.home)[0]

    def _keep(self, rates) -> None:
        put_rates(self.home, rates, self.clock.now)
        self.budgeting.renew()


def at_hand(sink_port: int) -> None:
    """Where messages go, in the environment that settings name."""
    os.environ["MONTH_SLACK_URL"] = f"mmost://127.0.0.1:{sink_port}/hook"
    os.environ.pop("SALLIM_URL", None)
