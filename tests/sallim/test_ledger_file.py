"""Who may write the file, and what is said when it cannot be used."""

import os
import pwd
import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import Ledger, LedgerBusy, LedgerDamaged, LedgerError
from tests.sallim.rows import row, states


@pytest.mark.parametrize(("folder", "rights"), [(0o700, 0o600), (0o770, 0o600), (0o2770, 0o660)])
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_its_rights_are_those_of_the_folder_whatever_the_umask(tmp_path, folder, rights, umask):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(folder)
    before = os.umask(umask)
    try:
        ledger = Ledger.open(home / "ledger.sqlite3")
        ledger.start_job(row("a"))
    finally:
        os.umask(before)

    found = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir()}
    ledger.close()
    assert found == {f"ledger.sqlite3{end}": rights for end in ("", "-wal", "-shm")}


def test_the_rights_of_a_file_whose_maker_was_killed_are_mended(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o2770)
    path = home / "ledger.sqlite3"
    path.touch(0o600)
    Ledger.open(path).close()

    assert path.stat().st_mode & 0o777 == 0o660


def test_it_belongs_to_the_owner_of_its_folder_also_when_root_makes_it(tmp_path):
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    os.chown(tmp_path, owner, -1)
    Ledger.open(tmp_path / "ledger.sqlite3").close()

    assert (tmp_path / "ledger.sqlite3").stat().st_uid == owner


def test_what_was_moved_away_is_replaced_and_not_written_to(ledger, tmp_path):
    ledger.start_job(row("a"))
    identity = ledger.ledger_id
    (tmp_path / "ledger.sqlite3").rename(tmp_path / "away")
    ledger.start_job(row("b"))

    assert set(states(ledger)) == {"b"}
    assert ledger.ledger_id != identity


def test_a_damaged_file_is_told_with_what_to_do_and_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"this is no database" * 100)

    with pytest.raises(LedgerDamaged, match=r"damaged .*Move it away with `mv "):
        Ledger.open(path)
    assert path.read_bytes() == b"this is no database" * 100


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(LedgerError, match=r"the folder is not there. Make it with `mkdir -p "):
        Ledger.open(tmp_path / "nowhere" / "ledger.sqlite3")


def test_the_folder_that_a_home_has_for_it_is_made_for_the_owner_alone(tmp_path):
    tmp_path.chmod(0o755)
    before = os.umask(0)
    try:
        Ledger.open(tmp_path / "ledger" / "ledger.sqlite3").close()
    finally:
        os.umask(before)

    assert (tmp_path / "ledger").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "ledger" / "ledger.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("rights", [0o710, 0o711])
def test_in_the_home_of_a_service_its_folder_is_open_to_the_group_of_the_owner(tmp_path, rights):
    tmp_path.chmod(rights)
    Ledger.open(tmp_path / "ledger" / "ledger.sqlite3").close()

    folder = (tmp_path / "ledger").stat()
    assert folder.st_mode & 0o7777 == 0o2770
    assert folder.st_gid == pwd.getpwuid(folder.st_uid).pw_gid
    assert (tmp_path / "ledger" / "ledger.sqlite3").stat().st_mode & 0o777 == 0o660


def test_a_home_is_never_made(tmp_path):
    with pytest.raises(LedgerError, match="the folder is not there"):
        Ledger.open(tmp_path / "nowhere" / "ledger" / "ledger.sqlite3")


def test_a_link_in_a_folder_of_a_group_is_not_followed(tmp_path):
    folder = tmp_path / "ledger"
    folder.mkdir()
    folder.chmod(0o2770)
    secret = tmp_path / "control.sqlite3"
    secret.touch(0o600)
    (folder / "ledger.sqlite3").symlink_to(secret)
    with pytest.raises(LedgerError, match="it is a link"):
        Ledger.open(folder / "ledger.sqlite3")

    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_bytes() == b""


def test_another_writer_is_waited_for_and_then_told(ledger):
    hurried = Ledger.open(ledger.path, busy_seconds=0.01)
    with closing(sqlite3.connect(ledger.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="another process has been writing for too long"):
            hurried.start_job(row("a"))
    hurried.start_job(row("a"))
    hurried.close()
