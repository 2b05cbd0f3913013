"""kill -9 of the agent while it sets a provider's limit and puts it back: at every transaction of
the journal, before the provider has changed it, and before its answer has come. Whatever was cut
off, the limit is right after the next start, and the owner's own is not lost.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent.budgeting import Budgeting
from agent.sampling import Clocks
from data.control import Control
from data.fences import fence_rows
from data.home import Home
from models.fence.kept import PROVEN
from models.fence.worth import cents_of
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.standins.limits import limits_desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FENCER = Path(__file__).with_name("fencer.py")
NOW = 1_795_400_000.0
OWN = 2_000
POINTS = [1, 2, 3, 4, "before", "after"]
"""Of a set and its proof; and around the moment at which the provider changes it."""


class House:
    def __init__(self, folder, limits) -> None:
        self.home, self.limits = Home(folder / "home"), limits
        self.home.make()
        clocks = Clocks(wall=lambda: NOW, monotonic=lambda: 0.0)
        Budgeting(self.home, clocks).take_over(Settings())
        (self.home.path / "now").write_text(str(NOW))
        accounts = Accounts.open(self.home.ledger)
        self.cents = cents_of(15_000 * 10**6, accounts.exchange_for("openai"))
        accounts.close()

    def agent(self, on, point=0) -> int:
        words = [sys.executable, str(FENCER), str(self.home.path), self.limits.url, on, str(point)]
        return subprocess.run(words, timeout=60, check=False).returncode

    def kill(self) -> None:
        """The agent that is asking just now."""
        os.kill(int((self.home.path / "pid").read_text()), signal.SIGKILL)

    def cut_off(self, on, point) -> None:
        """One agent that is killed there, and another that begins anew."""
        if isinstance(point, int):
            assert self.agent(on, point) == -signal.SIGKILL
        else:
            name = f"{point}_write"
            setattr(self.limits, name, self.kill)
            assert self.agent(on) == -signal.SIGKILL
            setattr(self.limits, name, lambda: None)
        assert self.agent(on) == 0

    def rows(self):
        control = Control.open(self.home.control)
        found = fence_rows(control)
        control.close()
        return found


@pytest.fixture
def house(tmp_path):
    with limits_desk() as limits:
        limits.openai = OWN
        yield House(tmp_path, limits)


@pytest.mark.parametrize("point", POINTS)
def test_a_fence_that_was_cut_off_stands_after_the_next_start(house, point):
    house.cut_off("on", point)

    assert house.limits.openai == house.cents
    assert {row.state for row in house.rows()} == {PROVEN}
    # The owner's own is not taken for ours, nor ours for his.
    assert {row.own_cents for row in house.rows()} == {OWN}
    assert len(house.limits.written) <= 2


@pytest.mark.parametrize("point", POINTS)
def test_the_owners_own_limit_comes_back_however_its_return_is_cut_off(house, point):
    assert house.agent("on") == 0
    house.cut_off("off", point)

    assert house.limits.openai == OWN
    asked = len(house.limits.asked)
    assert house.agent("off") == 0
    assert len(house.limits.asked) == asked


def test_cut_off_again_and_again_it_ends_as_it_should(house):
    for number, on in enumerate(["on", "off"] * 4):
        house.agent(on, 1 + number % 4)
    assert house.agent("on") == 0
    assert house.limits.openai == house.cents
    assert house.agent("off") == 0

    assert house.limits.openai == OWN


def test_killed_between_intent_and_effect_while_the_owner_changes_it_his_is_kept(house):
    assert house.agent("on", 2) == -signal.SIGKILL
    assert house.limits.openai == OWN
    house.limits.openai = 4_000
    assert house.agent("on") == 0
    assert house.limits.openai == house.cents
    assert house.agent("off") == 0

    assert house.limits.openai == 4_000
