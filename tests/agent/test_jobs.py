"""The analyses on their way through the agent."""

import os
import sqlite3
from contextlib import closing

import pytest

from agent.jobs import ABANDON_EVERY_SECONDS, Jobs
from agent.sampling import Clocks
from data.home import Home
from sallim.ledger import Ledger

NOON = 1_763_899_200.0


class CannedStore:
    """Remembers what it was given."""

    def __init__(self):
        self.jobs = {}
        self.marks = {}

    def watermark(self, source):
        return self.marks.get(source, 0)

    def fold_jobs(self, rows, source, watermark):
        self.jobs |= {row[0]: row for row in rows}
        self.marks[source] = watermark


class Hands:
    """Two clocks that a test turns."""

    def __init__(self):
        self.monotonic = 0.0

    def clocks(self):
        return Clocks(wall=lambda: NOON + self.monotonic, monotonic=lambda: self.monotonic)


@pytest.fixture
def store():
    return CannedStore()


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def jobs(tmp_path, store, hands):
    return Jobs(tmp_path / "ledger.sqlite3", store, hands.clocks())


def test_while_nobody_writes_a_ledger_none_is_made(jobs, tmp_path):
    jobs.step()

    assert list(tmp_path.iterdir()) == []
    assert jobs.problem is None


def test_what_comes_to_the_door_reaches_the_store(jobs, store):
    job = {"job_id": "a", "name": "analysis", "state": "succeeded", "started_at": NOON}

    assert jobs.take([job]) == 1
    assert jobs.take([job]) == 0
    jobs.step()

    assert store.jobs["a"][6] == "succeeded"
    assert store.jobs["a"][8] == NOON


def test_the_first_job_at_the_door_makes_the_folder_of_the_ledger(tmp_path, store, hands):
    jobs = Jobs(Home(tmp_path).ledger, store, hands.clocks())
    jobs.step()
    assert list(tmp_path.iterdir()) == []

    jobs.take([{"job_id": "a", "name": "analysis", "state": "running"}])
    jobs.step()

    assert store.jobs["a"][6] == "running"
    assert Home(tmp_path).ledger_folder.stat().st_mode & 0o7777 == 0o700


def test_a_folder_that_belongs_to_somebody_else_is_a_problem_with_its_cure(tmp_path, store, hands):
    home = Home(tmp_path)
    home.ledger_folder.mkdir(0o000)
    jobs = Jobs(home.ledger, store, hands.clocks())
    me = os.geteuid()
    # Root may open everything, so it is somebody else for a moment.
    os.seteuid(65_534 if me == 0 else me)
    try:
        jobs.step()
    finally:
        os.seteuid(me)

    assert "this user may not write it" in str(jobs.problem)


def test_a_job_that_says_nonsense_is_named(jobs):
    with pytest.raises(ValueError, match="job 1: state is 'done'"):
        jobs.take(
            [
                {"job_id": "a", "name": "x", "state": "running"},
                {"job_id": "b", "name": "x", "state": "done"},
            ]
        )


def test_a_job_of_which_nothing_is_heard_for_a_day_is_given_up(jobs, store, hands):
    jobs.take([{"job_id": "a", "name": "x", "state": "running", "host": "elsewhere"}])
    jobs.step()
    assert store.jobs["a"][6] == "running"

    hands.monotonic += 86_400 + ABANDON_EVERY_SECONDS + 1
    jobs.step()

    assert store.jobs["a"][6] == "abandoned"


def test_a_ledger_that_cannot_be_read_is_a_problem_with_its_cure_until_it_can(
    jobs, tmp_path, store
):
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(b"no database at all" * 100)
    jobs.step()

    assert "ledger.sqlite3" in str(jobs.problem)
    path.unlink()
    ledger = Ledger.open(path)
    ledger.record_jobs([{"job_id": "a", "name": "x", "state": "running"}], 1)
    ledger.close()
    jobs.step()

    assert jobs.problem is None
    assert "a" in store.jobs


def test_an_older_program_goes_on_writing_beside_the_agent(jobs, store, tmp_path):
    jobs.take([{"job_id": "a", "name": "x", "state": "running"}])
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as newer:
        newer.execute("ALTER TABLE jobs ADD COLUMN of_a_later_version TEXT NOT NULL DEFAULT ''")
    newer.close()
    jobs.take([{"job_id": "b", "name": "x", "state": "running"}])
    jobs.step()

    assert set(store.jobs) == {"a", "b"}


def test_a_ledger_with_a_text_for_a_number_is_told_and_ends_nothing(jobs, tmp_path):
    jobs.take([{"job_id": "1", "name": "analysis", "state": "running"}])
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as hostile, hostile:
        hostile.execute("UPDATE jobs SET seq = 'last'")
    jobs.step()

    assert "the analyses are not read" in str(jobs.problem)
