import pytest

from models.cards import cards_of, state_of
from models.monitoring import State
from models.views import View
from tests.models.test_tiles import NOW, live, series, source

ID = {"hw__id": "GPU-8c1e", "hw__name": "RTX 4090"}
IN_USE = series("hw.gpu.utilization", 0.5, **ID, hw__gpu__task="general")
HOT = series("hw.gpu.throttle", 1.0, **ID, reason="hw thermal")
OK = series("hw.errors", 0.0, **ID, error__type="lost")


def card(*found):
    [only] = cards_of(live(*found), "vps")
    return only


def test_a_card_at_work_says_what_holds_it_back():
    seen = card(IN_USE, HOT, OK)

    assert seen.value("hw.gpu.utilization") == 0.5
    assert (seen.throttled_by, seen.is_lost, seen.asleep) == (("hw thermal",), False, False)


@pytest.mark.parametrize(
    ("last", "is_lost", "asleep"),
    [
        (series("hw.errors", 1.0, at=NOW, **ID, error__type="lost"), True, False),
        (series("hw.gpu.asleep", 1.0, at=NOW, **ID), False, True),
    ],
)
def test_what_a_lost_or_sleeping_card_said_before_counts_no_longer(last, is_lost, asleep):
    seen = card(IN_USE, HOT, OK, last)

    assert (seen.is_lost, seen.asleep) == (is_lost, asleep)
    assert seen.value("hw.gpu.utilization") is None
    assert seen.throttled_by == ()


@pytest.mark.parametrize(
    ("sources", "silent", "later_seconds", "state"),
    [
        ((source("gpu"),), False, 0, State.PRESENT),
        ((source("gpu"),), False, 60, State.STALE),
        ((source("gpu", State.ERROR),), False, 0, State.ERROR),
        ((), True, 0, State.STALE),
    ],
)
def test_a_card_is_as_present_as_its_last_values(sources, silent, later_seconds, state):
    found = live(IN_USE, sources=sources)

    assert state_of(card(IN_USE), View(found, silent), NOW + later_seconds) is state


def test_a_card_that_is_only_remembered_is_absent():
    [remembered] = cards_of(live(), "vps", [IN_USE.key])

    assert state_of(remembered, View(live(), silent=False), NOW) is State.ABSENT
