"""Killed at any moment between ledger, control and service: nothing lost, nothing doubled."""

import json
import multiprocessing
import os
import sqlite3
import time
from contextlib import closing

import pytest

from data.control import Control
from models.budget.resolved import Back
from models.errors import StoreError
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import NOW, Household
from tests.sallim.money import WON, asked, settlement

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("SALLIM_FAULT_COUNT", "8"))
SETTINGS = {"total_krw": 2_000, "api_krw": 1_000, "pace_factor": 0}
CONTEXT = multiprocessing.get_context("spawn")


class Diary:
    """Services whose state is a file, as the state of real ones is outside of the agent."""

    def __init__(self, folder) -> None:
        self.path = folder / "down.json"

    def stop(self, targets, by, reason):
        return self._write(set(self.down) | set(targets))

    def start(self, targets, by, reason):
        return self._write(set(self.down) - set(targets))

    @staticmethod
    def brought_back(reason, since):
        return Back()

    @property
    def down(self):
        return json.loads(self.path.read_text()) if self.path.exists() else []

    def _write(self, down):
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(sorted(down)))
        fresh.replace(self.path)
        return "done"


def house_at(folder, now) -> Household:
    house = Household(folder, Settings.model_validate({"budget": SETTINGS}), now)
    house.services = Diary(folder)
    house.start()
    return house


def watch(folder, now, said) -> None:
    """An agent that looks as fast as it can."""
    house = house_at(folder, now)
    said.send("up")
    while True:
        house.limiting.step()


def spend_all(folder, now) -> None:
    """Another program: ten won a call to the end, each line crossed by a call of its own."""
    accounts = Accounts.open(folder / "home" / "ledger" / "ledger.sqlite3")
    now_us = int(now * WON)
    for number in range(100):
        call = asked(f"{number}", 10 * WON, buckets=("api", "total"), opened_us=now_us)
        accounts.reserve(call)
        accounts.settle(call.call_id, 1, settlement(10 * WON))
        time.sleep(0.002)
    accounts.close()


def alerts_of(folder):
    with closing(sqlite3.connect(folder / "home" / "control.sqlite3")) as control:
        keys = control.execute("SELECT key FROM state WHERE key LIKE 'alert:%'").fetchall()
        told = control.execute("SELECT count(*) FROM budget_told").fetchone()
    return len(keys), told[0]


def test_each_event_of_the_ledger_is_told_exactly_once_however_often_the_agent_is_killed(tmp_path):
    house_at(tmp_path, NOW).close()
    spender = CONTEXT.Process(target=spend_all, args=(tmp_path, NOW))
    spender.start()
    for number in range(KILLS):
        ours, theirs = CONTEXT.Pipe(duplex=False)
        agent = CONTEXT.Process(target=watch, args=(tmp_path, NOW, theirs))
        agent.start()
        assert ours.recv() == "up"
        time.sleep(number * 0.37 % 0.1)
        agent.kill()
        agent.join()
    spender.join()
    house = house_at(tmp_path, NOW)
    house.limiting.step()
    house.close()
    accounts = Accounts.open(house.home.ledger)
    events = accounts.limit_events_since(0, 100)
    accounts.close()

    # 1,000 of 1,000 won in api; total is at its half.
    assert [event.threshold_ppm for event in events] == [
        *(700_000, 800_000, 900_000, 950_000, 1_000_000),
    ]
    assert alerts_of(tmp_path) == (5, 5)


@pytest.mark.parametrize("number", range(6))
def test_a_stop_that_was_cut_off_is_finished_and_brought_back_once(tmp_path, number):
    house = house_at(tmp_path, NOW)
    house.spend(2_000, buckets=("servers", "total"))
    house.close()
    end = house.month.until + 1.0
    for now, down in ((NOW, ["gpu", "n8n"]), (end, [])):
        ours, theirs = CONTEXT.Pipe(duplex=False)
        agent = CONTEXT.Process(target=watch, args=(tmp_path, now, theirs))
        agent.start()
        ours.recv()
        time.sleep(number * 0.004)
        agent.kill()
        agent.join()
        house = house_at(tmp_path, now)
        house.limiting.step()
        assert house.services.down == down
        house.close()


def hold(path, said) -> None:
    control = Control.open(path)
    said.send("held")
    time.sleep(60)
    control.close()


def test_a_second_agent_cannot_take_the_same_control(tmp_path):
    path = tmp_path / "control.sqlite3"
    ours, theirs = CONTEXT.Pipe(duplex=False)
    first = CONTEXT.Process(target=hold, args=(path, theirs))
    first.start()
    assert ours.recv() == "held"
    with pytest.raises(StoreError):
        Control.open(path)
    first.kill()
    first.join()

    Control.open(path).close()
