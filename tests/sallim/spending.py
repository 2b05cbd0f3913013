"""Programs that spend as fast as they can, to be raced and to be killed at any moment."""

import multiprocessing
import random
import sqlite3
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted
from tests.sallim.money import asked, settlement

SPENDING = multiprocessing.get_context("forkserver")
SPENDING.set_forkserver_preload(["sallim.ledger.accounts", "tests.sallim.spending"])
BOTH = ("total", "api")


def race(path: str, name: str, tries: int, all_here: Barrier, said: Connection) -> None:
    """Reserve one unit that often, all programs from the same moment on; how many were admitted."""
    accounts = Accounts.open(path, 60)
    all_here.wait()
    answers = [
        accounts.reserve(asked(f"{name}-{number}", 1, buckets=BOTH)) for number in range(tries)
    ]
    said.send(sum(type(answer) is Admitted for answer in answers))
    accounts.close()


def spend_until_killed(path: str, name: str, seed: int, said: Connection) -> None:
    """Sends before and after each step what it does to which call."""
    accounts, chance = Accounts.open(path, 60), random.Random(seed)  # noqa: S311
    number = 0
    while True:
        number += 1
        call_id, worst = f"{name}-{number}", chance.randint(1, 9)
        said.send(("asks", call_id, worst))
        answer = accounts.reserve(asked(call_id, worst, buckets=BOTH))
        said.send(("admitted" if type(answer) is Admitted else "refused", call_id, worst))
        if type(answer) is not Admitted:
            continue
        cost = chance.randint(0, worst)
        said.send(("settles", call_id, cost))
        accounts.settle(call_id, 1, settlement(cost))
        said.send(("settled", call_id, cost))


def spend_across(path: str, name: str, turn_us: int, said: Connection) -> None:
    """Calls of the last moments of one month and the first of the next, as they come.

    Sends what was settled in each, and what was left open.
    """
    accounts, chance = Accounts.open(path, 60), random.Random(name)  # noqa: S311
    counted = {(late, state): 0 for late in (False, True) for state in ("settled", "open")}
    for number in range(150):
        opened_us = turn_us + chance.randrange(-50, 50)
        call = asked(f"{name}-{number}", 1, buckets=BOTH, opened_us=opened_us)
        if type(accounts.reserve(call)) is not Admitted:
            continue
        state = chance.choice(["settled", "open"])
        if state == "settled":
            # It ends in the other month, or in the same.
            ends_us = opened_us + chance.randrange(200)
            accounts.settle(call.call_id, 1, settlement(1, settled_us=ends_us))
        counted[opened_us >= turn_us, state] += 1
    said.send(counted)
    accounts.close()


def write_halfway(path: str, said: Connection) -> None:
    """Everything of a reserve but its COMMIT; then waits to be killed."""
    accounts = Accounts.open(path, 60)
    accounts.reserve(asked("whole", 1, buckets=BOTH))
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE balances SET reserved_micro = reserved_micro + 50")
    said.send("halfway")
    said.recv()
