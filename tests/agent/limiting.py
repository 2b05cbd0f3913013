"""What the tests of budgets are made with: a real ledger and control, and small honest hands."""

import json
from dataclasses import dataclass, field

from agent.budget import Limiting
from agent.budget_stops import Hands
from agent.budgeting import Budgeting
from agent.sampling import Clocks
from data.control import Control
from data.home import Home
from data.overrides import put
from models.budget.overrides import Override
from models.budget.resolved import Back
from models.costs.periods import period_at
from models.errors import SallimError
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.sallim.money import WON, asked, settlement

NOW = 1_795_900_000.0
"""In November 2026, in Seoul on the 29th."""


class Postbox:
    """Writes each alert down where the line is written; a second one with its key is an error."""

    def put(self, connection, alert):
        said = [alert.severity, str(alert.title), *map(str, alert.lines)]
        connection.execute(
            "INSERT INTO state VALUES (?, ?)", [f"alert:{alert.dedup_key}", json.dumps(said)]
        )


@dataclass
class Services:
    """Services that are up or down; `stuck` says no to whatever it is asked."""

    up: set[str] = field(default_factory=lambda: {"gpu", "n8n"})
    stuck: bool = False
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def stop(self, targets, by, reason):
        assert (by, bool(reason)) == ("budget", True)
        return self._do("stop", targets, self.up.difference_update)

    def start(self, targets, by, reason):
        assert (by, bool(reason)) == ("budget", True)
        return self._do("start", targets, self.up.update)

    def brought_back(self, reason, since):
        assert "there is money again" in reason
        started = [targets for what, targets in self.asked if what == "start"]
        return Back(started[-1] if started else ())

    def _do(self, what, targets, change):
        if self.stuck:
            raise SallimError(f"{what}: the service manager says no")
        self.asked.append((what, tuple(targets)))
        change(targets)
        return f"{what}-{len(self.asked)}"


class Household:
    """The agent's side of budgets at a moment that the test decides."""

    def __init__(self, folder, settings=None, now=NOW) -> None:
        self.now, self.monotonic = now, 0.0
        self.settings = settings or Settings()
        self.home = Home(folder / "home")
        self.home.make()
        self.services, self.cap_ats, self.full = Services(), {}, set()
        self.paid = {"total": {"gpu", "n8n"}, "servers": {"gpu"}}
        self.control = None
        self.start()

    def start(self) -> None:
        """As the agent does, also after it was killed."""
        if self.control is not None:
            self.limiting.close()
            self.control.close()
        self.control = Control.open(self.home.control)
        clocks = Clocks(wall=lambda: self.now, monotonic=lambda: self.monotonic)
        self.budgeting = Budgeting(self.home, clocks, self.control)
        hands = Hands(
            Postbox(),
            self.services,
            lambda bucket_id, spares: self.paid.get(bucket_id, ()),
            lambda bucket_id, version: self.cap_ats.get(bucket_id),
            lambda: self.full,
        )
        self.limiting = Limiting(self.home, self.control, clocks, hands)
        self.take_over(self.settings)

    def close(self) -> None:
        self.limiting.close()
        self.control.close()

    def take_over(self, settings) -> None:
        self.settings = settings
        self.budgeting.take_over(settings)
        self.limiting.take_over(settings)
        assert self.budgeting.problem is None

    def step(self, seconds=10.0) -> None:
        """A round of the agent."""
        self.now, self.monotonic = self.now + seconds, self.monotonic + seconds
        self.budgeting.step()
        self.limiting.step()

    def spend(self, won, name=None, buckets=("api", "total"), **changed) -> bool:
        """A call that costs exactly that; whether it was let through."""
        self.count = getattr(self, "count", 0) + 1
        now_us = int(self.now * WON)
        call = asked(
            name or f"call-{self.count}",
            int(won * WON),
            buckets=buckets,
            opened_us=now_us,
            expires_us=now_us + 900 * WON,
            **changed,
        )
        accounts = Accounts.open(self.home.ledger)
        admitted = type(accounts.reserve(call)).__name__ == "Admitted"
        if admitted:
            accounts.settle(call.call_id, 1, settlement(int(won * WON), settled_us=now_us))
        accounts.close()
        return admitted

    def raised(self, won, bucket_id="api", seconds=3_600.0, name="a") -> None:
        """As a person's request does."""
        override = Override(name, bucket_id, won, "a demo", "kim", self.now, self.now + seconds)
        with self.control.transaction() as connection:
            put(connection, override)
        self.budgeting.renew()

    @property
    def alerts(self) -> list[str]:
        """The keys of all that were put, without the period and version, and without ends."""
        return [each for each in self._put if not each.endswith("resolved")]

    @property
    def ends(self) -> list[str]:
        """Of which line the end was told."""
        return [each for each in self._put if each.endswith("resolved")]

    @property
    def _put(self) -> list[str]:
        with self.control.transaction() as connection:
            rows = connection.execute("SELECT key FROM state WHERE key LIKE 'alert:%'").fetchall()
        keys = [key.removeprefix("alert:budget:").rsplit(":", 5) for (key,) in rows]
        return sorted(f"{name} {int(ppm) // 10_000} {kind}" for name, _, _, kind, ppm, _ in keys)

    @property
    def month(self):
        return period_at(self.now, "month", self.settings.house.zone)

    @property
    def orders(self):
        return [type(order).__name__ for order in self.limiting.seen.orders]
