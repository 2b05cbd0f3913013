"""Fits apart: whatever becomes of a child, each work comes back done or with its reason."""

import math
import sys
import threading
from pathlib import Path

import psutil
import pytest

from data.fitting.apart import Fitting, Patience, fit
from models.demand.shapes import Forecast, Measured, Recipe, Work
from models.messages import Message
from tests.processes import until

pytestmark = pytest.mark.slow

FAULTY = (sys.executable, str(Path(__file__).parents[2] / "faults" / "dying_fitter.py"))
HOUR = 3_600
START_AT = 1_789_999_200
DAYS = 8


def work(key: str, kind="daily", seconds_max: float = 20.0, days: int = DAYS, **args) -> Work:
    values = tuple(50 + 20 * math.sin(hour * math.tau / 24) for hour in range(24 * days))
    measured = Measured(START_AT, HOUR, values)
    asked = {"recipe": Recipe("seasonal_naive").as_json(), "steps": 24, **args}
    return Work(key, kind, measured, "Asia/Seoul", measured.end_at, asked, seconds_max)


def faulty(keys, silence_seconds=240.0, **more):
    fitting = Fitting(patience=Patience(silence_seconds), command=FAULTY)
    return {done.key: done for done in fitting.run(work(key, **more) for key in keys)}


def children() -> set[int]:
    return {
        child.pid for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE
    }


def test_works_come_back_in_their_order_from_one_child():
    before, seen = children(), []

    def works():
        for key in ("videos", "calls", "won"):
            seen.append(children() - before)
            yield work(key)

    done = list(fit(works()))

    assert [each.key for each in done] == ["videos", "calls", "won"]
    assert [each.problem for each in done] == [None, None, None]
    forecast = Forecast.from_json(done[0].answer)
    assert forecast.target == "videos"
    assert len(forecast.means) == 24
    assert not seen[0]
    assert seen[1] == seen[2] != set()
    assert children() == before


def test_a_fit_without_enough_history_says_so_and_the_next_one_goes_on():
    poor, rich = fit([work("poor", days=0), work("rich")])

    assert poor.answer is None
    assert isinstance(poor.problem, Message)
    assert rich.problem is None


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("SIGKILL", "ended (signal 9)"),
        ("SIGSEGV", "ended (signal 11)"),
        ("exit", "ended with code 3"),
        ("fail", "failed (IndexError: nothing there)"),
        ("nan", "no finite numbers"),
    ],
)
def test_what_ends_a_fit_is_told_and_costs_the_others_nothing(key, told):
    done = faulty(["before", key, "after"])

    assert told in str(done[key].problem)
    assert done[key].answer is None
    assert done["before"].problem is done["after"].problem is None


def test_a_fit_that_computes_without_end_is_ended_by_its_time():
    done = faulty(["spin", "after"], seconds_max=0.5)

    assert "did not end within 0.5 s" in str(done["spin"].problem)
    assert done["after"].problem is None


def test_a_fit_that_does_nothing_at_all_is_ended_as_well():
    """No other beside it: on a busy machine a child may need longer to load what fits."""
    done = faulty(["hang"], 5.0)

    assert "no sign of life for 5 s" in str(done["hang"].problem)


def test_a_third_death_is_the_last():
    done = faulty(["SIGKILL", "SIGSEGV", "SIGBUS", "after"])

    assert "the process that fits ended 3 times" in str(done["after"].problem)


def test_what_is_printed_by_a_library_is_no_answer():
    done = faulty(["noise"])

    assert done["noise"].problem is None
    assert done["noise"].answer is not None


def test_a_child_that_is_killed_from_outside_is_followed_by_another():
    before, done = children(), {}

    def works():
        yield work("first")
        (child,) = children() - before
        psutil.Process(child).kill()
        yield work("second")
        yield work("third")

    for each in fit(works()):
        done[each.key] = each.problem

    assert "signal 9" in str(done["second"])
    assert done["first"] is done["third"] is None
    assert children() == before


def test_a_child_that_takes_nothing_in_does_not_hold_us():
    """More than a pipe takes, for a process that never reads."""
    silent = (sys.executable, "-c", "import time; time.sleep(1_000)")
    (done,) = Fitting(patience=Patience(0.3), command=silent).run([work("x", days=2_000)])

    assert "no sign of life" in str(done.problem)


def test_a_process_that_cannot_be_started_is_a_reason():
    (done,) = Fitting(command=("/nowhere/python",)).run([work("x")])

    assert "no process could be started" in str(done.problem)


def test_called_off_by_another_thread_it_gives_nothing_more():
    before, done = children(), []
    fitting = Fitting(command=FAULTY)
    thread = threading.Thread(
        target=lambda: done.extend(fitting.run([work("hang"), work("after")]))
    )
    thread.start()
    until(lambda: children() - before)
    fitting.cancel()
    thread.join(30)

    assert not thread.is_alive()
    assert done == []
    assert children() == before


def test_whoever_stops_listening_leaves_no_child_behind():
    before = children()
    answers = fit([work("first"), work("second")])
    next(answers)
    assert children() != before

    answers.close()

    assert children() == before
