"""kill -9 at any moment: what was accepted is done once, and the audit is whole."""

import random
import subprocess
import sys
import time

import pytest

from data.audit import after, all_of
from data.requests import recent, unfinished
from models.audit import verify
from tests.agent.requests.killed import service_in
from tests.data.stores import home_in
from tests.processes import ROOT

pytestmark = pytest.mark.slow

KILLS = 12


def test_after_each_kill_every_accepted_request_was_done_once(tmp_path):
    home, chance = home_in(tmp_path), random.Random(5)  # noqa: S311 any moments will do
    for _ in range(KILLS):
        words = [sys.executable, "-m", "tests.agent.requests.killed", str(home.path)]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as child:
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 0.15))
            child.kill()
        rows, head = all_of(home.control)
        assert verify(rows, head).broken == ""

        requests, control, lines = service_in(home)
        assert len(unfinished(control)) <= 1
        requests.step()

        done = [row.request_id for row in after_all(control) if row.step == "done"]
        accepted = [row.request_id for row in after_all(control) if row.step == "accepted"]
        assert not unfinished(control)
        assert sorted(lines.all()) == sorted(done) == sorted(accepted)
        assert len(set(done)) == len(done)
        assert {row.state for row in recent(control)} <= {"done"}
        assert verify(*whole(control)).broken == ""
        control.close()
    assert accepted


def after_all(control):
    return whole(control)[0]


def whole(control):
    rows = []
    while True:
        more, head = after(control, rows[-1].seq if rows else 0)
        if not more:
            return rows, head
        rows += more
