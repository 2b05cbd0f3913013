import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest

from data.foreign_sqlite import look
from models.errors import SourceRefused, SourceUnreachable
from tests.servers.scratch import account, scratch_folder

WAIT_SECONDS = 0.05
PAGES = 6
"""Of what `opened` makes."""
KILLED_IN_A_CHANGE = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN")
for _ in range(500):
    connection.execute("INSERT INTO runs VALUES (randomblob(900))")
os.kill(os.getpid(), signal.SIGKILL)
"""
AS_SOMEBODY_ELSE = """
import os, sys, time
from pathlib import Path
from data.foreign_sqlite import look
# The interpreter itself may stand where only root comes: what is loaded is loaded by now.
import encodings.idna, pwd
os.setgroups([])
os.setgid(int(sys.argv[3]))
os.setuid(int(sys.argv[2]))
facts = look("sqlite:n8n", Path(sys.argv[1]), 0.05, time.monotonic)
print(facts.pages, facts.journal, facts.read_seconds is not None, facts.trouble or "")
"""


@pytest.fixture
def path(tmp_path):
    """With signs that mean something in an address."""
    folder = tmp_path / "n8n's #1 ? %41"
    folder.mkdir()
    return folder / "database.sqlite"


@contextmanager
def opened(path, mode="WAL"):
    """As the owner's program has it: open, with a row in it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE IF NOT EXISTS runs (data BLOB)")
        connection.execute("INSERT INTO runs VALUES (randomblob(20000))")
        yield connection


def files(path):
    return sorted(each.name for each in path.parent.iterdir())


def beside(path, end):
    return path.with_name(f"{path.name}{end}")


def looked(path):
    return look("sqlite:n8n", path, WAIT_SECONDS, time.monotonic)


def refusal(path, kind=SourceRefused):
    with pytest.raises(kind) as failure:
        looked(path)
    return str(failure.value.reason)


