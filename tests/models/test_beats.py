"""Heartbeats: when one is late, and what failing, starting and never coming mean."""

import pytest

from models.beats import (
    FAIL,
    FAILED,
    LATE,
    MESSAGE_MAX,
    NEVER,
    ON_TIME,
    RUNNING,
    START,
    Beat,
    Expected,
    Word,
    after_word,
    seconds_of,
    state_of,
    with_settings,
)
from models.errors import IntakeRefused

NOW = 1_795_413_600.0
HOUR = 3600.0


def beat(known: Beat | None = None, now: float = NOW, **word) -> Beat:
    return after_word(known, "dump", Word(**word), "cron", now)


@pytest.fixture
def hourly() -> Beat:
    return beat(every_seconds=HOUR, grace_seconds=600.0)


def test_it_is_on_time_until_every_and_grace_are_over(hourly):
    assert state_of(hourly, NOW + HOUR + 600).state == ON_TIME
    late = state_of(hourly, NOW + HOUR + 660)
    assert (late.state, late.late_seconds, late.due_at) == (LATE, 60.0, NOW + HOUR)
    assert str(late.note) == "dump is late by 11 min: it should come every 1 h"
    assert late.is_problem


def test_one_that_came_again_is_on_time_again(hourly):
    again = beat(hourly, NOW + 2 * HOUR)

    assert state_of(again, NOW + 2 * HOUR).state == ON_TIME
    assert (again.every_seconds, again.grace_seconds) == (HOUR, 600.0)


def test_a_failure_counts_at_once_and_does_not_put_off_the_next(hourly):
    failed = beat(hourly, NOW + 60, state=FAIL, message="disk full")

    assert str(state_of(failed, NOW + 61).note) == "dump failed: disk full"
    assert state_of(failed, NOW + 61).state == FAILED
    assert state_of(failed, NOW + 61).due_at == NOW + HOUR
    assert state_of(failed, NOW + 3 * HOUR).late_seconds > 0


def test_one_that_started_is_running_and_late_when_it_does_not_end(hourly):
    started = beat(hourly, NOW + HOUR, state=START)

    assert state_of(started, NOW + HOUR + 60).state == RUNNING
    assert state_of(started, NOW + HOUR + 700).state == LATE


def test_one_of_the_settings_that_never_came_is_known_and_late_in_its_time():
    [expected] = with_settings([], [Expected("nightly", 86_400, 600)], NOW)

    assert state_of(expected, NOW + 86_400).state == NEVER
    assert state_of(expected, NOW + 87_001).state == LATE


def test_the_settings_outrank_what_a_job_says(hourly):
    [merged] = with_settings([hourly], [Expected("dump", 60, 30)], NOW)

    assert (merged.every_seconds, merged.grace_seconds, merged.last_at) == (60, 30, NOW)


def test_a_new_interval_brings_a_grace_that_fits_it(hourly):
    assert beat(hourly, every_seconds=60.0).grace_seconds == 30.0
    assert beat(hourly, every_seconds=60.0, grace_seconds=10.0).grace_seconds == 10.0


def test_a_long_message_is_cut():
    assert len(beat(every_seconds=HOUR, message="x" * 9999).message) == MESSAGE_MAX


@pytest.mark.parametrize(
    "text", ["", "5", "24 h", "1y", "-5m", "1e9", "h", "999999999d", "٣m", "nan"]
)
def test_an_interval_that_is_none_is_refused(text):
    with pytest.raises(IntakeRefused):
        seconds_of(text)
