"""What the agent does about budgets: told once, stopped, brought back, month by month."""

import json
from contextlib import closing

import pytest

from data.budget import stops, told
from models.budget.full import Full
from models.settings import Settings
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Refused
from tests.agent.limiting import NOW, Household
from tests.sallim.money import WON, asked, settlement

FREE = {"pace_factor": 0}


def household_settings(**budget):
    return Settings.model_validate({"budget": {**FREE, **budget}})


def household_of(tmp_path, **budget):
    return Household(tmp_path, household_settings(**budget))


@pytest.fixture
def house(tmp_path):
    """1,000 won for everything, 800 for APIs."""
    house = household_of(tmp_path, total_krw=1_000, api_krw=800)
    yield house
    house.close()


def lines(bucket_id, *percents):
    return sorted(f"{bucket_id} {percent} threshold" for percent in percents)


def test_each_line_is_told_once_as_it_is_crossed(house):
    for won, expected in ((559, []), (1, [70]), (79, [70]), (1, [70, 80]), (80, [70, 80, 90])):
        assert house.spend(won)
        house.step()
        house.step()
        assert [line for line in house.alerts if line.startswith("api")] == lines("api", *expected)
    assert house.limiting.problem is None


def test_a_call_that_crosses_all_lines_tells_all(house):
    house.spend(800)
    house.step()

    assert [each for each in house.alerts if each.startswith("api")] == lines(
        "api", 70, 80, 90, 95, 100
    )
    assert [each for each in house.alerts if each.startswith("total")] == lines("total", 70, 80)


def test_what_was_done_and_what_can_be_is_said(house):
    house.spend(760)
    house.step()
    with house.control.transaction() as connection:
        found = connection.execute(
            "SELECT value FROM state WHERE key LIKE 'alert:budget:api%950000%'"
        ).fetchall()
    [(severity, title, done, to_do)] = [json.loads(value) for (value,) in found]

    assert severity == "critical"
    assert title == "95 % of the budget api is spent: 760 of 800 won"
    assert done == "optional and important calls are refused; essential ones go on"
    assert "raise or release api" in to_do


def test_at_the_end_of_the_total_what_costs_money_is_stopped_and_next_month_brought_back(house):
    house.spend(800)
    house.spend(200, buckets=("servers", "total"))
    house.step()
    assert house.services.up == set()
    assert house.services.asked == [("stop", ("gpu", "n8n"))]
    house.step()
    assert len(house.services.asked) == 1

    house.now = float(house.month.until)
    house.step(1)
    assert house.services.up == {"gpu", "n8n"}
    assert house.services.asked[1:] == [("start", ("gpu", "n8n"))]
    assert stops(house.control) == []
    house.step()
    assert len(house.services.asked) == 2


def test_what_has_no_room_for_its_next_hours_is_stopped_before_they_begin(house):
    house.spend(700)
    house.spend(290, buckets=("servers", "total"))
    house.step()
    before = house.alerts
    house.full = {Full("total", float(house.month.since), 1_000 * WON, 15 * WON)}
    house.step()
    house.step()
    assert house.services.up == set()
    assert [each for each in house.alerts if each not in before] == ["total 100 full"]

    # It is off, and nobody asks for its hours any more: it stays off all the same.
    house.full = set()
    house.step()
    assert house.services.up == set()
    house.raised(300, "total")
    house.step()
    assert house.services.up == {"gpu", "n8n"}


def test_what_had_no_room_last_month_or_by_another_cap_stops_nothing(house):
    house.spend(10)
    since = float(house.month.since)
    for start, cap in ((since - 86_400.0, 1_000), (since, 900)):
        house.full = {Full("total", start, cap * WON, 15 * WON)}
        house.step()
        assert house.services.up == {"gpu", "n8n"}


def test_a_raise_that_ends_with_its_month_tells_nothing_of_what_is_over(house):
    """Nor does a cap that is lowered before the first call of the new month."""
    house.raised(300, "total", house.month.until - house.now)
    house.step()
    house.spend(1_150, buckets=("servers", "total"))
    house.step()
    before = house.alerts
    house.now = float(house.month.until)
    house.step(1)
    house.take_over(household_settings(total_krw=900, api_krw=800))
    house.step()

    assert house.alerts == before
    assert house.services.up == {"gpu", "n8n"}


