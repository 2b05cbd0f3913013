"""Silence: no run in N times the usual gap, learned for each hour of the owner's week."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.messages import Message
from models.workflows.silence import Calendar, Rule, expect, learn

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
RULE = Rule(factor=3.0)
HOUR = 3600.0
DAY = 24 * HOUR
MONDAY = datetime(2026, 10, 5, tzinfo=SEOUL)
"""0:00 of a Monday; four weeks later is 2 November."""


def moments(zone=SEOUL, weeks=4, first=MONDAY, *, hours, weekdays=range(7), minutes=(0,)):
    """Starts at these hours and minutes of these weekdays, in a zone's own time."""
    local = [
        first.replace(tzinfo=None) + timedelta(days=7 * week + day, hours=hour, minutes=minute)
        for week in range(weeks)
        for day in weekdays
        for hour in hours
        for minute in minutes
    ]
    return [moment.replace(tzinfo=zone).timestamp() for moment in local]


def silent_from(starts, zone=SEOUL, last=None, rule=RULE):
    calendar = Calendar(zone)
    habit = learn(starts, calendar, rule)
    assert not isinstance(habit, Message), habit
    return expect(habit, starts[-1] if last is None else last, calendar, rule)


def local(at, zone=SEOUL):
    return datetime.fromtimestamp(at, zone)


def test_an_hourly_job_is_silent_after_three_hours():
    starts = moments(hours=range(24))

    found = silent_from(starts)

    assert found.gap_seconds == pytest.approx(HOUR, rel=0.05)
    assert found.silent_from - starts[-1] == pytest.approx(3 * HOUR, rel=0.05)


def test_a_daily_job_is_silent_when_its_third_day_is_due():
    starts = moments(hours=[9])

    found = silent_from(starts)

    assert found.gap_seconds == pytest.approx(DAY, rel=0.01)
    assert found.silent_from - starts[-1] == pytest.approx(3 * DAY, rel=0.01)


def test_a_weekly_job_is_not_missed_for_two_weeks():
    starts = moments(weeks=5, hours=[4], weekdays=[2])

    found = silent_from(starts)

    assert found.silent_from - starts[-1] == pytest.approx(21 * DAY, rel=0.01)


def test_what_runs_on_weekdays_is_not_missed_on_saturday_and_sunday():
    starts = moments(hours=range(9, 18), weekdays=range(5), minutes=range(0, 60, 10))
    friday = starts[-1]

    found = silent_from(starts)

    assert local(friday).strftime("%A %H:%M") == "Friday 17:50"
    assert local(found.silent_from).strftime("%A %H") == "Monday 09"
    assert found.gap_seconds > 2 * DAY


def test_at_night_nothing_is_missing_from_what_runs_by_day():
    starts = moments(hours=range(9, 18), minutes=(0, 30))
    evening = starts[-1]

    found = silent_from(starts)

    assert local(found.silent_from).date() > local(evening).date()
    assert local(found.silent_from).hour in {9, 10}


def test_a_job_that_dies_in_its_hours_is_missed_within_them():
    starts = moments(hours=range(9, 18), weekdays=range(5), minutes=range(0, 60, 10))
    last = next(at for at in reversed(starts) if local(at).strftime("%a %H:%M") == "Tue 11:00")

    found = silent_from(starts, last=last)

    assert found.silent_from - last == pytest.approx(30 * 60, rel=0.1)


def test_hours_are_those_of_the_owner_also_over_daylight_saving():
    first = datetime(2026, 10, 5, tzinfo=BERLIN)  # the clocks change on 25 October
    starts = moments(BERLIN, weeks=4, first=first, hours=[9], weekdays=range(5))

    found = silent_from(starts, BERLIN)

    assert local(starts[-1], BERLIN).strftime("%A %H:%M") == "Friday 09:00"
    assert local(found.silent_from, BERLIN).strftime("%A %H:%M") == "Wednesday 09:00"


def test_in_the_first_week_a_night_that_was_never_seen_is_no_silence():
    """Installed on Monday, in office hours; on Thursday evening nobody knows its weekend."""
    starts = moments(weeks=1, hours=range(9, 18), weekdays=range(4), minutes=(0, 20, 40))
    thursday_evening = starts[-1]

    found = silent_from(starts)

    assert found.silent_from is None or found.silent_from > thursday_evening + 3 * DAY


def test_bursts_at_any_time_are_not_missed_between_two_of_them():
    numbers = random.Random(4)  # noqa: S311
    begun = MONDAY.timestamp()
    bursts = sorted(begun + numbers.uniform(0, 28 * DAY) for _ in range(12))
    starts = sorted(at + 300 * n for at in bursts for n in range(12))
    alarms = [
        found.silent_from
        for at in bursts[6:]
        for found in [silent_from([start for start in starts if start < at])]
        if found.silent_from is not None and found.silent_from < at
    ]

    assert alarms == []


def test_random_calls_do_not_alarm():
    numbers = random.Random(3)  # noqa: S311
    at, starts = MONDAY.timestamp(), []
    while at < MONDAY.timestamp() + 28 * DAY:
        at += max(300.0, numbers.expovariate(1 / 5_000))
        starts.append(at)

    alarms = 0
    for n in range(300, len(starts) - 1, 17):
        found = silent_from(starts[:n])
        alarms += found.silent_from is not None and found.silent_from < starts[n]

    assert alarms == 0


def test_who_now_runs_more_seldom_is_believed_after_some_runs():
    often = moments(weeks=3, hours=range(24), minutes=range(0, 60, 10))
    seldom = [often[-1] + n * 2 * HOUR for n in range(1, 8)]

    found = silent_from(often + seldom)

    assert found.silent_from - seldom[-1] > 2 * HOUR


def test_one_outage_in_the_history_does_not_make_the_next_one_usual():
    starts = [
        at for at in moments(hours=range(24)) if not 40 < (at - MONDAY.timestamp()) / HOUR < 90
    ]

    found = silent_from(starts)

    assert found.silent_from - starts[-1] < 5 * HOUR


@pytest.mark.parametrize(
    "starts",
    [
        [],
        [MONDAY.timestamp()],
        moments(weeks=1, hours=[9], weekdays=range(3)),
        [1.0, 2.0, 3.0, 4.0],
    ],
)
def test_too_little_history_is_said_and_not_judged(starts):
    habit = learn(starts, Calendar(SEOUL), RULE)

    assert isinstance(habit, Message)
    assert "too little history" in str(habit)


def test_short_pauses_are_no_silence_whatever_the_habit():
    starts = moments(weeks=1, hours=range(24), minutes=range(0, 60, 5))
    rule = Rule(factor=1.5, floor_seconds=3600.0)

    found = silent_from(starts, rule=rule)

    assert found.silent_from == starts[-1] + 3600.0


def test_a_zone_of_three_quarters_of_an_hour_has_its_own_hours():
    kathmandu = ZoneInfo("Asia/Kathmandu")
    at = datetime(2026, 10, 5, 9, 0, tzinfo=kathmandu).timestamp()

    assert Calendar(kathmandu).hour(int(at // 900)) == 9
    assert Calendar(kathmandu).hour(int(at // 900) - 1) == 8
