"""The ledger full, locked, read-only, damaged: closed, and a small allowance for essentials."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sallim import guard
from sallim.guard import spending, spool, spooled
from sallim.ledger import Ledger
from tests.disks import fill, remount
from tests.house import CHAT
from tests.sallim.money import WON, budget

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
SMALL = {**CHAT, "max_completion_tokens": 50}


@pytest.fixture
def purse(house, monkeypatch):
    """Of short patience."""
    monkeypatch.setattr(spending, "BUSY_SECONDS", 0.1)
    purse = spending.FilePurse(house.accounts.path, 0.1)
    yield purse
    purse.close()


def post(house, purse, priority, json=SMALL):
    with guard(base_urls=house.upstream.base_urls, purse=purse, priority=priority) as client:
        return client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=json)


class Held:
    """Another program holds the lock of the ledger."""

    def __init__(self, house):
        self._connection = sqlite3.connect(house.accounts.path, isolation_level=None)

    def __enter__(self):
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *told):
        self._connection.execute("ROLLBACK")
        self._connection.close()


@pytest.mark.parametrize("priority", ["important", "optional"])
def test_a_locked_ledger_is_closed(house, purse, priority, caplog):
    with Held(house):
        error = post(house, purse, priority).json()["error"]
        post(house, purse, priority)

    assert error["code"] == "ledger_unavailable"
    assert "fuser" in error["message"]
    assert house.upstream.requests == []
    assert len(caplog.records) == 1
    assert post(house, purse, priority).status_code == 200


def test_essential_calls_go_on_and_are_written_down_later(house, purse):
    with Held(house):
        assert post(house, purse, "essential").status_code == 200
        (file,) = Path(house.accounts.path).parent.glob("*.spool")
        assert file.read_text().count("\n") == 3
        assert house.rows == []
    assert post(house, purse, "important").status_code == 200

    assert len(house.rows) == 2
    assert house.used == (house.upstream.bill_micro(), 0, 0)
    assert not file.exists()


def test_the_allowance_of_essential_calls_is_small(house, purse, monkeypatch):
    with Held(house):
        statuses = [post(house, purse, "essential", CHAT).status_code for _ in range(3)]

    # Without a limit of tokens a call may cost 700 won.
    assert statuses == [402] * 3
    with Held(house):
        monkeypatch.setattr(purse, "_spool", spool.Spool(purse.path, 1_000_000))
        statuses = [post(house, purse, "essential").status_code for _ in range(30)]
    assert statuses[0] == 200
    assert statuses[-1] == 402
    assert house.upstream.bill_micro() <= 1_000_000


def test_an_end_that_cannot_be_written_is_written_later(house, purse):
    house.upstream.pace_seconds = 0.3
    answers = []
    thread = threading.Thread(target=lambda: answers.append(post(house, purse, "important")))
    thread.start()
    house.upstream.wait_for(1)
    with Held(house):
        thread.join()
    assert answers[0].status_code == 200
    assert house.row.state == "open"
    house.upstream.pace_seconds = 0
    post(house, purse, "important")

    assert [row.state for row in house.rows] == ["settled", "settled"]
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_a_damaged_ledger_is_closed(house, purse):
    path = Path(house.accounts.path)
    house.accounts.close()
    path.write_bytes(b"no database at all" * 1_000)
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)

    error = post(house, purse, "important").json()["error"]
    assert error["code"] == "ledger_unavailable"
    assert "damaged" in error["message"]
    assert post(house, purse, "essential").status_code == 200


@pytest.fixture
def on_small_disk(small_disk, house):
    """A purse over a ledger there, with the money of the house."""
    path = small_disk / "ledger.sqlite3"
    ledger = Ledger.open(path)
    ledger.accounts.put_budgets([budget(cap_micro=15_000 * WON)], house.months)
    ledger.close()
    purse = spending.FilePurse(str(path), 0.1)
    yield purse
    purse.close()


def closed_and_then_open_again(house, purse, ends):
    """Meanwhile the spool of essential calls stands elsewhere."""
    assert post(house, purse, "important").json()["error"]["code"] == "ledger_unavailable"
    assert post(house, purse, "essential").status_code == 200
    (file,) = Path(os.environ["XDG_STATE_HOME"]).rglob("*.spool")
    ends()
    assert post(house, purse, "important").status_code == 200
    assert not file.exists()
    assert purse.accounts.balances(time.time_ns() // 1_000)[0].settled_micro > 0


def test_a_full_disk_is_closed_and_the_spool_stands_elsewhere(small_disk, house, on_small_disk):
    closed_and_then_open_again(house, on_small_disk, fill(small_disk).unlink)


def test_a_ledger_that_may_only_be_read_is_closed(small_disk, house, on_small_disk):
    remount(small_disk, "ro")

    closed_and_then_open_again(house, on_small_disk, lambda: remount(small_disk, "rw"))


def test_a_ledger_that_came_later_is_asked_for_its_rate(house, tmp_path, monkeypatch):
    """Not five minutes afterwards: until then calls would be counted at the rate of the package."""
    path = tmp_path / "later" / "ledger.sqlite3"
    purse = spending.FilePurse(str(path), 0.1)
    assert purse.tariff().exchange("openai").fx_id != "fx-1"
    path.parent.mkdir()
    ledger = Ledger.open(path)
    ledger.accounts.put_exchange([house.accounts.exchange_for("")])
    ledger.close()

    assert purse.tariff().exchange("openai").fx_id == "fx-1"
    purse.close()


KILLED = """
import os, signal, sqlite3, sys
from sallim import guard
from sallim.guard.spending import FilePurse
path, url = sys.argv[1:]
lock = sqlite3.connect(path, isolation_level=None)
lock.execute("BEGIN IMMEDIATE")
with guard(base_urls={url + "/openai": "openai"}, purse=FilePurse(path, 0.05),
           priority="essential") as client:
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "x"}],
            "max_completion_tokens": 100}
    assert client.post(url + "/openai/v1/chat/completions", json=body).status_code == 200
    client.post(url + "/openai/v1/chat/completions", json=body)