def test_a_raise_brings_it_back_and_its_end_stops_it_again(house):
    house.spend(1_000, buckets=("servers", "total"))
    house.step()
    house.raised(300, "total")
    house.step()
    assert house.services.up == {"gpu", "n8n"}
    before = len(house.alerts)
    house.step()
    assert len(house.alerts) == before

    house.step(3_600)
    assert house.services.up == set()
    # The cap came back to what is spent: the lines above the raise are crossed once more.
    assert house.alerts[before:] != []


def test_a_raise_and_its_end_tell_no_line_twice_for_one_version(house):
    house.spend(760)
    house.step()
    house.raised(100)
    house.step()
    known = house.alerts
    assert house.spend(40)
    house.step()
    assert [each for each in house.alerts if each.startswith("api")] == lines("api", 70, 80, 90, 95)
    # 800 of 900 won is 88 %: none of the 90 and 95 that were told before is told anew.
    assert set(known) <= set(house.alerts)
    assert house.spend(10)
    house.step()
    assert lines("api", 90, 90)[0] in house.alerts
    assert house.alerts.count("api 90 threshold") == 2


def test_a_raise_that_ends_while_a_call_waits_lets_it_not_through(house):
    house.spend(800)
    house.raised(200)
    house.step()
    waiting = asked("waits", 100 * WON, buckets=("api", "total"))
    house.now += 3_600
    accounts = Accounts.open(house.home.ledger)
    now_us = int(house.now * WON)
    # The agent has not looked yet.
    answer = accounts.reserve(waiting._replace(opened_us=now_us, expires_us=now_us + WON))
    accounts.close()

    assert type(answer) is Refused
    assert answer.cap_micro == 800 * WON


def test_a_release_lets_important_calls_use_the_rest(house):
    house.spend(770)
    assert not house.spend(10, priority="important")
    house.raised(0)
    house.step()
    assert house.spend(10, priority="important")
    assert not house.spend(30, priority="important")


def test_a_budget_lowered_below_what_is_spent_is_told_and_stops(house):
    house.spend(700)
    house.step()
    lower = {"total_krw": 600, "api_krw": 500, **FREE}
    house.take_over(Settings.model_validate({"budget": lower}))
    house.step()

    assert set(lines("total", 70, 80, 90, 95, 100)) <= set(house.alerts)
    assert house.services.up == set()
    assert house.orders[:2] == ["Block", "Block"]


def test_a_cap_that_is_taken_away_brings_back_what_it_stopped(tmp_path):
    house = household_of(tmp_path, servers_krw=100, modes=["servers=stop", "total=block"])
    house.spend(100, buckets=("servers", "total"))
    house.step()
    assert house.services.up == {"n8n"}
    house.take_over(Settings.model_validate({"budget": FREE}))
    house.step()

    assert house.services.up == {"gpu", "n8n"}
    house.close()


def test_what_another_budget_holds_stays_down(tmp_path):
    house = household_of(tmp_path, total_krw=150, servers_krw=100, modes=["servers=stop"])
    house.spend(100, buckets=("servers", "total"))
    house.spend(50)
    house.step()
    assert house.services.up == set()
    house.raised(100, "servers")
    house.step()
    assert house.services.up == set()
    house.raised(100, "total", name="b")
    house.step()
    assert house.services.up == {"gpu", "n8n"}
    house.close()


def test_a_stop_that_fails_is_a_problem_and_tried_again(house):
    house.services.stuck = True
    house.spend(1_000, buckets=("servers", "total"))
    house.step()
    assert "a stop of the budget failed" in str(house.limiting.problem)
    # Told all the same.
    assert "total 100 threshold" in house.alerts
    house.services.stuck = False
    house.step()

    assert house.limiting.problem is None
    assert house.services.up == set()


