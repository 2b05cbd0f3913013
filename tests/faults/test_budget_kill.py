"""kill -9 at every commit of ledger and control while budgets stop services, a month begins and
people raise and stop: whatever half stands alone is closed by the next start, nothing done twice.
"""

import os
import shutil
import signal
from contextlib import closing

import pytest

from data.audit import after
from data.overrides import overrides
from data.requests import recent
from models.audit import verify
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import NOW
from tests.faults.limiter import MONTH_LATER, Agent, run
from tests.sallim.money import WON, asked, settlement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NAMES = ("db", "n8n", "worker")
DOWN = ["stop worker", "stop n8n", "stop db"]
UP = ["start db", "start n8n", "start worker"]
POINTS_MAX = 200
COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "10"))
"""About so many of the commits; with a large one, each."""


def killed(folder, verb, point):
    """Whether it was: a process of its own, with all that is loaded here already."""
    child = os.fork()
    if not child:
        try:
            run(folder, verb, point)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL)
    return code < 0


class House:
    def __init__(self, folder) -> None:
        self.folder = folder

    def begins(self):
        self.folder.mkdir()
        for name in NAMES:
            (self.folder / f"{name}.up").touch()
        assert not killed(self.folder, "look", 0)
        return self

    def uses_up(self) -> None:
        now_us = int(NOW * WON)
        call = asked("all", 1_000 * WON, buckets=("api", "total"), opened_us=now_us)
        with closing(Accounts.open(self.folder / "home" / "ledger" / "ledger.sqlite3")) as accounts:
            accounts.reserve(call)
            accounts.settle("all", 1, settlement(1_000 * WON, settled_us=now_us))

    def as_it_is(self, number):
        """A copy of it, in which nothing was done yet."""
        copied = House(self.folder.with_name(f"{self.folder.name}-{number}"))
        shutil.copytree(self.folder, copied.folder)
        (copied.folder / "log").write_text("")
        return copied

    def log(self):
        return (self.folder / "log").read_text().splitlines()

    def again(self, now=NOW) -> None:
        """The next start, to its end; what is there then."""
        with closing(Agent(self.folder, now)) as agent:
            agent.goes_on()
            rows, head = after(agent.control, 0)
            self.verdict = verify(rows, head).broken
            self.audit = [(row.step, row.what) for row in rows]
            self.raised = [each.delta_krw for each in overrides(agent.control)]
            self.requests = [row.state for row in recent(agent.control)]
            keys = [row[1] for row in agent.control.rows("alerts", "number")]
            parts = [key.split(":") for key in keys]
            self.told = sorted(f"{each[1]}:{each[5]}" for each in parts if each[4] == "threshold")
            self.over = sorted(each[1] for each in parts if each[4] == "resolved")
            with closing(Accounts.open(agent.home.ledger)) as accounts:
                self.caps = [each.cap_micro // WON for each in accounts.balances(int(now * WON))]
                self.is_held = accounts.held_us() > 0


def killed_everywhere(house, verb, now=NOW):
    """The house after each kill and the next start; at last unharmed."""
    step = max(1, POINTS_MAX // (3 * COUNT))
    for point in range(1, POINTS_MAX, step + 1 - step % 2):
        copied = house.as_it_is(point)
        was_killed = killed(copied.folder, verb, point)
        copied.again(now)
        assert copied.verdict == ""
        yield copied
        shutil.rmtree(copied.folder)
        if not was_killed:
            return
    raise AssertionError("it never came to its end")


LINES = sorted(
    f"{bucket}:{percent}0000" for bucket in ("api", "total") for percent in (70, 80, 90, 95, 100)
)


@pytest.fixture
def house(tmp_path):
    return House(tmp_path / "house").begins()


@pytest.fixture
def used_up(house):
    house.uses_up()
    return house


def test_a_stop_of_the_budget(used_up):
    for house in killed_everywhere(used_up, "look"):
        assert house.log() == DOWN
        assert house.told == LINES


def test_a_month_that_begins(used_up):
    assert not killed(used_up.folder, "look", 0)
    for house in killed_everywhere(used_up, "next", MONTH_LATER):
        assert house.log() == UP
        assert (house.told, house.over) == (LINES, ["api", "total"])


def test_a_raise(used_up):
    """Between the audit, the override in control and the cap in the ledger."""
    assert not killed(used_up.folder, "look", 0)
    steps = set()
    for house in killed_everywhere(used_up, "raise"):
        asked_for = house.requests
        steps.add(tuple(asked_for))
        assert house.audit == [("accepted", "raise"), ("done", "raise")][: 2 * len(asked_for)]
        assert (house.raised, house.caps[0]) == (([300], 1_300) if asked_for else ([], 1_000))
        assert house.log() == []
        assert set(house.told) == set(LINES)
    assert steps == {(), ("done",)}


@pytest.mark.parametrize(("verb", "done"), [("stop_all", DOWN), ("resume", UP)])
def test_a_stop_of_everything_and_its_end(house, verb, done):
    if verb == "resume":
        assert not killed(house.folder, "stop_all", 0)
    for each in killed_everywhere(house, verb):
        asked_for = each.audit[-1] == ("done", verb) if each.audit else False
        assert each.is_held == (asked_for == (verb == "stop_all"))
        assert each.log() == (done if asked_for else [])
        assert set(each.requests) <= {"done"}
