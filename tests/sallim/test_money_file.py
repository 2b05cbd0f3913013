"""What is wrong with the file is told with what to do, and no call is admitted by it."""

import sqlite3
from contextlib import closing, suppress

import pytest

from sallim.ledger import LedgerBusy, LedgerDamaged, LedgerError
from sallim.ledger.accounts import Accounts
from tests.disks import remount
from tests.sallim.money import MONTHS, NOW_US, WON, asked, budget, settlement, used


def ready(path):
    """One call that is open, one that is refused."""
    accounts = Accounts.open(path, busy_seconds=0.05)
    accounts.put_budgets([budget()], MONTHS)
    accounts.reserve(asked("a", 90 * WON))
    return accounts


def reserve_many(accounts):
    for number in range(10_000):
        accounts.reserve(asked(f"{number}", 1))


def test_another_writer_is_waited_for_and_then_told(tmp_path):
    accounts = ready(tmp_path / "ledger.sqlite3")
    with closing(sqlite3.connect(accounts.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="another process has been writing for too long"):
            accounts.reserve(asked("b"))
        with pytest.raises(LedgerBusy):
            accounts.settle("a", 1, settlement())
        assert accounts.exchange_for("openai") is None
        other.execute("ROLLBACK")
    assert accounts.settle("a", 1, settlement())
    assert used(accounts)["total"] == (WON // 2, 0, 0)
    accounts.close()


@pytest.mark.parametrize("table", ["balances", "calls", "budgets"])
def test_a_damaged_page_is_told_with_what_to_do(tmp_path, table):
    path = tmp_path / "ledger.sqlite3"
    ready(path).close()
    with closing(sqlite3.connect(path)) as file:
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        [(page,)] = file.execute(sql, [table]).fetchall()
    with path.open("r+b") as content:
        content.seek((page - 1) * 2_048)
        content.write(b"\xff" * 2_048)
    accounts = Accounts.open(path)

    with pytest.raises(LedgerDamaged, match=r"the file is damaged .* Move it away with `mv "):
        accounts.reserve(asked("b"))
    accounts.close()


@pytest.mark.slow
def test_a_file_that_may_only_be_read_admits_nothing_and_still_refuses(small_disk):
    path = small_disk / "ledger.sqlite3"
    ready(path).close()
    remount(small_disk, "ro")

    with pytest.raises(LedgerError, match="usermod -aG sallim USER"):
        Accounts.open(path).reserve(asked("b"))


@pytest.mark.slow
def test_a_disk_that_becomes_full_admits_nothing_and_counts_right_once_it_is_not(small_disk):
    path = small_disk / "ledger.sqlite3"
    accounts = ready(path)
    with suppress(OSError), (small_disk / "rest").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    with pytest.raises(LedgerError, match="Make room on it"):
        reserve_many(accounts)
    admitted = len(accounts.calls_since(0, 10_000)) - 1
    (small_disk / "rest").unlink()

    assert used(accounts)["total"] == (0, 90 * WON + admitted, 0)
    assert accounts.reserve(asked("after", 1)).worst_micro == 1
    assert accounts.settle("a", 1, settlement())
    accounts.close()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LedgerError, match=r"the folder is not there. Make it with `mkdir -p "):
        Accounts.open(tmp_path / "nowhere" / "ledger.sqlite3")


def test_the_ledger_and_its_accounts_are_one_file(ledger):
    ledger.accounts.put_budgets([budget()], MONTHS)
    ledger.accounts.reserve(asked())
    ledger.close()

    assert ledger.accounts is ledger.accounts
    assert used(ledger.accounts, NOW_US)["total"] == (0, WON, 0)
    assert ledger.last_seq() == 0
