"""A house with a real store, control and collector of n8n, whose money a test decides."""

import json
from pathlib import Path

from agent.net.n8n_api import House
from agent.sampling import Clocks
from agent.waiting import Waiting
from data.control import Control
from data.home import Home
from data.jobs import fold_step
from data.ops.store import Store
from data.waiting import items
from models.settings import Settings
from models.waiting.pacing import Room, Standing
from sallim.guard.refusing import of_ledger
from sallim.ledger import Ledger
from sallim.ledger.money_rows import Refused
from tests.agent.collectors.watching_n8n import NOON, Clock, Watch
from tests.data.stores import ANYWHERE, home_in
from tests.standins.n8n import N8n

WON = 1_000_000
MICRO = 1_000_000


def refusal_text(bucket="api", needed=100, priority="important") -> str:
    """What a program reads of our 402."""
    refused = Refused(
        "budget",
        bucket,
        priority,
        cap_micro=15_000 * WON,
        limit_micro=14_250 * WON,
        used_micro=14_240 * WON,
        left_micro=10 * WON,
        needed_micro=needed * WON,
        resets_us=int(NOON + 86_400) * MICRO,
        calendar="month:Asia/Seoul",
    )
    return json.loads(of_ledger(refused).body())["error"]["message"]


def at_once(job) -> None:
    job()


class WaitingHouse:
    """`left` are the won that are left in `api`; None: nobody knows. `told` is what was asked."""

    def __init__(self, folder: Path, n8n: N8n | None = None, hands=at_once, **settings) -> None:
        self.home: Home = home_in(folder)
        self.n8n = n8n
        self.clock = Clock()
        self.left: int | None = 0
        self.is_held = False
        self.told: list[tuple[str, int]] = []
        self.settings = Settings.model_validate({"waiting": settings})
        self.hands = hands
        self.store = Store.open(self.home, ANYWHERE, self.clock())
        self.ledger = Ledger.open(self.home.ledger)
        if n8n is not None:
            n8n.clock = self.clock
            self.watch = Watch(n8n, self.clock)
        self.start()

    @property
    def control(self) -> Control:
        return self.store.control

    def start(self) -> None:
        clocks = Clocks(wall=self.clock, monotonic=self.clock)
        tell = lambda item, count: self.told.append((item.execution_id, count))  # noqa: E731
        self.waiting = Waiting(self.control, self.store, clocks, self._money, tell, self.hands)
        houses = {}
        if self.n8n is not None:
            houses["main"] = House(self.n8n.url, lambda: self.n8n.key, 2.0)
        self.waiting.take_over(self.settings, houses)

    def close(self) -> None:
        if self.n8n is not None:
            self.watch.collector.close()
        self.ledger.close()
        self.store.close()

    def step(self, seconds=30.0, *, looks=True) -> None:
        """n8n is read, the ledger is brought over, and the loop turns once."""
        if self.n8n is not None and looks:
            self.watch.records = []
            self.watch.look(seconds)
            self.store.record(self.watch.records)
        else:
            self.clock.now += seconds
        fold_step(self.ledger, self.store)
        self.waiting.step()
        assert self.waiting.problem is None, str(self.waiting.problem)

    def steps(self, count: int, seconds=30.0) -> None:
        for _ in range(count):
            self.step(seconds)

    def items(self):
        return items(self.control)

    def states(self):
        return [item.state for item in self.items()]

    def job(self, job_id, state="failed", *, error="", key="video-1", name="analysis", **more):
        now_us = int(self.clock.now * MICRO)
        row = {
            "job_id": job_id,
            "name": name,
            "key": key,
            "state": state,
            "started_us": now_us - MICRO,
            "error": error,
        }
        if state != "running":
            row |= {"ended_us": now_us, "duration_us": MICRO}
        self.ledger.record_jobs([{**row, **more}], now_us)

    def _money(self) -> Standing | None:
        if self.left is None:
            return None
        left = dict.fromkeys(("essential", "important", "optional"), self.left * WON)
        return Standing({"api": Room("api", 15_000 * WON, left)}, self.is_held)
