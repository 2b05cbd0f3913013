"""The oldest first, within what is left and within the share of a day."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.budget.state import BucketState
from models.settings.budget import Budget
from models.waiting.item import NOW as AT_ONCE
from models.waiting.item import PACED, RUNNING
from models.waiting.pacing import Room, Rule, Standing, next_to_run, room_of, used_micro
from tests.models.waiting.waiting_items import NOW, WON, item

SEOUL = ZoneInfo("Asia/Seoul")
ON = Rule("on", 10, 1, SEOUL)
DAY = 86_400.0


def standing(left=5_000, cap=15_000, **more) -> Standing:
    left_micro = dict.fromkeys(("essential", "important", "optional"), left * WON)
    return Standing({"api": Room("api", cap * WON, left_micro)}, **more)


def test_the_oldest_runs_first_within_its_priority():
    items = [item(3), item(1, priority="optional"), item(2), item(4, priority="essential")]

    order = []
    while items:
        following = next_to_run(items, standing(), ON, NOW).item
        order.append(following.execution_id)
        items.remove(following)
    assert order == ["4", "2", "3", "1"]


def test_nothing_runs_while_its_bucket_still_refuses_and_it_says_why():
    found = next_to_run([item(1)], standing(left=99), ON, NOW)

    assert found.item is None
    assert str(found.why) == (
        "Digest · 1 waits for money: it may need 100 won, and 99 are left for important calls in "
        "the budget api"
    )


def test_a_budget_above_that_has_nothing_left_holds_it_back_too():
    rooms = {**standing().rooms, "total": Room("total", 24_900 * WON, {"important": 0})}
    found = next_to_run([item(1)], Standing(rooms), ON, NOW)

    assert "in the budget total" in str(found.why)


def test_a_small_one_does_not_overtake_a_large_one_of_its_bucket():
    items = [item(1, estimated_micro=6_000 * WON), item(2)]

    assert next_to_run(items, standing(), ON, NOW).item is None


def test_the_share_of_the_day_is_kept_and_the_sentence_says_until_when():
    items = [item(1, state="done", begun_at=NOW - 3_600, estimated_micro=1_450 * WON), item(2)]
    found = next_to_run(items, standing(), ON, NOW)

    assert found.item is None
    assert "used 1,450 of 1,500 won in the budget api" in str(found.why)
    assert next_to_run(items, standing(), ON, NOW + DAY).item.execution_id == "2"


def test_a_clock_that_is_put_back_an_hour_frees_nothing_of_the_day():
    spent = item(1, state="done", begun_at=NOW, estimated_micro=1_500 * WON)

    assert next_to_run([spent, item(2)], standing(), ON, NOW - 3_600).item is None
    assert next_to_run([spent, item(2)], standing(), ON, NOW - 40 * DAY).item is not None


def test_a_person_who_wants_it_now_is_not_paced_but_makes_no_money():
    spent = item(1, state="done", begun_at=NOW - 60, estimated_micro=1_500 * WON)
    urgent = item(2, asked=AT_ONCE)

    assert next_to_run([spent, urgent], standing(), ON, NOW).item == urgent
    assert next_to_run([spent, urgent], standing(left=1), ON, NOW).item is None


@pytest.mark.parametrize("rerun", ["off", "ask"])
def test_without_leave_only_what_a_person_asked_for_runs(rerun):
    rule = ON._replace(rerun=rerun)
    found = next_to_run([item(1)], standing(), rule, NOW)

    assert (found.item, found.is_for_a_person) == (None, True)
    assert str(found.why) == "Digest · 1 could run, and waits for your word"
    asked = item(2, asked=PACED)
    assert next_to_run([item(1), asked], standing(), rule, NOW).item == asked


def test_what_nobody_asked_for_holds_nothing_back():
    items = [item(1, estimated_micro=9_000 * WON), item(2, asked=PACED)]

    assert next_to_run(items, standing(), ON._replace(rerun="ask"), NOW).item == items[1]


def test_one_of_a_workflow_runs_at_a_time_and_others_go_on():
    runs = item(1, state=RUNNING, begun_at=NOW - 10)
    other = item(3, kind="wf2", name="Other")

    assert next_to_run([runs, item(2), other], standing(), ON, NOW).item == other
    found = next_to_run([runs, item(2)], standing(), ON, NOW)
    assert str(found.why) == "Digest · 2 waits for its turn: one of Digest runs"
    assert next_to_run([runs, item(2)], standing(), ON._replace(at_once=2), NOW).item is not None


def test_a_person_who_stopped_everything_is_not_gone_around():
    found = next_to_run([item(1, asked=AT_ONCE)], standing(is_held=True), ON, NOW)

    assert "a person stopped everything" in str(found.why)


def test_what_was_refused_again_waits_longer_each_time():
    again = item(1, tries=2, changed_at=NOW - 599)

    assert next_to_run([again], standing(), ON, NOW).item is None
    assert next_to_run([again], standing(), ON, NOW + 1).item == again
    # A clock that was put back makes nothing wait longer.
    assert next_to_run([again], standing(), ON, NOW - 10_000).item == again


def test_a_budget_that_is_gone_refuses_nothing_any_more():
    moved = item(1, bucket_id="provider:openai")

    assert next_to_run([moved], standing(), ON, NOW).item == moved
    assert "no budget yet" in str(next_to_run([moved], Standing({}), ON, NOW).why)


def test_a_room_is_what_admission_leaves():
    api = BucketState("api", 0, 1, Decimal(1000), Decimal(900), open_won=Decimal(20))
    budget = Budget()

    assert room_of(api, budget).left_micro["essential"] == 80 * WON
    assert room_of(api, budget).left_micro["important"] == 30 * WON
    assert room_of(api._replace(is_released=True), budget).left_micro["important"] == 80 * WON
    assert room_of(api._replace(blocks=False), budget).left_for("optional") > 10**8 * WON


COSTS = st.lists(st.integers(0, 2_000), min_size=1, max_size=12)


@given(COSTS, st.integers(1, 100), st.integers(1, 6))
def test_no_day_takes_more_than_its_share_and_nothing_waits_for_ever(costs, percent, hours):
    items = [item(n, estimated_micro=won * WON) for n, won in enumerate(costs, 1)]
    rule, room, now = Rule("on", percent, 1, SEOUL), standing(left=10_000), NOW
    begun = []
    for _ in range(len(items) * 30 * 24 // hours + 1):
        found = next_to_run(items, room, rule, now).item
        if found is None:
            now += hours * 3_600.0
            continue
        place = items.index(found)
        items[place] = found._replace(state="done", begun_at=now)
        begun.append(items[place])
        within = [each for each in begun if now - DAY < each.begun_at]
        alone = sum(each.estimated_micro > 0 for each in within) <= 1
        assert used_micro(items, "api", now) <= 15_000 * WON * percent // 100 or alone
        if len(begun) == len(items):
            break

    assert [each.execution_id for each in begun] == [str(n) for n in range(1, len(items) + 1)]
