import os
import shutil
import socket
import sqlite3
import stat
from contextlib import closing

import pytest

from deploy.backup import backups_of, backups_of_kind, make_backup, prune_backups, put_back
from deploy.layout import Layout
from deploy.ledger import open_to_writers


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.home.mkdir(parents=True)
    open_to_writers(layout.ledger)
    return layout


def rows_of(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM calls").fetchone()[0]


@pytest.fixture
def ledger(layout):
    """A ledger that the owner's program writes to all the time; its rows are in the WAL alone."""
    with closing(
        sqlite3.connect(layout.ledger / "ledger.sqlite3", isolation_level=None)
    ) as open_one:
        open_one.execute("PRAGMA journal_mode=WAL")
        open_one.execute("CREATE TABLE calls (id INTEGER)")
        open_one.execute("INSERT INTO calls VALUES (1), (2)")
        yield open_one


def test_what_is_only_in_the_wal_is_in_the_copy(layout, ledger):
    backup = make_backup(layout, "first", "1.0")

    assert rows_of(backup.folder / "home/ledger/ledger.sqlite3") == 2


def test_a_writer_in_the_middle_of_a_transaction_does_not_spoil_the_copy(layout, ledger):
    ledger.execute("BEGIN IMMEDIATE")
    ledger.execute("INSERT INTO calls VALUES (3)")
    backup = make_backup(layout, "first", "1.0")
    ledger.execute("COMMIT")

    assert rows_of(backup.folder / "home/ledger/ledger.sqlite3") == 2


@pytest.mark.parametrize("name", ["control.sqlite3", "ledger/ledger.sqlite3"])
def test_a_damaged_database_is_copied_as_it_is_with_its_wal(layout, name):
    files = {name: b"not a database" * 100, f"{name}-wal": b"nor this"}
    for file, content in files.items():
        (layout.home / file).write_bytes(content)
    backup = make_backup(layout, "first", "1.0")

    for folder in (layout.home, backup.folder / "home"):
        # SQLite may leave an index of the WAL (-shm), which it makes anew whenever it wants.
        kept = [path for path in folder.rglob("*") if path.is_file()]
        found = {str(path.relative_to(folder)): path.read_bytes() for path in kept}
        assert {file: found.get(file) for file in files} == files


def test_the_store_is_copied_with_its_wal_its_folders_and_its_modes(layout):
    (layout.home / "ops.duckdb").write_bytes(b"store")
    (layout.home / "ops.duckdb.wal").write_bytes(b"wal")
    (layout.home / "ops.duckdb").chmod(0o640)
    (layout.home / "quarantine/a").mkdir(parents=True)
    (layout.home / "quarantine/a/ops.duckdb").write_bytes(b"damaged")
    backup = make_backup(layout, "first", "1.0")
    copy = backup.folder / "home"

    assert (copy / "ops.duckdb.wal").read_bytes() == b"wal"
    assert (copy / "ops.duckdb").stat().st_mode & 0o777 == 0o640
    assert (copy / "quarantine/a/ops.duckdb").read_bytes() == b"damaged"


def test_what_belongs_to_one_run_is_not_copied(layout):
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(layout.home, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/agent.sock")
        os.close(folder)
    (layout.home / "agent.lock").write_text("1234")
    backup = make_backup(layout, "first", "1.0")

    assert [path.name for path in (backup.folder / "home").rglob("*")] == ["ledger"]


def test_a_copy_that_was_cut_off_is_no_backup_and_goes_with_the_next(layout):
    partial = layout.backups / "first.partial"
    partial.mkdir(parents=True)
    (partial / "backup.json").write_text('{"release": "1.0"}')

    assert backups_of(layout) == []
    make_backup(layout, "second", "1.0")
    assert [b.folder.name for b in backups_of(layout)] == ["second"]
    assert not partial.exists()


def test_going_back_brings_back_every_file_and_deletes_none(layout):
    (layout.home / "ops.duckdb").write_text("old")
    backup = make_backup(layout, "first", "1.0")
    (layout.home / "ops.duckdb").write_text("new")
    (layout.home / "ops.duckdb.wal").write_text("new wal")
    aside = put_back(layout, backup, "second")

    files = [path for path in layout.home.iterdir() if path.is_file()]
    assert {path.name: path.read_text() for path in files} == {"ops.duckdb": "old"}
    assert (aside / "ops.duckdb").read_text() == "new"
    assert (aside / "ops.duckdb.wal").read_text() == "new wal"


def test_going_back_twice_is_going_back_once(layout):
    (layout.home / "ops.duckdb").write_text("old")
    backup = make_backup(layout, "first", "1.0")
    put_back(layout, backup, "second")
    put_back(layout, backup, "third")

    assert (layout.home / "ops.duckdb").read_text() == "old"


def test_the_ledger_is_never_turned_back(layout, ledger):
    backup = make_backup(layout, "first", "1.0")
    ledger.execute("INSERT INTO calls VALUES (3)")
    put_back(layout, backup, "second")
    ledger.execute("INSERT INTO calls VALUES (4)")

    assert rows_of(layout.ledger / "ledger.sqlite3") == 4


def test_a_ledger_that_is_gone_is_put_back(layout, ledger):
    backup = make_backup(layout, "first", "1.0")
    ledger.close()
    for path in layout.ledger.iterdir():
        path.unlink()
    put_back(layout, backup, "second")

    assert rows_of(layout.ledger / "ledger.sqlite3") == 2


def test_a_ledger_whose_folder_is_gone_is_put_back_for_the_same_writers(layout, ledger):
    backup = make_backup(layout, "first", "1.0")
    ledger.close()
    shutil.rmtree(layout.ledger)
    put_back(layout, backup, "second")

    assert rows_of(layout.ledger / "ledger.sqlite3") == 2
    assert stat.S_IMODE(layout.ledger.stat().st_mode) == 0o2770


def test_what_is_left_of_a_lost_ledger_is_not_read_into_the_one_that_is_put_back(layout, ledger):
    backup = make_backup(layout, "first", "1.0")
    ledger.execute("INSERT INTO calls VALUES (3)")
    left = (layout.ledger / "ledger.sqlite3-wal").read_bytes()
    ledger.close()
    (layout.ledger / "ledger.sqlite3").unlink()
    (layout.ledger / "ledger.sqlite3-wal").write_bytes(left)
    aside = put_back(layout, backup, "second")

    assert rows_of(layout.ledger / "ledger.sqlite3") == 2
    assert (aside / "ledger.sqlite3-wal").read_bytes() == left


def test_a_link_in_place_of_the_ledger_is_neither_copied_nor_opened(layout):
    """Whoever may write in its folder could point at what only root may read."""
    secret = layout.root / "secret"
    secret.touch(0o600)
    (layout.ledger / "ledger.sqlite3").symlink_to(secret)
    backup = make_backup(layout, "first", "1.0")
    open_to_writers(layout.ledger, os.geteuid(), os.getegid())

    assert list((backup.folder / "home/ledger").iterdir()) == []
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_what_else_stands_in_the_folder_of_the_ledger_is_its_writers_own(layout, ledger):
    (layout.ledger / "notes").write_text("of a writer")
    backup = make_backup(layout, "first", "1.0")
    put_back(layout, backup, "second")

    assert not (backup.folder / "home/ledger/notes").exists()
    assert (layout.ledger / "notes").read_text() == "of a writer"


def test_the_newest_three_of_each_kind_are_kept(layout):
    for number in range(5):
        backup = make_backup(layout, f"2026-{number}", "1.0")
        put_back(layout, backup, f"2026-{number}")
    prune_backups(layout)

    assert [folder.name for folder in backups_of_kind(layout, aside=False)] == [
        "2026-2",
        "2026-3",
        "2026-4",
    ]
    assert [folder.name for folder in backups_of_kind(layout, aside=True)] == [
        "2026-2.set-aside",
        "2026-3.set-aside",
        "2026-4.set-aside",
    ]
