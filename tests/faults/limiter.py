"""An agent that does nothing but keep budgets and people's requests, to be killed.

`look` obeys the budgets, `next` after the month; `raise`, `stop_all` and `resume` are what the
owner asks for. At a commit of ledger or control it kills its process with -9.
"""

import os
import signal
from contextlib import contextmanager

from agent.actions.command import Command
from agent.budget import Limiting
from agent.budget_stops import Hands
from agent.budgeting import Budgeting
from agent.outbox.sending import Outbox
from agent.overriding import KeptOverrides
from agent.sampling import Clocks
from agent.stopping import Book, Stopping
from agent.wiring.requests import Asking, InForce, Parts
from agent.wiring.steering import Everything
from agent.wiring.telling import BudgetOutbox, StopTelling
from data.control import Control
from data.home import Home
from models.requests import Actor, Caller
from models.settings import Settings
from models.settings.service import Service
from sallim.ledger.file import LedgerFile
from tests.agent.limiting import NOW
from tests.faults.stopper import until_closed

SETTINGS = Settings.model_validate(
    {
        "budget": {"total_krw": 1_000, "api_krw": 1_000, "pace_factor": 0},
        "automation": {"stop": "on", "repair": "on"},
    }
)
OWNER = Caller(Actor("minji", "owner"), "session-1")
MONTH_LATER = NOW + 3 * 86_400.0
ASKED = {
    "raise": ("api", {"amount_krw": 300, "until": "2026-11-30"}, "300"),
    "stop_all": ("everything", {}, "everything"),
    "resume": ("everything", {}, "everything"),
}


SERVICE = (
    'case $1 in check) test -e "$0/$2.up"; exit $?;; esac; echo "$1 $2" >> "$0/log"; '
    'case $1 in stop) rm -f "$0/$2.up";; start) touch "$0/$2.up";; esac'
)


class Fuse:
    """Counts commits; every second one is passed after it was made."""

    def __init__(self, point) -> None:
        self.point, self.passed = point, 0

    def pass_by(self) -> None:
        self.passed += 1
        if self.passed == self.point:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self, control) -> None:
        transaction, end = control.transaction, LedgerFile.end

        @contextmanager
        def cut():
            with transaction() as connection:
                yield connection
                self.pass_by()
            self.pass_by()

        def cut_end(file, connection, commits):
            self.pass_by()
            end(file, connection, commits)
            self.pass_by()

        control.transaction, LedgerFile.end = cut, cut_end


class Agent:
    """Everything on one thread, joined as the real one joins it."""

    def __init__(self, folder, now=NOW, fuse=None) -> None:
        self.home = Home(folder / "home")
        self.home.make()
        self.control = Control.open(self.home.control)
        if fuse is not None:
            fuse.lay(self.control)
        clocks = Clocks(wall=lambda: now, monotonic=lambda: 0.0)
        outbox = Outbox(self.control, clocks)
        self.stopping = Stopping(Book(self.control, StopTelling(outbox)), Clocks())
        self.stopping.take_over(services(folder), {"command": Command()}, SETTINGS.automation)
        self.budgeting = Budgeting(self.home, clocks, self.control)
        self.budgeting.drift.tell = outbox.put
        hands = Hands(
            BudgetOutbox(outbox),
            self.stopping,
            lambda bucket_id, spares: ("db", "n8n", "worker") if bucket_id == "total" else (),
            lambda bucket_id, version: None,
        )
        self.limiting = Limiting(self.home, self.control, clocks, hands)
        in_force = InForce(SETTINGS)
        parts = Parts(
            overrides=KeptOverrides(self.control, self.budgeting, in_force),
            stops=Everything(self.stopping),
            who=lambda token: None,
            calls=self.budgeting.holding,
        )
        self.requests = Asking(self.home, self.control, in_force, clocks, parts).requests
        self.budgeting.take_over(SETTINGS)
        self.limiting.take_over(SETTINGS)

    def goes_on(self) -> None:
        """As the loops of the agent do, until nothing is under way."""
        for _ in range(2):
            self.requests.step()
            self.budgeting.step()
            self.limiting.step()
            until_closed(self.stopping)
        self.requests.step()
        assert (self.limiting.problem, self.budgeting.problem) == (None, None)

    def asks(self, kind) -> None:
        target, args, confirm = ASKED[kind]
        shape = {"kind": kind, "target": target, "args": args}
        nonce = self.requests.nonce(OWNER, shape)["nonce"]
        self.requests.ask(
            OWNER, {**shape, "reason": "so it is", "confirm": confirm, "nonce": nonce}
        )

    def close(self) -> None:
        self.limiting.close()
        self.control.close()


def run(folder, verb, point) -> None:
    fuse = Fuse(point)
    agent = Agent(folder, MONTH_LATER if verb == "next" else NOW, fuse)
    if verb in ASKED:
        agent.asks(verb)
    agent.goes_on()
    agent.close()


def services(folder):
    """Each is a file that is there; who does something to it leaves a line."""

    def words(verb):
        return ("/bin/sh", "-c", SERVICE, str(folder), verb, "{name}")

    known = {verb: words(verb) for verb in ("stop", "start", "check")}
    more = {"kind": "command", "start_may_repeat": True, "timeout_seconds": 5, **known}
    chain = (("db", ()), ("n8n", ("db",)), ("worker", ("n8n",)))
    return tuple(Service(name=name, requires=needs, **more) for name, needs in chain)
