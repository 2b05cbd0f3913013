"""A fork in the middle of everything, with threads that write."""

import ctypes
import os
import sqlite3
import threading
from contextlib import closing

import pytest

import sallim
from sallim.ledger import Ledger
from sallim.recording import flush
from tests.sallim.rows import row

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def in_child(work):
    """The exit code of a forked child that does it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def test_children_and_parent_write_on_while_threads_of_the_parent_write(kept):
    over = threading.Event()

    def write():
        while not over.is_set():
            with sallim.job("thread"):
                pass

    def work():
        for _ in range(20):
            with sallim.job("child"):
                pass
        # What found the file locked for long waits; `os._exit` passes over the end that flushes.
        flush(10)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    codes = [in_child(work) for _ in range(10)]
    over.set()
    for thread in threads:
        thread.join()

    assert codes == [0] * 10
    rows = kept.jobs_since(0, 1_000_000)
    assert sum(job.name == "child" for job in rows) == 200
    assert {job.state for job in rows} == {"succeeded"}
    with closing(sqlite3.connect(kept.path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_child_outlives_its_parents_ledger(tmp_path):
    """What a child writes stays, although the parent was the one that had opened the file."""
    ledger = Ledger.open(tmp_path / "ledger.sqlite3")
    ledger.start_job(row("parent"))
    may_end, told_to = os.pipe()

    child = os.fork()
    if not child:
        code = 1
        try:
            ledger.start_job(row("before"))
            os.read(may_end, 1)
            ledger.start_job(row("after"))
            code = 0
        finally:
            os._exit(code)
    while ledger.last_seq() < 2:
        pass
    ledger.close()
    os.write(told_to, b".")
    assert os.waitpid(child, 0)[1] == 0

    assert {job.job_id for job in ledger.jobs_since(0, 10)} == {"parent", "before", "after"}
    ledger.close()


def test_a_fork_that_python_was_not_told_of_is_noticed(ledger):
    """As programs written in C fork, that run Python within."""
    ledger.start_job(row("a"))
    child = ctypes.PyDLL(None).fork()
    if not child:
        code = 1
        try:
            ledger.start_job(row("b"))
            code = 0
        finally:
            os._exit(code)

    assert os.waitpid(child, 0)[1] == 0
    ledger.start_job(row("c"))
    assert [job.job_id for job in ledger.jobs_since(0, 10)] == ["a", "b", "c"]
