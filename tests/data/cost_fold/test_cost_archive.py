"""A store heals from the ledger and its archive, and takes nothing of a damaged file."""

import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from data.cost_fold import (
    note_months,
    read_month,
    unread_months,
)
from sallim.ledger import ArchiveDamaged
from tests.data.cost_fold.folding import FAR_US, NOW, fold, lost, reserved, rows
from tests.sallim.money import WON, settlement


@pytest.fixture
def archived(ledger, store, home):
    """Three calls that were folded and then went into the archive, and one that stayed."""
    reserved(ledger, "a", "b", "c")
    for call_id in "abc":
        ledger.accounts.settle(call_id, 1, settlement(WON))
    fold(ledger, store)
    mark = store.watermark(f"calls:{ledger.ledger_id}")
    assert ledger.accounts.forget(FAR_US * 10, mark, home.archive) == 3
    reserved(ledger, "d")
    fold(ledger, store)
    return ledger


def heal(ledger, store, home):
    return [
        read_month(path, source, store, NOW)
        for path, source in unread_months(ledger.ledger_id, store, home.archive)
    ]


def test_a_damaged_store_heals_from_the_ledger_and_its_archive(archived, store, home):
    before = rows(store)
    lost(store)
    assert fold(archived, store) == 1

    assert heal(archived, store, home) == [3]
    assert rows(store) == before
    assert heal(archived, store, home) == []


def test_a_month_that_grew_after_a_copy_of_the_store_was_made_is_read_again(archived, store, home):
    heal(archived, store, home)
    assert heal(archived, store, home) == []
    archived.accounts.settle("d", 1, settlement(WON))
    # The copy that is put back has never heard of d.
    assert archived.accounts.forget(FAR_US * 10, 10**9, home.archive) == 1
    with store._database.transaction() as connection:  # noqa: SLF001
        connection.execute("DELETE FROM calls WHERE call_id = 'd'")

    assert heal(archived, store, home) == [4]
    assert len(rows(store)) == 4


def test_what_was_folded_before_it_was_archived_need_not_be_read(archived, store, home):
    note_months(archived.ledger_id, store, home.archive, (), NOW)

    assert unread_months(archived.ledger_id, store, home.archive) == []


def test_a_call_that_the_ledger_has_is_not_set_back_by_the_archive(archived, store, home):
    archived.accounts.rebuild(home.archive, [])
    with closing(sqlite3.connect(home.ledger)) as connection, connection:
        connection.execute("UPDATE calls SET gross_micro = 5000000, seq = 900 WHERE call_id = 'a'")
    lost(store)
    fold(archived, store)
    heal(archived, store, home)

    assert rows(store)[0] == ("a", 1, "settled", Decimal(5))


def test_of_a_damaged_archive_nothing_is_taken_until_it_is_whole_again(archived, store, home):
    [path] = home.archive.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"settled"', b'"setTled"', 1))
    lost(store)
    fold(archived, store)
    with pytest.raises(ArchiveDamaged, match=path.name):
        heal(archived, store, home)
    assert len(rows(store)) == 1

    path.write_bytes(whole)
    heal(archived, store, home)
    assert len(rows(store)) == 4