@pytest.mark.parametrize("mode", ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
def test_sizes_pages_and_a_timed_read_are_known_of_a_file_in_use(path, mode):
    with opened(path, mode) as connection:
        connection.execute("DELETE FROM runs")
        before = files(path)
        facts = looked(path)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

        assert files(path) == before
    assert (facts.journal == "wal", facts.trouble) == (mode == "WAL", None)
    assert facts.pages == pages
    assert 0 < facts.free_share < 1
    assert facts.read_seconds > 0
    assert (facts.wal_bytes > 0) == (mode == "WAL")


def test_looking_at_a_file_that_nobody_has_open_makes_no_other_file(path):
    with opened(path):
        pass

    facts = looked(path)

    assert files(path) == ["database.sqlite"]
    assert (facts.journal, facts.wal_bytes, facts.pages) == ("wal", 0, PAGES)


def test_a_wal_whose_index_is_gone_is_read_without_making_one(path):
    with opened(path):
        beside(path, "-shm").unlink()

        facts = looked(path)

        assert files(path) == ["database.sqlite", "database.sqlite-wal"]
    assert facts.pages == PAGES


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_the_writer_keeps_its_locks_where_the_file_is_open_in_this_very_process(path, mode):
    """A plain close of the file would give them up, and two could write at once."""
    with opened(path, mode) as connection:
        connection.execute("BEGIN IMMEDIATE")
        looked(path)

        other = [sys.executable, "-c", WRITE, path]
        answer = subprocess.run(other, capture_output=True, text=True, check=False)

        connection.execute("COMMIT")
    assert "database is locked" in answer.stderr


WRITE = "import sqlite3,sys;sqlite3.connect(sys.argv[1],timeout=0).execute('DELETE FROM runs')"


def test_a_writer_is_not_held_up_by_what_looks(path):
    with opened(path) as connection:
        looked(path)
        checkpoint = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert checkpoint == (0, 0, 0)


def test_a_file_that_is_kept_locked_is_known_by_its_size_alone(path):
    with opened(path, "DELETE") as connection:
        connection.execute("BEGIN EXCLUSIVE")
        facts = looked(path)

    assert (facts.size_bytes, facts.read_seconds) == (PAGES * 4096, None)
    assert "keeps" in str(facts.trouble)
    assert "fuser" in str(facts.trouble)


def test_a_writer_in_wal_mode_locks_nobody_out(path):
    with opened(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM runs")
        facts = looked(path)

    assert facts.trouble is None


@pytest.mark.slow
def test_a_change_that_was_cut_off_is_left_to_its_program(path):
    with opened(path, "DELETE"):
        pass
    child = subprocess.run([sys.executable, "-c", KILLED_IN_A_CHANGE, path], check=False)
    before = files(path)

    facts = looked(path)

    assert child.returncode == -signal.SIGKILL
    assert "killed in the middle of a change" in str(facts.trouble)
    assert files(path) == before == ["database.sqlite", "database.sqlite-journal"]


def test_a_missing_file_may_come_yet(path):
    assert "does not exist" in refusal(path, SourceUnreachable)


def test_what_is_no_file_is_refused(path):
    path.mkdir()

    assert "is no file" in refusal(path)


def test_a_pipe_is_refused_and_not_waited_for(path):
    os.mkfifo(path)

    assert "is no file" in refusal(path)


def test_what_is_no_database_is_refused(path):
    path.write_bytes(os.urandom(20_000))

    assert "no SQLite file" in refusal(path)


def test_an_empty_file_is_an_empty_database(path):
    path.touch()

    facts = looked(path)

    assert (facts.pages, facts.free_share, facts.trouble) == (0, 0.0, None)


def test_a_file_that_was_cut_off_is_damaged(path):
    with opened(path, "DELETE"):
        pass
    os.truncate(path, 4096)

    reason = refusal(path)

    assert "damaged" in reason
    assert "integrity_check" in reason


def as_somebody_else(path):
    """What an agent sees that is neither root nor the owner."""
    somebody = account()
    found = subprocess.run(
        [
            *(sys.executable, "-B", "-c", AS_SOMEBODY_ELSE, path),
            *(str(somebody["user"]), str(somebody["group"])),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or found.stderr.strip().splitlines()[-1]


@pytest.fixture
def shared():
    """A file of root's in a folder that others may enter."""
    assert os.geteuid() == 0, "a second account is needed: run this as root"
    with scratch_folder("sqlite") as folder:
        os.chown(folder, 0, 0)
        yield folder / "database.sqlite"


@pytest.mark.slow
def test_in_a_folder_that_is_open_to_the_agent_no_file_of_its_own_can_appear(shared):
    with opened(shared):
        shared.parent.chmod(0o777)
        told = as_somebody_else(shared)

        assert all(beside(shared, end).stat().st_uid == 0 for end in ("", "-wal", "-shm"))
    assert " wal False" in told
    assert "may write in" in told
    assert files(shared) == ["database.sqlite"]


@pytest.mark.slow
def test_the_owner_can_still_write_after_somebody_looked_at_the_closed_file(shared):
    """A -wal that the look makes would be the looker's, and the owner's next write would fail."""
    with opened(shared):
        pass
    shared.parent.chmod(0o777)

    assert as_somebody_else(shared) == f"{PAGES} wal True"
    assert files(shared) == ["database.sqlite"]


@pytest.mark.slow
def test_in_a_folder_that_is_closed_to_the_agent_the_file_is_read_as_it_is(shared):
    with opened(shared):
        assert as_somebody_else(shared) == f"{PAGES} wal True"


@pytest.mark.slow
def test_files_beside_it_that_are_closed_are_named_with_the_cure(shared):
    with opened(shared):
        beside(shared, "-shm").chmod(0o400)
        told = as_somebody_else(shared)

    assert f"setfacl -m u:{USER}:r {shared}-wal {shared}-shm" in told


@pytest.mark.slow
def test_a_closed_file_and_a_closed_folder_are_named_with_the_cure(shared):
    with opened(shared):
        pass
    shared.chmod(0o600)
    file = as_somebody_else(shared)
    shared.parent.chmod(0o700)
    folder = as_somebody_else(shared)

    assert f"`setfacl -m u:{USER}:r {shared}`" in file
    assert f"`setfacl -m u:{USER}:x {shared.parent}`" in folder


USER = subprocess.run(
    ["id", "-un", str(account().get("user", os.geteuid()))],
    capture_output=True,
    text=True,
    check=True,
).stdout.strip()
