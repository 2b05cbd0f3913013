"""Rows that wait for a place that does not answer."""

import pytest

from sallim import backlog
from sallim.backlog import Backlog, NotNow
from tests.processes import until
from tests.sallim.rows import row

pytestmark = pytest.mark.slow


class Place:
    """Takes rows where it is open, and remembers them."""

    def __init__(self, is_open=True):
        self.is_open = is_open
        self.taken = []
        self.told = []

    def deliver(self, rows):
        if not self.is_open:
            raise NotNow("closed")
        self.taken += rows


def test_a_backlog_drops_the_oldest_and_counts_them():
    place = Place(is_open=False)
    waiting = Backlog(place.deliver, place.told.append, rows_max=3)
    for number in range(10):
        waiting.add(row(f"{number}"))
    place.is_open = True
    waiting.stop(5)

    assert [job.job_id for job in place.taken] == ["7", "8", "9"]
    assert waiting.dropped == 7
    assert len(waiting) == 0


def test_a_backlog_tells_a_job_that_is_over_once():
    place = Place()
    waiting = Backlog(place.deliver, place.told.append)
    waiting.add(row("a"))
    waiting.add(row("b"))
    waiting.add(row("a", "succeeded"))
    waiting.stop(5)

    assert [(job.job_id, job.state) for job in place.taken] == [
        ("b", "running"),
        ("a", "succeeded"),
    ]


def test_a_backlog_tries_again_and_loses_nothing(monkeypatch):
    monkeypatch.setattr(backlog, "PAUSE_SECONDS", (0.01,))
    place = Place(is_open=False)
    waiting = Backlog(place.deliver, place.told.append)
    for number in range(450):
        waiting.add(row(f"{number}"))
    until(lambda: place.told)
    place.is_open = True
    until(lambda: not waiting)

    assert [job.job_id for job in place.taken] == [f"{number}" for number in range(450)]
    waiting.stop(5)
