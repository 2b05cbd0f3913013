"""kill -9 at any moment, four programs at once: nothing is lost, nothing is half."""

import random
import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import Ledger
from tests.sallim.killing import FORKING, work_until_killed

pytestmark = pytest.mark.slow

PROGRAMS, ROUNDS = 4, 10


class Watcher:
    """A reader with a watermark: what it has seen of each job."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.watermark = 0
        self.seen = {}

    def look(self):
        while changed := self.ledger.jobs_since(self.watermark, 100):
            for job in changed:
                assert job.seq > self.watermark
                self.watermark = job.seq
                self.seen[job.job_id] = job


def killed_at_random(path, chance, watcher):
    """What four programs said they had done, each killed after its own time: {id: ended}."""
    programs = []
    for _ in range(PROGRAMS):
        receiving, sending = FORKING.Pipe(duplex=False)
        process = FORKING.Process(target=work_until_killed, args=(path, sending))
        process.start()
        sending.close()
        programs.append((process, receiving))
    said = {}
    for process, receiving in programs:
        said |= dict([receiving.recv()])
        process.join(chance.uniform(0.0, 0.1))
        watcher.look()
        assert process.is_alive(), "the program ended by itself"
        process.kill()
        while True:
            try:
                job_id, ended = receiving.recv()
            except EOFError:
                break
            said[job_id] = ended or said.get(job_id, False)
        process.join()
    return said


def test_nothing_that_was_said_is_lost_however_often_programs_are_killed(tmp_path):
    chance = random.Random(20_251_125)  # noqa: S311 a test that repeats itself
    path = str(tmp_path / "ledger.sqlite3")
    ledger = Ledger.open(path)
    watcher = Watcher(ledger)
    said = {}
    for _ in range(ROUNDS):
        said |= killed_at_random(path, chance, watcher)
    ledger.abandon(0)
    watcher.look()

    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        final = dict(file.execute("SELECT job_id, state FROM jobs"))
        changes = file.execute(
            "SELECT count(*), count(DISTINCT seq), max(seq) FROM jobs"
        ).fetchone()
    assert {job_id: job.state for job_id, job in watcher.seen.items()} == final
    assert changes[0] == changes[1]
    assert changes[2] == ledger.last_seq()
    for job_id, ended in said.items():
        allowed = {"succeeded"} if ended else {"succeeded", "abandoned"}
        assert final[job_id] in allowed
    assert "running" not in final.values()
    assert list(final.values()).count("abandoned") > PROGRAMS * ROUNDS / 2
    ledger.close()
