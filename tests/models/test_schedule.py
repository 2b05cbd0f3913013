from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.messages import say
from models.monitoring import State, Timing
from models.schedule import Attempts, delay_seconds, state_of

HOST = Timing(10, 5, 100, live_interval_seconds=2)
SEEN = Attempts(succeeded_at=100.0)


@given(st.floats(0, 4e9), st.floats(1, 3600), st.booleans())
def test_a_healthy_source_never_waits_longer_than_its_interval(wall, interval, watched):
    timing = Timing(interval, 5, 100, live_interval_seconds=1)

    assert 0 < delay_seconds(SEEN, timing, watched, wall) <= interval


@given(st.floats(0, 4e9))
def test_a_reading_falls_into_the_middle_of_a_bucket(wall):
    due = wall + delay_seconds(SEEN, HOST, watched=False, wall_seconds=wall)

    assert 4.9 < due % 10 < 5.1


def test_somebody_watching_makes_the_interval_short():
    assert delay_seconds(SEEN, HOST, watched=True, wall_seconds=1000.0) <= 2


def test_failures_double_the_wait_up_to_five_minutes():
    waits = [delay_seconds(Attempts(failures=n), HOST, False, 0.0) for n in (1, 2, 3, 9, 10_000)]

    assert waits == [20, 40, 80, 300, 300]


def test_an_interval_longer_than_five_minutes_is_not_shortened_by_failing():
    assert delay_seconds(Attempts(failures=3), Timing(3600, 5, 10), False, 0.0) == 3600


def test_what_is_not_there_is_looked_for_every_five_minutes():
    assert delay_seconds(Attempts(absent=say("no driver")), HOST, True, 0.0) == 300


def test_the_four_states_are_told_apart():
    failing = Attempts(error=say("refused"), failures=1)
    gone = Attempts(absent=say("no driver"))

    states = [state_of(a, HOST, 110.0)[0] for a in (SEEN, gone, failing, Attempts())]

    assert states == [State.PRESENT, State.ABSENT, State.ERROR, State.STALE]


def test_a_source_that_was_not_read_for_three_intervals_is_stale():
    assert state_of(SEEN, HOST, 130.0) == (State.PRESENT, None)
    assert state_of(SEEN, HOST, 130.1)[0] == State.STALE


def test_a_reading_under_way_for_too_long_is_an_error_that_says_so():
    state, reason = state_of(replace(SEEN, started_at=110.0), HOST, 117.0)

    assert state == State.ERROR
    assert str(reason) == "no answer for 7 s (limit 5 s); the other sources go on"


def test_a_source_that_is_read_a_few_times_a_day_is_tried_again_soon_after_a_failure():
    bill = Timing(21_600, 60, 10, retry_seconds=300)

    delays = [delay_seconds(Attempts(failures=n), bill, False, 0.0) for n in (1, 2, 3, 8, 99)]
    assert delays == [300, 600, 1200, 21_600, 21_600]


def test_who_is_asked_often_is_left_alone_for_longer_while_it_fails():
    timing = Timing(300, 60, 10, retry_seconds=300, retry_seconds_max=3600)
    waits = [delay_seconds(Attempts(failures=n), timing, False, 0.0) for n in (1, 2, 3, 4, 5, 99)]

    assert waits == [300, 600, 1200, 2400, 3600, 3600]
