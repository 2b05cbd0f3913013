"""From the ledger to the store: nothing missing, nothing twice, whatever happens in between."""

import sqlite3
from contextlib import closing

import pytest

from data.jobs import MICROSECONDS, fold_step
from data.ops.records import forget_watermarks
from data.ops.report import StoreLimits
from data.ops.store import Store
from sallim.ledger import Ledger
from tests.data.stores import NOON, home_in

NOW_US = NOON * MICROSECONDS


def told(number, state="running", **more):
    return {
        "job_id": f"job-{number}",
        "name": "analysis",
        "key": f"video-{number}",
        "state": state,
        "started_us": NOW_US,
        **more,
    }


@pytest.fixture
def home(tmp_path):
    return home_in(tmp_path)


@pytest.fixture
def store(home):
    store = Store.open(home, StoreLimits(free_min_bytes=0), NOON)
    yield store
    store.close()


@pytest.fixture
def ledger(home):
    ledger = Ledger.open(home.ledger)
    yield ledger
    ledger.close()


def jobs(store):
    with store._database.reading() as cursor:  # noqa: SLF001 (what is in the file)
        return cursor.execute(
            "SELECT job_id, state, duration_seconds, key, error FROM jobs ORDER BY job_id"
        ).fetchall()


def test_a_job_comes_over_and_again_when_it_has_ended(ledger, store):
    ledger.record_jobs([told(1)], NOW_US)
    assert fold_step(ledger, store) == 1
    ledger.record_jobs(
        [told(1, "failed", ended_us=NOW_US + 5, duration_us=1_500_000, error="api_key=abcd1234")],
        NOW_US,
    )
    assert fold_step(ledger, store) == 1

    assert fold_step(ledger, store) == 0
    assert jobs(store) == [("job-1", "failed", 1.5, "video-1", "api_key=[redacted]")]


def test_more_than_a_batch_comes_in_batches(ledger, store):
    ledger.record_jobs([told(number) for number in range(4500)], NOW_US)

    assert [fold_step(ledger, store) for _ in range(4)] == [2000, 2000, 500, 0]
    assert len(jobs(store)) == 4500


def test_a_store_that_lost_how_far_it_was_reads_all_again_and_counts_nothing_twice(ledger, store):
    ledger.record_jobs([told(number) for number in range(10)], NOW_US)
    fold_step(ledger, store)
    with store._database.transaction() as connection:  # noqa: SLF001
        connection.execute("DELETE FROM jobs WHERE job_id < 'job-5'")
        forget_watermarks(connection)

    assert fold_step(ledger, store) == 10
    assert len(jobs(store)) == 10


def test_a_ledger_made_anew_is_read_from_its_beginning(home, ledger, store):
    ledger.record_jobs([told(number) for number in range(10)], NOW_US)
    fold_step(ledger, store)
    ledger.close()
    for file in home.ledger_folder.glob("ledger.sqlite3*"):
        file.unlink()
    fresh = Ledger.open(home.ledger)
    fresh.record_jobs([told(99)], NOW_US)

    assert fold_step(fresh, store) == 1
    assert len(jobs(store)) == 11
    fresh.close()


def test_an_older_copy_of_the_ledger_that_was_put_back_is_read_whole(home, ledger, store):
    ledger.record_jobs([told(1)], NOW_US)
    ledger.close()
    copies = {file: file.read_bytes() for file in home.ledger_folder.glob("ledger.sqlite3*")}
    ledger.record_jobs([told(number) for number in range(2, 10)], NOW_US)
    fold_step(ledger, store)
    ledger.close()
    for file, content in copies.items():
        file.write_bytes(content)
    older = Ledger.open(home.ledger)
    older.record_jobs([told(77)], NOW_US)
    fold_step(older, store)
    older.close()

    assert len(jobs(store)) == 10


@pytest.mark.parametrize("value", ["'soon'", "x'00ff'", "9e999", "-9e999", "9223372036854775807"])
def test_a_row_that_another_program_filled_with_anything_stops_nothing(ledger, store, home, value):
    ledger.record_jobs([told(1), told(2)], NOW_US)
    with closing(sqlite3.connect(home.ledger)) as hostile, hostile:
        hostile.execute(
            f"UPDATE jobs SET started_us = {value}, duration_us = {value}, error = {value}, "  # noqa: S608
            f"state = {value}, host = {value} WHERE job_id = 'job-1'"
        )

    assert fold_step(ledger, store) == 2
    assert [row[0] for row in jobs(store)] == ["job-1", "job-2"]
