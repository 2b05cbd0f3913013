"""A loop on a thread of its own."""

import threading
import time

from agent.sampling import Clocks
from agent.ticking import Ticking
from tests.processes import until


def test_a_step_that_fails_is_logged_and_taken_again(caplog):
    taken = []

    def step():
        taken.append(time.monotonic())
        if len(taken) == 1:
            raise RuntimeError("no such table")

    loop = Ticking("budget", step, 0.01, Clocks())
    before = loop.ticked_at
    loop.start()
    until(lambda: len(taken) > 3, 5)

    assert loop.stop(5)
    assert "budget failed and will run again" in caplog.text
    assert loop.ticked_at > before


def test_the_end_waits_for_the_step_that_runs_but_not_for_ever():
    began, may_end = threading.Event(), threading.Event()

    def step():
        began.set()
        may_end.wait(5)

    loop = Ticking("budget", step, 60, Clocks())
    loop.start()
    assert began.wait(5)
    assert not loop.stop(0.05)
    may_end.set()

    assert loop.stop(5)
