"""Midnight, and clocks that are wrong: no line is told twice, no month is missed."""

from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from models.settings import Settings
from sallim.ledger.accounts import Accounts
from tests.agent.limiting import Household
from tests.sallim.money import WON, asked, settlement, used

HOUR, DAY = 3_600.0, 86_400.0
SMALL = {"total_krw": 1_000, "api_krw": 800, "pace_factor": 0}


def household(tmp_path, zone="Asia/Seoul", at=(2026, 11, 29, 12)):
    settings = Settings.model_validate({"budget": SMALL, "house": {"timezone": zone}})
    now = datetime(*at, tzinfo=ZoneInfo(zone)).timestamp()
    return Household(tmp_path, settings, now)


@pytest.fixture
def house(tmp_path):
    house = household(tmp_path)
    yield house
    house.close()


def full(house):
    house.spend(800)
    house.spend(200, buckets=("servers", "total"))
    house.step()
    assert house.services.up == set()


@pytest.mark.parametrize("seconds", [-HOUR, HOUR, 40 * DAY, -40 * DAY])
def test_a_clock_that_is_wrong_for_a_while_tells_no_line_twice(house, seconds):
    full(house)
    known = house.alerts
    house.now += seconds
    house.step()
    house.start()
    house.step()
    house.now -= seconds
    house.step()
    house.step()

    # A second one with the same key would have been an error of the postbox.
    assert house.limiting.problem is None
    assert house.alerts == known
    assert house.services.up == set()


def test_a_clock_that_is_put_back_across_midnight_does_not_begin_the_old_month_again(house):
    full(house)
    house.now = float(house.month.until) + 60
    house.step()
    assert house.services.up == {"gpu", "n8n"}
    asked_for = len(house.services.asked)
    house.now -= HOUR
    for _ in range(3):
        house.step()
    house.start()
    house.step()

    assert len(house.services.asked) == asked_for
    assert house.services.up == {"gpu", "n8n"}


def test_a_month_that_ends_while_the_agent_is_down_is_not_missed(house):
    full(house)
    house.now = float(house.month.until) + 5 * DAY
    house.start()
    house.step()

    assert house.services.up == {"gpu", "n8n"}


def test_calls_that_are_on_their_way_at_midnight_count_in_the_month_in_which_they_began(house):
    end = float(house.month.until)
    house.now = end - 5
    accounts = Accounts.open(house.home.ledger)
    now_us = int(house.now * WON)
    accounts.reserve(asked("late", 780 * WON, buckets=("api", "total"), opened_us=now_us))
    house.now = end + 5
    house.step(1)
    assert house.spend(700)
    house.step()
    accounts.settle("late", 1, settlement(780 * WON, settled_us=int(house.now * WON)))
    house.step()
    old, new = (used(accounts, int(at * WON))["api"] for at in (end - 1, house.now))
    accounts.close()

    assert (old[0], new[0]) == (780 * WON, 700 * WON)
    # Of each month its own lines: 70 and 80 of the new one, all below 100 of the old one.
    assert [each for each in house.alerts if each.startswith("api")] == sorted(
        f"api {percent} threshold" for percent in (70, 80, 70, 80, 90, 95)
    )


def test_what_becomes_of_a_call_after_midnight_is_of_the_month_in_which_it_began(house):
    """Dearer than it could be, free, or never heard of again: never a won of the new month."""
    end = float(house.month.until)
    house.now = end - 5
    now_us = int(house.now * WON)
    with closing(Accounts.open(house.home.ledger)) as accounts:
        for name, won in (("dear", 300), ("free", 200), ("lost", 250)):
            call = asked(name, won * WON, buckets=("api", "total"), opened_us=now_us)
            assert type(accounts.reserve(call)).__name__ == "Admitted"
        assert not house.spend(100)
        house.now = end + 5
        house.step(1)
        later_us = int(house.now * WON)
        assert house.spend(790)
        assert not house.spend(20)

        accounts.settle("dear", 1, settlement(320 * WON, settled_us=later_us))
        accounts.release("free", 1, 500, "", later_us)
        accounts.expire(later_us + 3_600 * WON)
        house.step(3_600)

        assert used(accounts, int((end - 1) * WON))["api"] == (320 * WON, 0, 250 * WON)
        assert used(accounts, int(house.now * WON))["api"] == (790 * WON, 0, 0)
    old = [f"api {percent} threshold" for percent in (70,)]
    new = [f"api {percent} threshold" for percent in (70, 80, 90, 95)]
    told = [each for each in house.alerts if each.startswith("api")]
    assert told == sorted([*old, *new, "api 0 overrun"])


@pytest.mark.parametrize(
    ("zone", "year", "month"),
    [
        ("America/New_York", 2027, 3),
        ("America/New_York", 2027, 11),
        # Its first day is that of the change.
        ("America/New_York", 2026, 11),
        ("Europe/Berlin", 2027, 3),
        ("Europe/Berlin", 2027, 10),
        ("Asia/Seoul", 2027, 2),
    ],
)
def test_the_month_begins_at_the_midnight_of_the_owner_also_where_its_days_change(
    tmp_path, zone, year, month
):
    house = household(tmp_path, zone, (year, month, 10, 12))
    began = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).timestamp()
    assert house.month.since == began
    full(house)
    after = (year, month + 1) if month < 12 else (year + 1, 1)
    midnight = datetime(*after, 1, tzinfo=ZoneInfo(zone)).timestamp()
    house.now = midnight - 2
    house.step(1)
    assert house.services.up == set()
    house.step(1)
    assert house.services.up == {"gpu", "n8n"}
    house.close()


@pytest.mark.parametrize(("day", "hours"), [((2027, 3, 14), 23), ((2027, 11, 7), 25)])
def test_a_day_of_the_provider_is_as_long_as_it_is_there_whatever_the_house_has(
    tmp_path, day, hours
):
    """Gemini counts days in California, for a house in Berlin."""
    pacific = ZoneInfo("America/Los_Angeles")
    quota = {"name": "free", "provider": "google", "day_calls_max": 2, "timezone": pacific.key}
    shape = {"budget": SMALL, "house": {"timezone": "Europe/Berlin"}, "quota": [quota]}
    midnight = datetime(*day, tzinfo=pacific).timestamp()
    house = Household(tmp_path, Settings.model_validate(shape), midnight - 1)
    assert house.spend(1, provider="google")
    house.now = midnight
    assert [house.spend(1, provider="google") for _ in range(3)] == [True, True, False]
    assert house.spend(1)
    house.now = midnight + hours * HOUR - 1
    assert not house.spend(1, provider="google")
    house.now += 1
    assert house.spend(1, provider="google")
    house.close()
