"""Runs of workflows, things and jobs in the store: each once, however often it is handed over."""

from dataclasses import dataclass

import pytest

from data.home import Home
from data.ops.records import KEPT_SECONDS, forget_old
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.monitoring import Execution, Thing
from tests.data.stores import NOON

RUNNING = Execution("n8n:main", "w1", "100", "running", "trigger", NOON - 9, NOON - 5, None, NOON)
DONE = RUNNING._replace(status="success", stopped_at=NOON + 3.25, seen_at=NOON + 10)
JOB = (
    *("j1", "", "analysis", "", "video-1", "gpu-1", "running"),
    NOON,
    NOON + 1,
    None,
    None,
    "",
    1,
)


@dataclass
class Opened:
    store: Store

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with self.store._database.reading() as cursor:  # noqa: SLF001 (what is in the file)
            return cursor.execute(sql).fetchall()


@pytest.fixture
def opened(tmp_path):
    store = Store.open(Home(tmp_path), StoreLimits(free_min_bytes=0), NOON)
    yield Opened(store)
    store.close()


def test_a_run_is_one_row_that_says_how_it_is_now(opened):
    opened.store.record([RUNNING])
    opened.store.record([DONE, DONE])

    assert opened.rows(
        "SELECT status, epoch(queued_at), epoch(started_at), epoch(stopped_at) FROM executions"
    ) == [("success", NOON - 9, NOON - 5, NOON + 3.25)]


def test_of_two_states_in_one_batch_the_later_one_counts(opened):
    opened.store.record([RUNNING, DONE])

    assert opened.rows("SELECT status FROM executions") == [("success",)]


def test_the_same_number_of_another_source_is_another_run(opened):
    opened.store.record([DONE, DONE._replace(source="n8n:second")])

    assert opened.rows("SELECT count(*) FROM executions") == [(2,)]


def test_any_name_is_kept_as_it_is_and_bytes_that_are_no_text_cost_nothing_else(opened):
    names = [
        "'; DROP TABLE things; --",
        "<b>영상 🎬</b>",
        '"quoted"',
        "half \ud83c pair",
        "zero\0byte",
    ]
    opened.store.record(
        [Thing("workflow", "n8n:main", str(n), name, "{}", NOON) for n, name in enumerate(names)]
    )

    stored = [name for (name,) in opened.rows("SELECT name FROM things ORDER BY id")]
    assert stored == [*names[:3], "half ? pair", "zero?byte"]


def test_two_thousand_runs_twice_are_two_thousand(opened):
    runs = [DONE._replace(execution_id=str(n)) for n in range(2000)]
    opened.store.record(runs)
    opened.store.record(runs)

    assert opened.rows("SELECT count(*), count(DISTINCT execution_id) FROM executions") == [
        (2000, 2000)
    ]


def test_a_job_and_how_far_the_ledger_was_read_are_stored_together(opened):
    opened.store.fold_jobs([JOB], "jobs:a", 1)
    ended = (*JOB[:6], "succeeded", NOON, NOON + 1, NOON + 61, 60.0, "", 2)
    opened.store.fold_jobs([ended], "jobs:a", 2)

    assert opened.store.watermark("jobs:a") == 2
    assert opened.store.watermark("jobs:b") == 0
    assert opened.rows("SELECT state, duration_seconds, seq FROM jobs") == [("succeeded", 60.0, 2)]


def test_what_is_past_its_time_goes(opened):
    old = DONE._replace(execution_id="old", seen_at=NOON - KEPT_SECONDS - 1)
    opened.store.record([old, DONE, Thing("workflow", "n8n:main", "w1", "w", "{}", old.seen_at)])
    opened.store.fold_jobs([JOB], "jobs:a", 1)
    with opened.store._database.transaction() as connection:  # noqa: SLF001
        forget_old(connection, NOON)

    assert opened.rows("SELECT execution_id FROM executions") == [("100",)]
    assert opened.rows("SELECT count(*) FROM things") == [(0,)]
    assert opened.rows("SELECT count(*) FROM jobs") == [(1,)]
