"""Fixed items and hours of rented machines on their way into the ledger."""

import json
from datetime import UTC, date, timedelta
from decimal import Decimal

import pytest

from agent.dues import EVERY_SECONDS
from data.bills.rates import put_rates
from models.costs.fx import DayRate
from tests.agent.due import WON, House, moment, state, taken_over
from tests.sallim.money import asked, states


@pytest.fixture
def vps(tmp_path):
    return House(
        tmp_path,
        fixed=[{"name": "vps", "month_price": "5 USD", "day": 20, "provider": "hetzner"}],
        exchange={"vat_rates": ["hetzner=0.2"], "card_fee_rate": 0},
    )


def rates(house, *days):
    put_rates(
        house.home,
        [DayRate(date(2026, 11, day), Decimal(won), Decimal(1600), "ECB") for day, won in days],
        0,
    )


def test_it_is_kept_free_from_the_first_and_booked_on_its_day_at_the_rate_of_that_day(vps):
    rates(vps, (2, 1300), (20, 1400))
    vps.begin(moment(3))
    reserved = vps.total()[1]
    vps.turn(moment(20))

    assert reserved == 5 * 1414 * 12 * WON // 10
    assert vps.total() == (5 * 1400 * 12 * WON // 10, 0, 0)


def test_however_often_it_is_looked_at_it_counts_once_a_month(vps):
    vps.begin(moment(1))
    for hours in range(0, 24 * 45, 12):
        vps.turn(moment(1) + timedelta(hours=hours))

    assert states(vps.accounts) == {
        ("fixed:vps:2026-11", 1): "settled",
        ("fixed:vps:2026-12", 1): "open",
    }


def test_installed_on_the_17th_after_its_day_it_is_booked_at_once(tmp_path):
    house = House(tmp_path, fixed=[{"name": "domain", "month_price": "1500 KRW", "day": 5}])
    house.begin(moment(17))

    assert house.total() == (1500 * WON, 0, 0)
    [call] = house.accounts.calls_since(0, 10)
    assert (call.endpoint, call.source, call.worst_micro) == (
        "fixed:domain",
        "estimated",
        1500 * WON,
    )


def test_a_day_on_which_nobody_was_there_is_booked_afterwards(vps):
    vps.begin(moment(3))
    vps.turn(moment(2, month=12))

    assert states(vps.accounts)["fixed:vps:2026-11", 1] == "settled"


def test_the_month_before_the_first_start_is_nobodys(vps):
    vps.begin(moment(2, month=12))

    assert states(vps.accounts) == {("fixed:vps:2026-12", 1): "open"}


def test_one_that_does_not_fit_is_a_problem_and_is_booked_all_the_same(vps):
    vps.budgeting.take_over(vps.settings)
    vps.now = moment(3)
    vps.accounts.reserve(
        asked("1", worst_micro=24_000 * WON)._replace(opened_us=int(moment(3).timestamp() * 1e6))
    )
    vps.begin(moment(3))

    assert "vps costs" in str(vps.dues.problem)
    vps.turn(moment(20))
    assert vps.dues.problem is None
    assert vps.total()[0] > 0


VPS = {"name": "vps", "month_price": "5000 KRW", "day": 20}


def test_one_that_is_taken_out_of_the_settings_before_its_day_is_let_go(tmp_path):
    house = House(tmp_path, fixed=[VPS, {**VPS, "name": "domain", "day": 2}])
    house.begin(moment(3))
    assert house.total() == (5000 * WON, 5000 * WON, 0)

    taken_over(house)
    assert house.total() == (5000 * WON, 0, 0)
    assert states(house.accounts)["fixed:vps:2026-11", 1] == "released"


def test_one_that_comes_back_is_kept_free_and_booked_again(tmp_path):
    house = House(tmp_path, fixed=[VPS])
    house.begin(moment(3))
    taken_over(house)
    taken_over(house, fixed=[VPS])
    assert house.total() == (0, 5000 * WON, 0)

    house.turn(moment(20))
    house.turn(moment(21))
    assert house.total() == (5000 * WON, 0, 0)


def test_taken_out_and_brought_back_after_its_day_it_is_booked_once(tmp_path):
    house = House(tmp_path, fixed=[VPS])
    house.begin(moment(3))
    taken_over(house)
    house.now = moment(25)
    taken_over(house, fixed=[VPS])
    taken_over(house, fixed=[VPS])

    assert house.total() == (5000 * WON, 0, 0)


def test_a_changed_price_is_kept_free_anew_and_another_rate_is_not(tmp_path):
    house = House(tmp_path, fixed=[{**VPS, "month_price": "5 USD"}])
    rates(house, (2, 1300))
    house.begin(moment(3))
    reserved = house.total()[1]
    rates(house, (4, 1400))
    house.budgeting.renew()
    house.budgeting.step()
    house.turn(moment(4))
    assert house.total() == (0, reserved, 0)

    taken_over(house, fixed=[{**VPS, "month_price": "7 usd"}])
    house.turn(moment(5))
    assert house.total()[1] > reserved * 7 // 5
    assert states(house.accounts) == {
        ("fixed:vps:2026-11", 1): "released",
        ("fixed:vps:2026-11", 2): "open",
    }
    house.turn(moment(20))
    assert house.total()[1:] == (0, 0)


def test_what_last_month_kept_free_counts_when_nobody_knows_whether_it_was_charged(tmp_path):
    house = House(tmp_path, fixed=[VPS])
    house.begin(moment(3))
    house.now = moment(2, month=12)
    taken_over(house)

    assert states(house.accounts) == {("fixed:vps:2026-11", 1): "open"}


@pytest.fixture
def gpu(tmp_path):
    house = House(
        tmp_path,
        rented=[{"name": "gpu", "hour_price": "360 KRW", "increment_seconds": 60}],
    )
    house.begin(moment(3))
    return house


def test_the_hours_of_a_day_are_booked_when_it_is_over(gpu):
    gpu.machines = state("on", moment(3, 10))
    gpu.turn(moment(3, 12))
    gpu.turn(moment(3, 13))
    gpu.machines = state("off", moment(3, 13) + timedelta(seconds=30))
    gpu.turn(moment(3, 20))
    assert gpu.total() == (0, 0, 0)
    gpu.turn(moment(4, 1))

    assert gpu.total() == (181 * 6 * WON, 0, 0)
    [call] = gpu.accounts.calls_since(0, 10)
    assert (call.call_id, call.endpoint) == ("server:gpu:2026-11-03", "server:gpu")
    assert call.opened_us == int(moment(3).timestamp() * 1e6)


def test_while_the_agent_was_down_a_machine_that_stayed_on_went_on_costing(gpu):
    gpu.machines = state("on", moment(3))
    gpu.turn(moment(5, 6))

    assert gpu.total() == (48 * 360 * WON, 0, 0)
    gpu.turn(moment(6))
    assert gpu.total() == (72 * 360 * WON, 0, 0)


def test_a_silent_machine_is_paid_for_and_one_that_was_returned_is_not(gpu):
    gpu.machines = state("silent", moment(3, 1))
    gpu.turn(moment(3, 2))
    gpu.machines = state("off", moment(3, 2))
    gpu.turn(moment(4, 2))

    assert gpu.total() == (2 * 360 * WON, 0, 0)


def test_a_clock_that_steps_back_counts_nothing_twice(gpu):
    gpu.machines = state("on", moment(3))
    gpu.turn(moment(3, 5))
    gpu.dues.take_over(gpu.settings)
    gpu.turn(moment(3, 2))
    gpu.dues.take_over(gpu.settings)
    gpu.turn(moment(3, 6))
    gpu.machines = state("off", moment(3, 6))
    gpu.turn(moment(4, 6))

    assert gpu.total() == (6 * 360 * WON, 0, 0)


def test_without_a_ledger_it_is_a_problem_and_tried_again(tmp_path):
    house = House(tmp_path, fixed=[{"name": "vps", "month_price": "5 USD"}])
    house.dues.take_over(house.settings)
    house.dues.step()

    assert "no exchange rate" in str(house.dues.problem)
    house.budgeting.take_over(house.settings)
    house.turn(house.now + timedelta(seconds=EVERY_SECONDS))
    assert house.dues.problem is None
    assert house.now.tzinfo is not UTC


def test_pages_are_told_what_an_hour_costs_as_it_would_be_booked(tmp_path):
    """0.34 USD at 1,400 won with 10 % VAT and 2.5 % for the card: 536.69 won."""
    gpu = {"name": "gpu", "provider": "runpod", "hour_price": "0.34 USD"}
    house = House(tmp_path, rented=[gpu])
    rates(house, (3, 1400))
    house.begin(moment(3))
    house.turn(moment(3, 1))
    taken_over(house, rented=[gpu, {"name": "own", "hour_price": "0 KRW"}])
    taken_over(house)

    assert [json.loads(thing.detail) for thing in house.told] == [
        [{"name": "gpu", "provider": "runpod", "won": "536.690000"}],
        [
            {"name": "gpu", "provider": "runpod", "won": "536.690000"},
            {"name": "own", "provider": "other", "won": "0.000000"},
        ],
        [],
    ]


def test_pages_are_told_since_when_a_machine_runs_of_which_no_time_is_kept_free(tmp_path):
    gpu = {"name": "gpu", "hour_price": "500 KRW"}
    house = House(tmp_path, rented=[gpu])
    house.machines = state("on", moment(2, 9))
    house.begin(moment(3, 1))
    house.turn(moment(3, 2))
    taken_over(house, rented=[gpu | {"lease_hours": 4}])

    since = [json.loads(thing.detail)[0].get("runs_since") for thing in house.told]
    # Of days that are over the hours are booked.
    assert since == [str(int(moment(3).timestamp())), None]
