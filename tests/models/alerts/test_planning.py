"""Who is told what, when and by which channel."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from models.alerts import Severity
from models.alerts.outlook import Channel
from models.alerts.quiet import QuietHours
from models.alerts.trying import Cause, Outcome
from tests.models.alerts.house import NOON, RULES, House

CRITICAL, WARN, INFO = Severity.CRITICAL, Severity.WARN, Severity.INFO
HOUR = 3600


@pytest.fixture
def house():
    return House()


def by(house: House, channel: str) -> list[list[int]]:
    return [numbers for _, name, numbers in house.told if name == channel]


def told_by(house: House, channel: str) -> list[int]:
    return [number for numbers in by(house, channel) for number in numbers]


def test_what_is_critical_goes_at_once_and_by_the_first_channel_alone(house):
    house.put(CRITICAL)
    house.pass_time(5)

    assert house.told == [(NOON + 2, "slack", [1])]


def test_what_is_not_waits_half_a_minute_for_what_belongs_to_it(house):
    house.put(WARN)
    house.pass_time(20)
    house.put(INFO)
    assert not house.told
    house.pass_time(20)

    assert by(house, "slack") == [[1, 2]]


def test_200_critical_events_in_ten_seconds_are_three_messages_at_the_most(house):
    for _ in range(10):
        for _ in range(20):
            house.put(CRITICAL)
        house.pass_time(1)
    house.pass_time(60)

    assert len(house.told) <= 3
    assert sorted(told_by(house, "slack")) == list(range(1, 201))


def test_three_messages_a_day_and_the_rest_with_the_first_of_the_next_day(house):
    for _ in range(6):
        house.put(WARN)
        house.pass_time(HOUR, 10)
    assert by(house, "slack") == [[1], [2], [3]]
    house.pass_time(12 * HOUR, 60)

    assert by(house, "slack") == [[1], [2], [3], [4, 5, 6]]


def test_incidents_and_blocks_do_not_count_to_the_three(house):
    for _ in range(3):
        house.put(WARN)
        house.pass_time(60)
    house.put(WARN, is_counted=False)
    house.put(WARN)
    house.pass_time(60)

    assert by(house, "slack") == [[1], [2], [3], [4]]


def test_what_is_critical_takes_along_what_waits(house):
    for _ in range(3):
        house.put(WARN)
        house.pass_time(60)
    house.put(WARN)
    house.pass_time(60)
    house.put(CRITICAL)
    house.pass_time(5)

    assert by(house, "slack")[-1] == [4, 5]


def test_ten_messages_an_hour_then_one_digest(house):
    house.rules = replace(RULES, channels=RULES.channels[:1])
    for _ in range(30):
        house.put(CRITICAL)
        house.pass_time(60)
    assert len(house.told) == 10
    house.pass_time(31 * 60)

    assert len(house.told) == 11
    assert house.told[-1][2] == list(range(11, 31))


def test_beyond_ten_an_hour_what_is_critical_goes_by_the_next_channel(house):
    for _ in range(12):
        house.put(CRITICAL)
        house.pass_time(60)

    assert len(by(house, "slack")) == 10
    assert by(house, "mail") == [[11], [12]]


@pytest.mark.parametrize("severity", [WARN, INFO])
def test_at_night_only_what_is_critical_is_sent(house, severity):
    house.rules = replace(RULES, quiet=QuietHours(time(23), time(7)))
    house.now = datetime(2026, 11, 17, 14, 30, tzinfo=UTC).timestamp()  # 23:30 in Seoul
    house.put(severity)
    house.pass_time(HOUR, 10)
    assert not house.told
    house.put(CRITICAL)
    house.pass_time(5)
    assert by(house, "slack") == [[1, 2]]
    house.put(severity)
    house.pass_time(6.6 * HOUR, 10)

    assert by(house, "slack") == [[1, 2], [3]]


def test_a_budget_that_is_not_told_of_stands_on_the_page_alone(house):
    house.put(WARN, bucket="provider:openai")
    house.put(WARN, bucket="api")
    house.pass_time(60)

    assert house.kept == [1]
    assert by(house, "slack") == [[2]]


def test_what_is_critical_goes_elsewhere_after_a_minute(house):
    house.down = {"slack"}
    house.put(CRITICAL)
    house.pass_time(55)
    assert not house.told
    house.pass_time(10)

    assert by(house, "mail") == [[1]]
    house.down = set()
    house.pass_time(HOUR, 5)
    assert len(house.told) == 1


def test_two_channels_down_leave_the_third(house):
    house.down = {"slack", "mail"}
    house.put(CRITICAL)
    house.pass_time(150)

    assert by(house, "sms") == [[1]]


def test_what_is_only_a_warning_is_not_for_the_text_message(house):
    house.down = {"slack", "mail"}
    house.put(WARN)
    house.pass_time(2 * HOUR, 5)
    assert not house.told
    house.down = set()
    house.pass_time(15 * 60, 5)

    assert [numbers for _, _, numbers in house.told] == [[1]]


def test_a_channel_that_wants_a_person_is_left_at_once(house):
    house.down, house.answer = {"slack"}, Outcome(False, Cause.STATUS, 404)
    house.put(WARN)
    house.pass_time(40)

    assert by(house, "mail") == [[1]]


def test_a_channel_down_for_an_hour_loses_nothing_and_doubles_nothing(house):
    house.rules = replace(RULES, channels=[Channel("slack")])
    house.down = {"slack"}
    for _ in range(60):
        house.put(CRITICAL)
        house.pass_time(60)
    assert not house.told
    house.down = set()
    house.pass_time(11 * 60)

    assert sorted(told_by(house, "slack")) == list(range(1, 61))
    assert len(house.told) <= 3


def test_a_message_is_given_up_after_a_day_and_the_next_one_is_tried(house):
    house.rules = replace(RULES, channels=[Channel("slack")])
    house.down = {"slack"}
    house.put(CRITICAL)
    house.pass_time(12 * HOUR, 60)
    house.put(CRITICAL)
    house.pass_time(13 * HOUR, 60)
    assert house.dead == [[1]]
    house.down = set()
    house.pass_time(HOUR, 60)

    assert by(house, "slack") == [[2]]


def test_what_does_not_please_as_it_is_stands_in_nobodys_way(house):
    house.rules = replace(RULES, channels=[Channel("slack")])
    house.down, house.answer = {"slack"}, Outcome(False, Cause.STATUS, 400)
    house.put(CRITICAL)
    house.pass_time(60)
    house.down = set()
    house.put(CRITICAL)
    house.pass_time(60)

    assert house.dead == [[1]]
    assert by(house, "slack") == [[2]]


def test_a_wait_that_was_asked_for_is_kept(house):
    house.rules = replace(RULES, channels=[Channel("slack")])
    house.down, house.answer = {"slack"}, Outcome(False, Cause.STATUS, 429, 300.0)
    house.put(CRITICAL)
    house.pass_time(5)
    house.down = set()
    house.put(CRITICAL)
    house.pass_time(290)
    assert not house.told
    house.pass_time(20)

    assert told_by(house, "slack") == [1, 2]


def test_a_test_of_a_channel_goes_by_it_alone_and_never_elsewhere(house):
    house.down = {"mail"}
    house.put(INFO, channel="mail", is_counted=False)
    house.put(INFO, channel="slack", is_counted=False)
    house.pass_time(HOUR, 5)
    assert house.told == [(house.told[0][0], "slack", [2])]
    house.down = set()
    house.pass_time(20 * 60, 5)

    assert by(house, "mail") == [[1]]


def test_a_channel_that_left_the_settings_leaves_its_messages_to_the_others(house):
    house.down = {"slack"}
    house.put(WARN)
    house.pass_time(60)
    house.rules = replace(RULES, channels=RULES.channels[1:])
    house.pass_time(5)
    assert by(house, "mail") == [[1]]

    house.down = {"mail"}
    house.put(WARN)
    house.pass_time(60)
    house.rules = replace(RULES, channels=[])
    house.pass_time(5)
    assert house.dead == [[2]]
