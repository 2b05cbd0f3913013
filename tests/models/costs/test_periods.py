"""Days, weeks, months and years in zones with and without summer time."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.costs.periods import (
    UNITS,
    day_of,
    first_day,
    period_at,
    periods,
    shifts,
    start_of,
)

SEOUL, BERLIN, NEW_YORK = (
    ZoneInfo(name) for name in ("Asia/Seoul", "Europe/Berlin", "America/New_York")
)
ZONES = (SEOUL, BERLIN, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu"))


def at(text, zone=UTC):
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def test_a_month_in_seoul_begins_nine_hours_before_that_of_utc():
    period = period_at(at("2025-11-30T15:00"), "month", SEOUL)

    assert period.since == at("2025-11-30T15:00")
    assert period.until == at("2025-12-31T15:00")
    assert period_at(at("2025-11-30T14:59"), "month", SEOUL).until == period.since


def test_a_day_on_which_the_clock_changes_has_23_or_25_hours():
    spring = period_at(at("2025-03-30T12:00"), "day", BERLIN)
    autumn = period_at(at("2025-10-26T12:00"), "day", BERLIN)

    assert (spring.until - spring.since, autumn.until - autumn.since) == (23 * 3600, 25 * 3600)


def test_the_change_of_the_clock_is_found_to_the_second():
    found = shifts(at("2025-10-01T00:00"), at("2026-04-01T00:00"), BERLIN)

    assert [(shift.since, shift.offset_seconds) for shift in found[1:]] == [
        (at("2025-10-26T01:00"), 3_600),
        (at("2026-03-29T01:00"), 7_200),
    ]
    assert found[0] == (at("2025-10-01T00:00"), 7_200)


def test_weeks_begin_on_monday():
    week = period_at(at("2025-11-23T12:00"), "week", SEOUL)

    assert datetime.fromtimestamp(week.since, SEOUL).isoformat() == "2025-11-17T00:00:00+09:00"
    assert week.until - week.since == 7 * 86_400


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("zone", ZONES)
def test_periods_follow_one_another_without_a_gap(unit, zone):
    found = list(periods(at("2024-12-30T03:00"), at("2026-01-02T00:00"), unit, zone))

    assert all(a.until == b.since for a, b in pairwise(found))
    assert found[0].since <= at("2024-12-30T03:00")
    assert found[-1].since < at("2026-01-02T00:00") <= found[-1].until


@given(st.integers(1_600_000_000, 1_900_000_000), st.sampled_from(ZONES), st.sampled_from(UNITS))
def test_every_moment_lies_in_its_period(moment, zone, unit):
    period = period_at(moment, unit, zone)

    assert period.since <= moment < period.until
    assert first_day(day_of(moment, zone), unit) == period.first_day
    assert start_of(period.first_day, zone) == period.since


@given(
    st.integers(1_700_000_000, 1_780_000_000), st.integers(0, 400 * 86_400), st.sampled_from(ZONES)
)
def test_the_offset_is_that_of_the_last_shift(since, seconds, zone):
    moment = since + seconds
    found = shifts(since, moment + 1, zone)
    offset = [shift.offset_seconds for shift in found if shift.since <= moment][-1]

    assert (moment + offset) // 86_400 == day_of(moment, zone)
