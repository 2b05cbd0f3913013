"""A home with services and people who are let in, as the pages of the budget see it.

Behind the socket stand the real sessions and requests, over a small world that is acted upon.
"""

import json
import time
from zoneinfo import ZoneInfo

from agent.outbox.sending import Outbox
from agent.sampling import Clocks
from agent.sessions import Sessions
from agent.waiting import Waiting
from agent.wiring.requests import Asking, InForce, Parts
from data.asking import ask
from data.ops.recording import CostBatch
from data.settings_file import check
from models.requests import Actor, Caller
from tests.agent.asking import World
from tests.agent.signing_in import PHONE
from tests.pages.canned import CannedView
from tests.pages.test_costs_page import balances

BUDGET = "pages/budget.py"
SEOUL = ZoneInfo("Asia/Seoul")
SERVICES = """
[[service]]
name = "worker"
kind = "systemd"
requires = ["n8n"]
hour_krw = 600

[[service]]
name = "n8n"
kind = "docker"
requires = ["postgres"]

[[service]]
name = "postgres"
priority = "essential"
"""


class Whole(World):
    """Raises have no other limit here than what they say."""

    def why_not(self, wished):
        return None


def spend(store, won, unverified=0):
    store.fold_costs(CostBatch(balances=balances(SEOUL, won, unverified)), time.time())


class House:
    """A home with services, whose people are let in; `world` is what requests act upon."""

    def __init__(self, home, store) -> None:
        (home.path / "sallim.toml").write_text(SERVICES)
        home.ledger_folder.mkdir(exist_ok=True)
        self.home, self.world, self.control = home, Whole(), store.control
        self.view = CannedView(store)
        self.sessions = Sessions(store.control, time.time)
        in_force = InForce(check(home.path / "sallim.toml"))
        world = (lambda: None, lambda *_: None, lambda job: job())
        self.waiting = Waiting(store.control, store, Clocks(), *world)
        self.waiting.take_over(in_force(), {})
        self.fences = []
        self.demand = {}
        """What `GET /demand` tells."""
        parts = Parts(
            *(self.world, self.world, self.sessions.who, Outbox(store.control, Clocks())),
            waiting=self.waiting,
            fences=lambda: self.fences,
            demand=lambda: self.demand,
        )
        self.asking = Asking(home, store.control, in_force, Clocks(), parts)
        self.token = ""

    @property
    def caller(self) -> Caller:
        return Caller(Actor("somebody", "viewer"), "session")

    def enter(self, name: str, role: str) -> None:
        link, _ = self.sessions.make_link(name, role, 0)
        self.token, _ = self.sessions.use_link(link, PHONE)

    def handmade(self, shape):
        headers = {"x-sallim-session": self.token}
        answer = ask(self.home.socket, "/requests", 5.0, json.dumps(shape).encode(), headers)
        return answer.status, json.loads(answer.body)


def buttons(app) -> list[str]:
    return [button.label for button in app.button]


def filled(app, reason="the last videos"):
    """The form with its reason, and what follows of it."""
    field = next(each for each in app.text_input if each.key.startswith("reason"))
    field.set_value(reason)
    return next(each for each in app.button if each.label == "Show what follows").click().run()