def test_what_is_new_and_costs_money_is_stopped_as_well(house):
    house.spend(1_000, buckets=("servers", "total"))
    house.step()
    house.services.up.add("gpu-2")
    house.paid["total"].add("gpu-2")
    house.step()

    assert house.services.up == set()


def test_graceful_steps_are_advised_where_the_owner_allows_them(tmp_path):
    shape = {"total_krw": 1_000, "api_krw": 800, "batch_percent": 70, "cheaper_percent": 80}
    house = household_of(tmp_path, **shape)
    house.spend(640)
    house.step()
    with house.control.transaction() as connection:
        rows = connection.execute("SELECT key, value FROM state WHERE key LIKE 'alert:budget:%'")
        told = {key.split(":")[2]: json.loads(value)[2:-1] for key, value in rows}
    house.close()

    steps = ["use a cheaper model where it will do", "send what can wait as a batch"]
    assert [each.split(",")[0] for each in told["api"][1:]] == steps
    assert house.limiting.seen.states["api"].spent_won == 640


def test_a_workflow_that_can_only_fail_is_paused(tmp_path):
    house = household_of(tmp_path, workflows_krw=["ocr=100"], modes=["workflow:ocr=stop"])
    house.services.up.add("workflow:ocr")
    house.spend(95, buckets=("api", "total", "workflow:ocr"))
    house.step()
    assert "workflow:ocr" not in house.services.up
    house.raised(50, "workflow:ocr")
    house.step()
    assert "workflow:ocr" in house.services.up
    house.close()


def test_a_budget_that_only_counts_tells_and_stops_nothing(tmp_path):
    house = household_of(tmp_path, total_krw=100, api_krw=100, modes=["total=count", "api=count"])
    assert house.spend(150)
    house.step()

    assert house.services.up == {"gpu", "n8n"}
    assert "total 100 threshold" in house.alerts
    assert set(house.orders) == {"Tell"} or house.orders == []
    house.close()


def test_a_budget_of_nothing_lets_nothing_through_that_costs(tmp_path):
    house = household_of(tmp_path, total_krw=0, api_krw=0)
    assert [house.spend(won, priority="essential") for won in (0, 1)] == [True, False]
    house.step()
    assert (house.alerts, house.services.up) == ([], {"gpu", "n8n"})
    # What is owed all the same, such as an hour of a machine, is more than nothing.
    row = asked("hour", WON, buckets=("servers", "total"), opened_us=int(house.now * WON))
    with closing(Accounts.open(house.home.ledger)) as accounts:
        accounts.book(row, settlement(WON))
    house.step()
    assert house.services.up == set()
    assert lines("total", 70, 80, 90, 95, 100) == house.alerts
    house.close()


def test_the_day_on_which_the_cap_is_reached_is_told_once(house):
    house.cap_ats["api"] = NOW + 3_600
    house.spend(100)
    house.step()
    house.step()

    assert house.alerts == ["api 100 projection"]


def test_what_did_cost_more_than_was_kept_free_is_told_once_a_model(house):
    accounts = Accounts.open(house.home.ledger)
    now_us = int(house.now * WON)
    for name in "ab":
        accounts.reserve(asked(name, WON, buckets=("api",), opened_us=now_us))
        accounts.settle(name, 1, settlement(2 * WON))
    accounts.close()
    house.step()

    assert house.alerts == ["api 0 overrun"]


def test_at_the_first_look_what_months_ago_were_crossed_is_no_news(tmp_path):
    house = household_of(tmp_path, total_krw=100, api_krw=100)
    house.spend(100)
    house.now += 40 * 86_400
    house.step()
    assert house.alerts == []
    assert len(told(house.control, 0)) == 10
    house.spend(80)
    house.step()
    assert "api 80 threshold" in house.alerts
    house.close()


def test_the_made_up_household_is_left_alone(tmp_path):
    house = household_of(tmp_path, total_krw=100, api_krw=100)
    house.spend(100)
    house.limiting.take_over(Settings(demo=True))
    house.limiting.step()

    assert house.alerts == []
    house.close()
