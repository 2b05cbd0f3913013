"""`[notify]`: what it takes, and what is said of what it does not."""

import pytest

from models.settings.notify import quiet_hours_of
from models.settings.problems import settings_of
from tests.told import problem, setting

TWO = '[[notify.channel]]\nname = "slack"\nurl = "SLACK_URL"\n'


def test_channels_stand_in_their_order_each_with_the_name_of_its_secret():
    text = TWO + '[[notify.channel]]\nname = "sms"\nurl = "SMS_URL"\nseverities = ["critical"]\n'
    channels = settings_of(text, "sallim.toml").notify.channel

    assert [(each.name, each.url, each.severities) for each in channels] == [
        ("slack", "SLACK_URL", ("info", "warn", "critical")),
        ("sms", "SMS_URL", ("critical",)),
    ]


def test_an_address_in_the_file_is_refused_without_repeating_it():
    told = problem('[[notify.channel]]\nurl = "slack://T1JJ3T3L2/A1BRTD4JD/secretsecret"')

    assert "NAME of an environment variable" in told
    assert "secretsecret" not in told


def test_two_channels_have_two_names():
    assert "two [[notify.channel]] are named slack" in problem(TWO + TWO)


@pytest.mark.parametrize("value", ["22:00", "22-7", "25:00-07:00", "night", "22:00-07:60"])
def test_quiet_hours_are_two_times_of_a_day(value):
    told = problem(setting("notify.quiet_hours", f'"{value}"'))

    assert value in told
    assert "23:00-07:00" in told


def test_none_are_quiet_where_none_are_wanted():
    assert settings_of('[notify]\nquiet_hours = ""', "sallim.toml").notify.quiet_hours == ""
    assert quiet_hours_of("") is None


def test_the_day_of_the_test():
    assert settings_of('[notify]\ntest_day = "sun"', "sallim.toml").notify.test_weekday == 6
    assert settings_of('[notify]\ntest_day = "off"', "sallim.toml").notify.test_weekday is None
