"""A fit of the page goes on in its own thread, one at a time, and can be called off."""

import threading

import pytest

from models.demand.shapes import Done, Measured, Work
from models.messages import say
from pages.parts.demand_fit import CALLED_OFF, PageFit

WORK = Work("calls", "compare", Measured(0, 3_600, (1.0, 2.0)), "Asia/Seoul", 7_200, {})
PATIENCE_SECONDS = 20


class Slow:
    """Fits until it is let go or called off."""

    def __init__(self, tell):
        self.tell, self.go_on, self.begun = tell, threading.Event(), threading.Event()
        self.is_cancelled = False

    def run(self, works):
        for work in works:
            self.tell(work.key, 0.5, say("theta"))
            self.begun.set()
            self.go_on.wait(PATIENCE_SECONDS)
            if self.is_cancelled:
                return
            yield Done(work.key, work.kind, [])

    def cancel(self):
        self.is_cancelled = True
        self.go_on.set()


class Broken(Slow):
    def run(self, works):
        raise OSError("no room")


@pytest.fixture
def place():
    return threading.Semaphore(1)


def fit(place, kind=Slow):
    made = []

    def make(tell):
        made.append(kind(tell))
        return made[0]

    return PageFit([WORK], place, make).start(), made[0]


def test_it_says_how_far_it_is_and_what_came_of_it(place):
    page_fit, slow = fit(place)
    slow.begun.wait(PATIENCE_SECONDS)
    assert (page_fit.goes_on, page_fit.part, str(page_fit.what)) == (True, 0.5, "theta")

    slow.go_on.set()

    assert page_fit.wait(PATIENCE_SECONDS)
    assert page_fit.done == (Done("calls", "compare", []),)
    assert page_fit.problem is None


def test_called_off_it_ends_and_says_so(place):
    page_fit, slow = fit(place)
    slow.begun.wait(PATIENCE_SECONDS)

    page_fit.call_off()

    assert page_fit.wait(PATIENCE_SECONDS)
    assert page_fit.problem == CALLED_OFF
    assert page_fit.done == ()


def test_a_second_one_waits_for_the_first_and_can_be_called_off_meanwhile(place):
    first, slow = fit(place)
    slow.begun.wait(PATIENCE_SECONDS)
    second, other = fit(place)

    second.call_off()

    assert second.wait(PATIENCE_SECONDS)
    assert (second.problem, other.begun.is_set()) == (CALLED_OFF, False)
    slow.go_on.set()
    assert first.wait(PATIENCE_SECONDS)


def test_the_place_is_free_again_after_a_fit_that_broke(place):
    broken, _ = fit(place, Broken)
    assert broken.wait(PATIENCE_SECONDS)
    assert "no room" in str(broken.problem)

    page_fit, slow = fit(place)
    slow.go_on.set()

    assert page_fit.wait(PATIENCE_SECONDS)
    assert page_fit.problem is None
