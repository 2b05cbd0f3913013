"""When a message is tried again, and when not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.alerts.trying import (
    AGE_SECONDS_MAX,
    BACKOFF_SECONDS_MAX,
    RETRY_AFTER_SECONDS_MAX,
    Breaker,
    Cause,
    Outcome,
    is_dead,
    wait_seconds,
    why,
)
from tests.models.alerts.house import DOWN, NOON, TAKEN

CAUSES = st.sampled_from([Cause.NETWORK, Cause.STATUS, Cause.WORKER, Cause.UNKNOWN])


@given(st.integers(0, 10_000), CAUSES, st.floats(0, 1e9), st.floats(0, 0.999))
def test_a_wait_is_never_longer_than_it_may_be_nor_shorter_than_was_asked(
    tries, cause, asked, chance
):
    seconds = wait_seconds(tries, Outcome(False, cause, 500, asked), chance)

    assert min(asked, RETRY_AFTER_SECONDS_MAX) <= seconds
    assert seconds <= max(BACKOFF_SECONDS_MAX, RETRY_AFTER_SECONDS_MAX)


def test_three_failures_open_the_breaker_and_one_success_closes_it():
    breaker = Breaker()
    for number in range(3):
        assert not breaker.is_open(NOON + number)
        breaker = breaker.after(DOWN, NOON + number, 0.5)
    assert breaker.is_open(NOON + 3)
    assert breaker.since_at == NOON
    closed = breaker.after(TAKEN, NOON + 100, 0.5)

    assert not closed.is_open(NOON + 100)
    assert (closed.failures, closed.closed_at) == (0, NOON + 100)


@pytest.mark.parametrize(
    "outcome", [Outcome(False, Cause.STATUS, 429, 30.0), Outcome(False, Cause.STATUS, 404)]
)
def test_a_wait_that_was_asked_for_or_a_wrong_key_opens_it_at_once(outcome):
    assert Breaker().after(outcome, NOON, 0.0).is_open(NOON + 29)


def test_a_message_that_does_not_please_opens_nothing():
    breaker = Breaker()
    for _ in range(9):
        breaker = breaker.after(Outcome(False, Cause.STATUS, 400), NOON, 0.9)

    assert not breaker.is_open(NOON)


@pytest.mark.parametrize(
    ("cause", "status", "is_final", "is_unfit"),
    [
        (Cause.STATUS, 404, True, False),
        (Cause.STATUS, 401, True, False),
        (Cause.STATUS, 400, False, True),
        (Cause.STATUS, 500, False, False),
        (Cause.STATUS, 429, False, False),
        (Cause.MAIL, 550, True, False),
        (Cause.MAIL, 552, False, True),
        (Cause.MAIL, 451, False, False),
        (Cause.SETUP, 0, True, False),
        (Cause.NETWORK, 0, False, False),
        (Cause.UNKNOWN, 0, False, False),
    ],
)
def test_what_a_status_means(cause, status, is_final, is_unfit):
    outcome = Outcome(False, cause, status)

    assert (outcome.is_final, outcome.is_unfit) == (is_final, is_unfit)
    assert str(why(outcome))


def test_after_a_day_it_is_given_up_and_what_does_not_please_after_three_tries():
    assert not is_dead(99, AGE_SECONDS_MAX - 1, DOWN)
    assert is_dead(1, AGE_SECONDS_MAX, DOWN)
    assert not is_dead(2, 0, Outcome(False, Cause.STATUS, 400))
    assert is_dead(3, 0, Outcome(False, Cause.STATUS, 400))
