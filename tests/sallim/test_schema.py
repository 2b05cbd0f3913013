"""Programs with older versions of the package keep writing to a file that a newer one migrated."""

import itertools
import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import Ledger
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Asked
from sallim.ledger.schema import MIGRATIONS, migrate
from tests.processes import until
from tests.sallim.money import MONTHS, asked, budget, settlement, used
from tests.sallim.rows import program, row

NEXT = (
    "ALTER TABLE jobs ADD COLUMN cost_micro INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE later (later_id TEXT PRIMARY KEY NOT NULL, seq INTEGER NOT NULL)",
)
"""What a version after this one may do."""

WRITING = """
import itertools, sallim
for number in itertools.count():
    with sallim.job("analysis", key=str(number)):
        pass
    print(number, flush=True)
"""


def columns(connection):
    """Of every table: its columns as they were declared."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables}


def unique_columns(connection):
    found = set()
    for table in columns(connection):
        for index in connection.execute(f"PRAGMA index_list({table})").fetchall():
            if index[2]:
                names = connection.execute(f"PRAGMA index_info({index[1]})").fetchall()
                found.add((table, *(name for *_, name in names)))
    return found


@pytest.mark.parametrize("number", range(1, len(MIGRATIONS) + 1))
def test_a_step_only_adds(number):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, MIGRATIONS[: number - 1])
        before, unique = columns(connection), unique_columns(connection)
        migrate(connection, MIGRATIONS[:number])
        after = columns(connection)

        for table, known in before.items():
            assert after[table][: len(known)] == known, f"step {number} changes {table}"
            for _, name, _, required, default, _ in after[table][len(known) :]:
                assert not required or default is not None, f"{table}.{name} needs a default"
        fresh = unique_columns(connection) - unique
        assert not {table for table, *_ in fresh} & set(before), "an older writer would be refused"
        triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
        assert connection.execute(triggers).fetchone() == (0,)


def test_a_file_of_a_newer_version_is_written_and_read_on(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        migrate(newer, (*MIGRATIONS, NEXT))
    ledger = Ledger.open(path)
    ledger.start_job(row("a"))
    ledger.end_job(row("a", "succeeded"))
    ledger.put_jobs([row("a", key="video-18"), row("b")])

    assert [job.job_id for job in ledger.jobs_since(0, 10)] == ["a", "b"]
    ledger.close()
    with closing(sqlite3.connect(path)) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS) + 1,)
        assert newer.execute("SELECT cost_micro FROM jobs").fetchall() == [(0,), (0,)]


def test_a_file_of_an_older_version_is_brought_up_to_date_once(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger.open(path).close()
    for _ in range(2):
        with closing(sqlite3.connect(path, isolation_level=None)) as newer:
            migrate(newer, (*MIGRATIONS, NEXT))
            assert "later" in columns(newer)


def test_a_step_that_fails_leaves_nothing(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    Ledger.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        before = columns(newer)
        with pytest.raises(sqlite3.OperationalError):
            migrate(newer, (*MIGRATIONS, (*NEXT, "CREATE TABLE")))

        assert columns(newer) == before
        assert newer.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


@pytest.mark.slow
def test_a_program_that_runs_while_the_file_is_migrated_writes_on_untroubled(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    older = program(WRITING, SALLIM_LEDGER=str(path))
    try:
        assert older.stdout.readline() == "0\n"
        ledger = Ledger.open(path)
        with closing(sqlite3.connect(path, isolation_level=None)) as newer:
            newer.execute("PRAGMA busy_timeout = 5000")
            migrate(newer, (*MIGRATIONS, NEXT))
        migrated_at = ledger.last_seq()
        until(lambda: ledger.last_seq() > migrated_at + 200)
    finally:
        older.kill()
        _, told = older.communicate()

    assert told == ""
    ledger.close()


@pytest.mark.slow
def test_many_programs_may_make_the_file_at_the_same_moment(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    code = "import sallim\nwith sallim.job('analysis'): pass"
    programs = [program(code, SALLIM_LEDGER=str(path)) for _ in range(6)]

    assert [each.communicate()[1] for each in programs] == [""] * 6
    ledger = Ledger.open(path)
    assert [job.state for job in ledger.jobs_since(0, 10)] == ["succeeded"] * 6
    ledger.close()


def test_calls_of_a_program_that_knows_no_hashes_are_read_beside_those_that_have_them(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    known = asked()._asdict()
    without = {name: known[name] for name in known if name not in Asked._field_defaults}
    names = ", ".join(without)
    marks = ", ".join("?" * len(without))
    put = f"""
        INSERT INTO calls (seq, {names}, state, updated_us)
        VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM calls), {marks}, 'open', 1)
    """  # noqa: S608  names of our own
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        migrate(older, MIGRATIONS[:2])
        older.execute(put, list({**without, "buckets": "total"}.values()))
        accounts = Accounts.open(path)
        accounts.put_budgets([budget(cap_micro=10**9)], MONTHS)
        accounts.reserve(asked("new", prompt_hash="0" * 32, output_max=7))
        older.execute(put, list({**without, "call_id": "late", "buckets": "total"}.values()))
    told = {row.call_id: (row.prompt_hash, row.output_max) for row in accounts.calls_since(0, 9)}
    salts = {accounts.prompt_salt(), Accounts.open(path).prompt_salt()}
    accounts.close()

    assert told == {"a": ("", 0), "new": ("0" * 32, 7), "late": ("", 0)}
    assert [len(salt) for salt in salts] == [32]


JOBS_ONLY = """
import itertools, sys
from sallim.ledger import Ledger, file, schema
schema.MIGRATIONS = schema.MIGRATIONS[:1]
file.migrate.__defaults__ = (schema.MIGRATIONS,)
from tests.sallim.rows import row
ledger = Ledger.open(sys.stdin.readline().strip())
for number in itertools.count():
    ledger.start_job(row(str(number)))
    ledger.end_job(row(str(number), "succeeded"))
    print(number, flush=True)
"""
"""A version that knows nothing of money."""


@pytest.mark.slow
def test_money_comes_into_a_file_to_which_an_older_program_writes(tmp_path):
    path = tmp_path / "ledger.sqlite3"
    older = program(JOBS_ONLY)
    try:
        older.stdin.write(f"{path}\n")
        older.stdin.flush()
        assert older.stdout.readline() == "0\n"
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA user_version").fetchone() == (1,)
        ledger = Ledger.open(path)
        ledger.accounts.put_budgets([budget(cap_micro=10_000)], MONTHS)
        begun = ledger.last_seq()
        for number in itertools.count():
            ledger.accounts.reserve(asked(f"{number}", 1))
            ledger.accounts.settle(f"{number}", 1, settlement(1))
            if ledger.last_seq() > begun + 200 and number > 200:
                break
    finally:
        older.kill()
        _, told = older.communicate()

    assert told == ""
    assert [call.seq for call in ledger.accounts.calls_since(0, 10_000)] == [
        *range(2, 2 * number + 3, 2)
    ]
    assert used(ledger.accounts)["total"] == (number + 1, 0, 0)
    ledger.close()
