"""Hours of rented machines that are kept free ahead, as long as they are on."""

from datetime import timedelta

import pytest

from models.budget.full import Full
from models.settings.budget import Budget
from tests.agent.due import WON, House, moment, state, taken_over
from tests.faults import witness

LEASED = {"name": "gpu", "hour_price": "360 KRW", "lease_hours": 8}


@pytest.fixture
def leased(tmp_path):
    house = House(tmp_path, rented=[LEASED])
    house.begin(moment(3))
    return house


def rows_of_leases(house):
    """Of each day, how many attempts there were."""
    return len(house.accounts.calls_named("lease:"))


def test_the_lease_of_a_running_machine_is_kept_free_until_its_hours_are_booked(leased):
    """On from 10 to 20, leased for 8: 8 hours, then each before it begins, till all are booked."""
    leased.machines = state("on", moment(3, 10))
    kept = []
    for hour in (10, 14, 18, 19, 20):
        leased.turn(moment(3, hour))
        kept.append(leased.total())
    leased.machines = state("off", moment(3, 20))
    leased.turn(moment(3, 22))
    kept.append(leased.total())
    leased.turn(moment(4, 1))

    hours = (8, 8, 9, 10, 11, 10)
    assert kept == [(0, each * 360 * WON, 0) for each in hours]
    assert leased.total() == (10 * 360 * WON, 0, 0)


def test_what_is_left_of_a_lease_is_let_go_when_the_machine_is_returned(leased):
    leased.machines = state("on", moment(3, 10))
    leased.turn(moment(3, 10))
    leased.turn(moment(3, 12))
    leased.machines = state("off", moment(3, 12))
    leased.turn(moment(3, 13))

    assert leased.total() == (0, 2 * 360 * WON, 0)


def test_hours_that_are_charged_by_the_day_are_kept_free_by_the_day(tmp_path):
    house = House(tmp_path, rented=[{**LEASED, "increment_seconds": 86_400, "lease_hours": 1}])
    house.begin(moment(3))
    house.machines = state("on", moment(3, 10))
    house.turn(moment(3, 12))

    assert house.total() == (0, 24 * 360 * WON, 0)


def test_looking_often_writes_nothing_anew(leased):
    leased.machines = state("on", moment(3, 10))
    for minute in range(60):
        leased.turn(moment(3, 10) + timedelta(minutes=minute))

    assert rows_of_leases(leased) == 1


def test_over_midnight_and_into_a_new_month_it_is_kept_free_in_the_month_that_is(tmp_path):
    house = House(tmp_path, rented=[LEASED])
    house.begin(moment(30))
    house.machines = state("on", moment(30, 20))
    house.turn(moment(30, 20))
    house.turn(moment(30, 23))
    assert house.total() == (0, 8 * 360 * WON, 0)

    house.turn(moment(1, 1, month=12))
    assert house.total() == (0, 4 * 360 * WON, 0)
    house.now = moment(30, 12)
    assert house.total() == (4 * 360 * WON, 0, 0)


def test_a_lease_that_does_not_fit_is_told_and_keeps_what_it_has(tmp_path):
    house = House(tmp_path, rented=[{**LEASED, "hour_price": "3000 KRW"}])
    house.begin(moment(3))
    house.machines = state("on", moment(3, 1))
    house.turn(moment(3, 1))
    assert house.total() == (0, 24_000 * WON, 0)

    house.turn(moment(3, 9))
    assert "gpu is on, and 3,000 won for 1 h" in str(house.dues.problem)
    assert house.total() == (0, 24_000 * WON, 0)
    [full] = house.dues.full
    assert full == Full("total", moment(1).timestamp(), 24_900 * WON, 3_000 * WON)

    # Off, and what it would need is not there; with another cap nothing is known of it.
    house.machines = state("off", moment(3, 9))
    house.turn(moment(3, 10))
    assert house.dues.full == {full}
    house.settings = house.settings.model_copy(update={"budget": Budget(total_krw=30_000)})
    house.budgeting.take_over(house.settings)
    house.turn(moment(3, 11))
    assert house.dues.full == frozenset()


def test_a_day_is_booked_instead_of_the_hours_that_were_kept_free_for_it(tmp_path):
    """Twice 14,400 won would be more than there is, were it but for a moment."""
    house = House(tmp_path, rented=[{**LEASED, "hour_price": "600 KRW"}])
    house.begin(moment(3))
    witness.stand_by(str(house.home.ledger))
    house.machines = state("on", moment(3))
    for hour in range(24):
        house.turn(moment(3, hour))
    assert house.total() == (0, 24 * 600 * WON, 0)

    house.turn(moment(4, 0))
    house.turn(moment(4, 1))
    assert house.total() == (24 * 600 * WON, 2 * 600 * WON, 0)
    assert witness.testimony(str(house.home.ledger))[1] == []


def test_an_hour_is_kept_free_minutes_before_it_begins(tmp_path):
    house = House(tmp_path, rented=[{**LEASED, "lease_hours": 1}])
    house.begin(moment(3))
    house.machines = state("on", moment(3, 10))
    house.turn(moment(3, 10))
    kept = []
    for minute in (54, 56, 61, 114, 116):
        house.turn(moment(3, 10) + timedelta(minutes=minute))
        kept.append(house.total()[1] // (360 * WON))

    assert kept == [1, 2, 2, 2, 3]


def test_without_the_machine_in_the_settings_nothing_is_kept_free_for_it(leased):
    leased.machines = state("on", moment(3, 10))
    leased.turn(moment(3, 10))
    taken_over(leased, rented=[{**LEASED, "hour_price": "100 KRW"}])
    assert leased.total() == (0, 8 * 100 * WON, 0)

    taken_over(leased)
    assert leased.total() == (0, 0, 0)
