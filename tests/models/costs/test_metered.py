"""Bytes out of what was measured, and what of them costs something; counted by hand."""

from decimal import Decimal

import pytest

from models.costs.metered import (
    Bucket,
    Measured,
    allowed_gap_seconds,
    charged_gigabytes,
    gigabytes,
    measured,
    metered_item,
)
from models.settings.metered import Metered

DAY = 86_400


def every(seconds, mean, since=0, until=DAY):
    return [Bucket(float(at), mean) for at in range(since, until, seconds)]


def test_a_rate_adds_up_to_bytes():
    """1,000 bytes a second for a day."""
    assert measured([every(60, 1000.0)], (0, DAY), 60) == Measured(86_400_000, 0)


def test_series_are_added_up():
    found = measured([every(60, 1000.0), every(60, 500.5)], (0, DAY), 60)

    assert found.quantity == 86_400_000 + 43_243_200


def test_for_a_gap_nothing_counts_and_it_is_told():
    """Two hours of a day are missing."""
    known = every(60, 1000.0, until=8 * 3600) + every(60, 1000.0, since=10 * 3600)

    assert measured([known], (0, DAY), 60) == Measured(22 * 3600 * 1000, 7200)


def test_a_source_that_is_read_every_five_minutes_has_no_gaps_between():
    assert measured([every(300, 2.0)], (0, DAY), 60) == Measured(172_800, 0)


def test_what_nobody_measured_is_missing_and_no_zero():
    assert measured([[]], (0, DAY), 60) == Measured(0, DAY)
    assert measured([], (0, DAY), 60) == Measured(0, DAY)


def test_an_interface_that_was_there_for_an_hour_is_no_gap():
    found = measured([every(60, 1.0), every(60, 1.0, until=3600)], (0, DAY), 60)

    assert found == Measured(90_000, 0)


def test_one_value_counts_for_its_own_bucket():
    assert measured([[Bucket(0.0, 3.0)]], (0, DAY), 600) == Measured(1800, DAY - 600)


def test_half_a_month_of_space_is_half_a_month_of_gigabytes():
    disk = Metered(name="disk", kind="storage", gb="binary")

    assert gigabytes(1_073_741_824 * 15 * DAY, disk, 30 * DAY) == Decimal("0.5")


@pytest.mark.parametrize(
    ("before", "more", "charged"),
    [("0", "4", "0"), ("4", "1", "0"), ("4.5", "1", "0.5"), ("6", "1", "1"), ("5", "0", "0")],
)
def test_the_first_gigabytes_of_a_month_are_free(before, more, charged):
    assert charged_gigabytes(Decimal(before), Decimal(more), 5) == Decimal(charged)


def test_its_name_and_kind_are_its_key():
    item = metered_item(Metered(name="egress", provider="hetzner"), 20_785, 123)

    assert item.key == "network:egress:2026-11-28"
    assert item.buckets == ("servers", "total", "provider:hetzner")
    assert item.note == "123 B"


def test_an_hour_between_two_readings_is_no_gap_at_the_ends():
    assert (allowed_gap_seconds(60), allowed_gap_seconds(600)) == (600, 1200)


def test_labels_are_those_of_the_usual_metric_and_what_is_said():
    usual = Metered(name="a", labels=("interface=eth0",))
    other = Metered(name="b", metric="postgresql.db_size", labels=("database = shop",))

    assert usual.label_pairs == (("direction", "transmit"), ("interface", "eth0"))
    assert other.label_pairs == (("database", "shop"),)
    assert Metered(name="c", kind="storage").metric_name == "system.filesystem.usage"
