"""A home whose months are closed: real ledger, store and control, and clocks that a test turns."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.budgeting import Budgeting
from agent.closing import Closing
from agent.costs import Costs
from agent.outbox.sending import Outbox
from agent.sampling import Clocks
from data.bills.notes import began
from data.months import closes
from models.budget.close_json import close_of
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Refusal
from tests.data.stores import home_in, opened
from tests.sallim.money import WON, asked, settlement

SEOUL = ZoneInfo("Asia/Seoul")
HOUR, DAY = 3_600.0, 86_400.0


def at(*when: int) -> float:
    return datetime(*when, tzinfo=SEOUL).timestamp()


class Months:
    """`step` is a look of the agent, with everything brought to the store before."""

    def __init__(self, folder, now, settings=None, started=None) -> None:
        self.now, self.monotonic = now, 0.0
        self.settings = settings or Settings.model_validate({"budget": {"pace_factor": 0}})
        self.home = home_in(folder)
        began(self.home, now if started is None else started)
        self.store = opened(self.home, now)
        self.start()

    def start(self) -> None:
        """As the agent does."""
        self.clocks = Clocks(lambda: self.now, lambda: self.monotonic)
        control = self.store.control
        self.budgeting = Budgeting(self.home, self.clocks, control)
        self.budgeting.take_over(self.settings)
        self.costs = Costs(self.home.ledger, self.home.archive, self.store, self.clocks)
        self.outbox = Outbox(control, self.clocks)
        self.closing = Closing(self.home, (control, self.store), self.clocks, self.outbox)
        self.closing.take_over(self.settings)

    def close(self) -> None:
        self.store.close()

    def wait(self, seconds: float) -> None:
        """Both clocks go on."""
        self.now, self.monotonic = self.now + seconds, self.monotonic + seconds

    def step(self, seconds: float = 60.0) -> None:
        self.wait(seconds)
        self.budgeting.step()
        for _ in range(2):
            self.costs.step()
        self.closing.step()
        assert self.closing.problem is None

    def steps(self, times: int, seconds: float = 60.0) -> None:
        for _ in range(times):
            self.step(seconds)

    def to(self, *when: int) -> None:
        """Up to a moment in Seoul as time goes, and on until the clock is believed."""
        self.wait(at(*when) - self.now)
        self.steps(14)

    def spend(self, name, won, ends=True, **changed) -> None:
        """A call at this moment; one that does not end counts at its worst once it has expired."""
        at_us = int(self.now * WON)
        moments = {"opened_us": at_us, "expires_us": at_us + 900 * WON}
        call = asked(name, int(won * WON), **{"buckets": ("api", "total"), **moments, **changed})
        with self.accounts() as accounts:
            accounts.reserve(call)
            if ends:
                accounts.settle(name, 1, settlement(int(won * WON), settled_us=at_us))

    def settle(self, name, won) -> None:
        with self.accounts() as accounts:
            settled = settlement(int(won * WON), settled_us=int(self.now * WON))
            assert accounts.settle(name, 1, settled)

    def refuse(self, calls, won) -> None:
        at_us = int(self.now * WON)
        what = ("api", "openai", "gpt-5", at_us // (60 * WON) * 60 * WON, "budget", "important")
        row = Refusal(0, *what, calls, won * WON, at_us)
        with self.accounts() as accounts:
            accounts.note_refusal(row)

    def accounts(self):
        return _Opened(self.home)

    @property
    def rows(self):
        return closes(self.store.control)

    @property
    def closed(self):
        """By month."""
        return {each.month: close_of(json.loads(each.document)) for each in self.rows}

    @property
    def alerts(self) -> list[str]:
        rows = self.store.control.rows("alerts", "number")
        return [row[1] for row in rows]


class _Opened:
    def __init__(self, home) -> None:
        self._accounts = Accounts.open(home.ledger)

    def __enter__(self):
        return self._accounts

    def __exit__(self, *_):
        self._accounts.close()
