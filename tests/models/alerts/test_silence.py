"""A person wants to hear nothing of something for a while, but for what is critical."""

from dataclasses import replace

import pytest

from models.alerts import Severity
from tests.models.alerts.house import RULES, House

INFO, WARN, CRITICAL = Severity


def silent(*targets):
    return House(replace(RULES, silenced=targets))


@pytest.mark.parametrize("silenced", ["api", "gpu", "everything"])
def test_what_is_silenced_waits_and_comes_together_when_the_silence_ends(silenced):
    house = silent(silenced)
    first = house.put(WARN, bucket="api", target="gpu")
    second = house.put(INFO, bucket="api", target="gpu")
    house.pass_time(3600, 60)
    assert house.told == []

    house.rules = RULES
    house.pass_time(60)

    assert [numbers for _, _, numbers in house.told] == [[first, second]]


@pytest.mark.parametrize(
    ("silenced", "severity", "bucket"), [("api", WARN, "total"), ("everything", CRITICAL, "api")]
)
def test_anything_else_and_what_is_critical_is_told_and_takes_nothing_along(
    silenced, severity, bucket
):
    house = silent(silenced)
    house.put(WARN, bucket="api")
    other = house.put(severity, bucket=bucket)
    house.pass_time(60)

    assert [numbers for _, _, numbers in house.told] == [[other]]


def test_the_test_of_a_channel_is_silenced_by_nothing():
    house = silent("everything")
    test = house.put(INFO, channel="mail")
    house.pass_time(60)

    assert [numbers for _, _, numbers in house.told] == [[test]]