"""


@pytest.mark.slow
def test_what_a_killed_program_left_in_its_spool_is_replayed_by_the_next(house, purse):
    house.upstream.faults = [None, "hang"]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, house.accounts.path, house.upstream.url],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    house.upstream.wait_for(2)
    process.kill()
    process.wait()
    assert house.rows == []

    post(house, purse, "important")
    rows = house.rows
    assert len(rows) == 3
    by_worst = [row for row in rows if row.error == "its process ended before the call did"]
    assert len(by_worst) == 1
    assert by_worst[0].gross_micro == by_worst[0].worst_micro
    assert house.used[0] == house.upstream.bill_micro() + by_worst[0].worst_micro
    assert list(Path(house.accounts.path).parent.glob("*.spool")) == []


def test_a_spool_that_others_wrote_is_left_alone(house, tmp_path):
    strange = Path(house.accounts.path).parent / f"guard-1-abc{spooled.ENDING}"
    strange.write_text('{"host": "elsewhere", "pid": 1, "process": ""}\n{"asked": 3}\nrubbish\n')
    cut = Path(house.accounts.path).parent / f"guard-2-abc{spooled.ENDING}"
    cut.write_text("")

    assert spooled.replay_left(house.accounts, house.accounts.path) == 0
    assert strange.exists()


ADMITTING = """
import sys
from sallim.guard.spool import Spool
from tests.sallim.money import WON, asked
path, name = sys.argv[1:]
spool = Spool(path)
admitted = 0
while admitted < 20 and spool.admit(asked(f"{name}-{admitted}", 30 * WON)):
    admitted += 1
print(admitted, flush=True)
sys.stdin.read()
"""


def admitting(path, count: int):
    """So many processes that spend without a ledger, and how many calls each was let through."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ADMITTING, path, f"{os.urandom(4).hex()}"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    admitted = [int(process.stdout.readline()) for process in processes]
    for process in processes:
        process.communicate()
    return admitted


@pytest.mark.slow
def test_many_processes_and_such_as_begin_anew_share_one_allowance(house):
    path = house.accounts.path
    together = admitting(path, 8)
    again = [admitting(path, 1) for _ in range(3)]

    assert sum(together) * 30 <= 200
    assert sum(together) + sum(sum(each) for each in again) <= 200 // 30
    other = admitting(path.replace("ledger", "other"), 1)
    assert other == [200 // 30]


@pytest.mark.slow
def test_what_others_left_is_replayed_as_soon_as_the_ledger_can_be_written(house, purse):
    admitting(house.accounts.path, 1)
    folder = Path(house.accounts.path).parent
    with Held(house):
        assert post(house, purse, "important").status_code == 402
    assert list(folder.glob("*.spool")) != []

    assert post(house, purse, "important").status_code == 200
    assert list(folder.glob("*.spool")) == []


@pytest.mark.slow
def test_what_is_in_the_ledger_again_frees_the_allowance(house):
    admitting(house.accounts.path, 1)
    assert admitting(house.accounts.path, 1) == [0]
    assert spooled.replay_left(house.accounts, house.accounts.path) >= 200 // 30

    assert sum(row.worst_micro for row in house.rows) <= 200 * 1_000_000
    assert admitting(house.accounts.path, 1) == [200 // 30]
