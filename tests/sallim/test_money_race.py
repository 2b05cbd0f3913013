"""Many processes at once, and kill -9 at any moment: no cap is passed, nothing is counted twice."""

import random
import sqlite3
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Period
from tests.sallim.money import MONTHS, NOW_US, asked, budget, states, used
from tests.sallim.rows import DAY_US
from tests.sallim.spending import SPENDING, race, spend_across, spend_until_killed, write_halfway

pytestmark = pytest.mark.slow

PROGRAMS, TRIES, CAP = 8, 200, 100


def opened(path, cap, api_cap=10**12):
    accounts = Accounts.open(path, 60)
    accounts.put_budgets([budget(cap_micro=cap), budget("api", api_cap)], MONTHS)
    return accounts


def begun(work, *arguments):
    """A program, and where it says what it does."""
    ours, theirs = SPENDING.Pipe()
    process = SPENDING.Process(target=work, args=(*arguments, theirs))
    process.start()
    theirs.close()
    return process, ours


def test_eight_programs_racing_for_a_cap_of_a_hundred_get_a_hundred(tmp_path):
    path = str(tmp_path / "ledger.sqlite3")
    accounts = opened(path, CAP)
    all_here = SPENDING.Barrier(PROGRAMS)
    programs = [begun(race, path, f"{number}", TRIES, all_here) for number in range(PROGRAMS)]
    admitted = [said.recv() for _, said in programs]
    for process, _ in programs:
        process.join()

    assert sum(admitted) == CAP
    assert used(accounts) == {"api": (0, CAP, 0), "total": (0, CAP, 0)}
    assert len(states(accounts)) == CAP
    refused = sum(row.calls for row in accounts.refusals_since(0, 100))
    assert refused == PROGRAMS * TRIES - CAP
    accounts.close()


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul"])
def test_at_the_turn_of_the_month_each_month_has_its_cap_and_its_calls(tmp_path, zone):
    """Eight programs in both months at once, with calls that end in the next (at 00:00 there)."""
    path, calendar = str(tmp_path / "ledger.sqlite3"), f"month:{zone}"
    begins = [
        int(datetime(2025, month, 1, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000
        for month in (10, 11, 12)
    ]
    turn_us = begins[1]
    accounts = Accounts.open(path, 60)
    rules = [budget(cap_micro=CAP, calendar=calendar), budget("api", 10**9, calendar=calendar)]
    accounts.put_budgets(rules, [Period(calendar, *pair) for pair in pairwise(begins)])
    programs = [begun(spend_across, path, f"{number}", turn_us) for number in range(PROGRAMS)]
    told = [said.recv() for _, said in programs]
    for process, _ in programs:
        process.join()

    for late in (False, True):
        settled, kept = (sum(each[late, state] for each in told) for state in ("settled", "open"))
        now_us = turn_us + (0 if late else -1)
        assert settled + kept == CAP
        assert used(accounts, now_us) == {"api": (settled, kept, 0), "total": (settled, kept, 0)}
    accounts.close()


class Books:
    """What the programs said they did."""

    def __init__(self):
        self.calls = {}

    def note(self, step, call_id, amount):
        call = self.calls.setdefault(call_id, {"steps": set()})
        call["steps"].add(step)
        call[step] = amount

    def listen(self, said):
        """Until its end: a killed program's pipe may end within a message."""
        while True:
            try:
                self.note(*said.recv())
            except (EOFError, OSError):
                return

    def check(self, found):
        """A call stands as its program said, or one step further than it could still say."""
        for call_id, call in self.calls.items():
            steps, state = call["steps"], found.get((call_id, 1))
            if "settled" in steps:
                assert state == "settled"
            elif "settles" in steps:
                assert state in {"settled", "unverified"}
            elif "admitted" in steps:
                assert state == "unverified"
            elif "refused" in steps:
                assert state is None
            else:
                assert state in {None, "unverified"}


def sums(path):
    """What the rows of the calls say is settled and in doubt."""
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = file.execute("SELECT state, sum(gross_micro) FROM calls GROUP BY state")
        return dict(found.fetchall())


def killed_at_random(path, turn, chance, books, check):
    programs = [
        begun(spend_until_killed, path, f"{turn}-{number}", turn * 10 + number)
        for number in range(4)
    ]
    for process, said in programs:
        books.note(*said.recv())
        process.join(chance.uniform(0.0, 0.15))
        check()
        assert process.is_alive(), "the program ended by itself"
        process.kill()
        books.listen(said)
        process.join()


def test_what_killed_programs_had_reserved_stays_counted_and_the_cap_holds(tmp_path):
    path, cap = str(tmp_path / "ledger.sqlite3"), 0
    chance, books = random.Random(20_251_117), Books()  # noqa: S311

    def within_the_cap():
        assert sum(used(accounts)["total"]) <= cap

    for turn in range(10):
        # Raised each time: some are killed while there is room, some while there is none.
        cap += 1_000
        accounts = opened(path, cap)
        killed_at_random(path, turn, chance, books, within_the_cap)
    expired = accounts.expire(NOW_US + DAY_US)

    books.check(states(accounts))
    assert all(call.state == "unverified" for call in expired)
    counted = sums(path)
    settled, doubt = counted.get("settled", 0), counted.get("unverified", 0)
    assert used(accounts) == {"api": (settled, 0, doubt), "total": (settled, 0, doubt)}
    assert settled + doubt <= cap
    assert settled >= sum(call.get("settled", 0) for call in books.calls.values())
    assert doubt > 0
    accounts.close()


def test_a_program_that_is_killed_within_a_transaction_leaves_nothing_of_it(tmp_path):
    path = str(tmp_path / "ledger.sqlite3")
    accounts = opened(path, CAP)
    for _ in range(3):
        process, said = begun(write_halfway, path)
        assert said.recv() == "halfway"
        process.kill()
        process.join()

    assert used(accounts) == {"api": (0, 1, 0), "total": (0, 1, 0)}
    accounts.reserve(asked("after", CAP - 1))
    assert [call.call_id for call in accounts.expire(NOW_US + DAY_US)] == ["whole", "after"]
    assert used(accounts)["total"] == (0, 0, CAP)
    accounts.close()
