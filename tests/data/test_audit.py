"""The audit in its file: rows are only added, and a file that is damaged or forged says so."""

import sqlite3
from contextlib import closing

import pytest

from data.audit import Audit, after, all_of
from data.control import Control, insert
from data.home import Home
from data.ops.control_opening import open_control
from data.ops.quarantine import Quarantine
from models.audit import Entry, verify
from models.errors import StoreError
from models.requests import Actor, Request
from models.requests.kept import kept
from tests.data.stores import NOON

OWNER = Actor("minji", "owner")


@pytest.fixture
def path(tmp_path):
    """A file with three rows."""
    path = tmp_path / "control.sqlite3"
    control = Control.open(path)
    write(control, 3)
    control.close()
    return path


def write(control: Control, count: int) -> None:
    for number in range(count):
        entry = Entry(NOON + number, "accepted", f"r{number}", OWNER, "raise", "api", {}, {}, "so")
        Audit(control).append(entry)


def tampered(path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_rows_outlive_the_agent_and_are_read_without_one(path):
    rows, head = all_of(path)

    assert [row.seq for row in rows] == [1, 2, 3]
    assert verify(rows, head) == (3, "")
    control = Control.open(path)
    write(control, 1)
    assert verify(*after(control, 0)) == (4, "")
    assert [row.seq for row in after(control, 2)[0]] == [3, 4]
    control.close()


def test_while_an_agent_holds_the_file_nobody_else_reads_it(path):
    control = Control.open(path)

    with pytest.raises(StoreError, match="another process holds it"):
        all_of(path)
    control.close()


def test_rows_that_were_cut_off_are_missed(path):
    tampered(path, "DELETE FROM audit WHERE seq > 1")

    assert verify(*all_of(path)) == (1, "row 2 is missing, and all up to 3")


def test_after_its_head_is_lost_no_row_is_written_over(path):
    tampered(path, "DELETE FROM audit_head")
    assert verify(*all_of(path)).broken == "the head is missing, so the last rows may be, too"

    control = Control.open(path)
    write(control, 1)

    assert [row.seq for row in after(control, 0)[0]] == [1, 2, 3, 4]
    control.close()


def test_a_row_that_a_disk_has_changed_is_named_also_after_the_file_is_made_anew(path, tmp_path):
    tampered(path, "UPDATE audit SET who = 'nobody' WHERE seq = 2")
    control, is_anew = open_control(path, Quarantine(Home(tmp_path), NOON))

    assert is_anew
    assert verify(*after(control, 0)) == (1, "row 2 is missing")
    write(control, 1)
    assert [row.seq for row in after(control, 0)[0]] == [1, 3, 4]
    control.close()


def test_a_file_of_an_older_version_has_no_audit(tmp_path):
    path = tmp_path / "control.sqlite3"
    tampered(path, "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL)")

    assert all_of(path) == ([], None)


def asked_for(path) -> None:
    """A request, as it is kept beside its row of the audit."""
    control = Control.open(path)
    row = kept(Request("acknowledge", "n8n", {}, "so"), "r-1", OWNER, NOON)
    with control.transaction() as connection:
        insert(connection, "requests", [row])
    control.close()


@pytest.mark.parametrize(
    "statements",
    [("DELETE FROM audit", "DELETE FROM audit_head"), ("DROP TABLE audit",)],
)
def test_an_audit_of_which_nothing_is_left_is_not_intact(path, statements):
    asked_for(path)
    tampered(path, *statements)

    assert verify(*all_of(path)) == (0, "row 1 is missing, and all up to 1")


def test_after_all_of_it_was_taken_out_the_next_row_does_not_make_it_whole(path):
    asked_for(path)
    tampered(path, "DELETE FROM audit", "DELETE FROM audit_head")
    control = Control.open(path)

    write(control, 1)

    assert verify(*after(control, 0)) == (0, "row 1 is missing")
    control.close()


def test_a_row_that_holds_what_no_row_holds_is_named(path):
    tampered(path, "UPDATE audit SET before = x'ff' WHERE seq = 2")

    assert verify(*all_of(path)) == (1, "row 2 is not as it was written")
