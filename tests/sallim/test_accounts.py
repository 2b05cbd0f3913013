"""Reserve, settle, release, expire, book: what each does to the balances."""

import pytest

from sallim.ledger.money_rows import Admitted, Refused
from tests.sallim.money import (
    MONTHS,
    NOVEMBER,
    NOW_US,
    WON,
    asked,
    budget,
    seoul_us,
    settlement,
    states,
    used,
)
from tests.sallim.rows import MINUTE_US

BOTH = ("total", "api", "provider:openai")
LATER_US = NOW_US + 16 * MINUTE_US


def test_a_call_is_kept_free_at_its_worst_and_booked_at_what_it_did_cost(capped):
    assert capped.reserve(asked(buckets=BOTH)) == Admitted("a", 1, WON)
    assert used(capped) == {"api": (0, WON, 0), "total": (0, WON, 0)}

    assert capped.settle("a", 1, settlement(WON // 4))
    assert used(capped) == {"api": (WON // 4, 0, 0), "total": (WON // 4, 0, 0)}


def test_a_call_reads_as_it_was_told(capped):
    call, end = asked(buckets=BOTH, workflow="영상 분석"), settlement()
    capped.reserve(call)
    [before] = capped.calls_since(0, 10)
    capped.settle("a", 1, end)
    [after] = capped.calls_since(before.seq, 10)

    assert (*before[1:24], *before[-3:]) == call
    assert (before.state, before.gross_micro, before.source) == ("open", 0, "")
    assert (*after[1:24], *after[-3:]) == call
    assert (after.state, after[25:-4], after.updated_us) == ("settled", end, end.settled_us)
    assert capped.calls_since(after.seq, 10) == []


def test_all_buckets_of_a_call_are_reserved_or_none(capped):
    assert capped.reserve(asked("a", 60 * WON, buckets=BOTH))
    refused = capped.reserve(asked("b", 1, buckets=BOTH))

    assert refused == Refused(
        *("budget", "api", "essential", 60 * WON, 60 * WON, 60 * WON, 0, 1, NOVEMBER.end_us),
        NOVEMBER.calendar,
    )
    assert used(capped) == {"api": (0, 60 * WON, 0), "total": (0, 60 * WON, 0)}
    assert capped.reserve(asked("c", 40 * WON)) == Admitted("c", 1, 40 * WON)


def test_of_several_buckets_that_refuse_the_tightest_is_named(capped):
    capped.reserve(asked("a", 55 * WON, buckets=BOTH))
    capped.reserve(asked("b", 44 * WON, buckets=("total",)))

    refused = capped.reserve(asked("c", 6 * WON, buckets=BOTH))
    assert (refused.bucket_id, refused.left_micro) == ("total", WON)


@pytest.mark.parametrize(
    ("priority", "limit_won"), [("essential", 100), ("important", 95), ("optional", 90)]
)
def test_a_priority_stops_at_its_part_of_the_cap(capped, priority, limit_won):
    assert capped.reserve(asked("a", limit_won * WON, priority=priority))
    refused = capped.reserve(asked("b", 1, priority=priority))

    assert (refused.limit_micro, refused.left_micro) == (limit_won * WON, 0)
    assert refused.cap_micro == 100 * WON


def test_nothing_is_ever_shrunk_and_admitted(capped):
    capped.reserve(asked("a", 99 * WON))

    refused = capped.reserve(asked("b", WON + 1))
    assert (refused.left_micro, refused.needed_micro) == (WON, WON + 1)
    assert type(capped.reserve(asked("c", WON))) is Admitted


def test_what_costs_nothing_is_admitted_also_when_all_is_used(capped):
    capped.reserve(asked("a", 100 * WON))
    free = asked("b", 0, worst_nano_usd=0, priority="optional")

    assert capped.reserve(free) == Admitted("b", 1, 0)
    assert capped.settle("b", 1, settlement(0, nano_usd=0))
    assert used(capped)["total"] == (0, 100 * WON, 0)


def test_without_any_budget_a_call_is_refused_by_name(accounts, capped):
    assert capped.reserve(asked(buckets=("workflow:ocr",))).code == "no_budget"
    assert capped.reserve(asked(buckets=())).code == "no_budget"
    assert capped.reserve(asked(buckets=("workflow:ocr", "api")))


def test_outside_of_all_periods_a_call_is_refused_by_name(capped):
    far = seoul_us(2031, 1)

    refused = capped.reserve(asked(opened_us=far, expires_us=far))
    assert (refused.code, refused.bucket_id) == ("no_period", "total")
    assert capped.balances(far) == []


def test_asking_again_reserves_nothing_more_and_gives_the_same_answer(capped):
    first = capped.reserve(asked(worst_micro=100 * WON))

    assert capped.reserve(asked(worst_micro=100 * WON)) == first
    assert used(capped)["total"] == (0, 100 * WON, 0)
    # Also where there is room, and a larger one is asked for.
    capped.put_budgets([budget(cap_micro=900 * WON, version=2)], MONTHS)
    assert capped.reserve(asked(worst_micro=200 * WON)) == first
    assert used(capped)["total"] == (0, 100 * WON, 0)
    assert len(capped.calls_since(0, 10)) == 1


@pytest.mark.parametrize("ends", ["settle", "release"])
def test_an_attempt_that_is_over_cannot_be_used_again(capped, ends):
    capped.reserve(asked())
    if ends == "settle":
        capped.settle("a", 1, settlement())
    else:
        capped.release("a", 1, 0, "no connection", NOW_US)
    before = used(capped)

    assert capped.reserve(asked()).code == "repeated"
    assert used(capped) == before


def test_each_attempt_of_a_call_is_reserved(capped):
    for attempt in (1, 2, 3):
        capped.reserve(asked(attempt=attempt))

    assert used(capped)["total"] == (0, 3 * WON, 0)


def test_settling_twice_counts_once(capped):
    capped.reserve(asked())

    assert capped.settle("a", 1, settlement(WON // 2))
    assert not capped.settle("a", 1, settlement(WON))
    assert not capped.release("a", 1, 500, "", NOW_US)
    assert not capped.settle("unknown", 1, settlement())
    assert used(capped)["total"] == (WON // 2, 0, 0)


def test_what_was_not_sent_is_released_to_nothing(capped):
    capped.reserve(asked())

    assert capped.release("a", 1, 401, "a bad key", NOW_US + 5)
    assert not capped.release("a", 1, 401, "a bad key", NOW_US + 6)
    assert not capped.settle("a", 1, settlement())
    assert used(capped)["total"] == (0, 0, 0)
    [call] = capped.calls_since(0, 10)
    assert (call.state, call.status, call.error) == ("released", 401, "a bad key")
    assert (call.gross_micro, call.updated_us) == (0, NOW_US + 5)


def test_what_nobody_ended_is_in_doubt_at_its_worst_and_still_counts(capped):
    capped.reserve(asked("a"))
    capped.reserve(asked("later", expires_us=LATER_US + 1))
    capped.reserve(asked("done"))
    capped.settle("done", 1, settlement(WON // 2))

    [call] = capped.expire(LATER_US)
    assert (call.call_id, call.state, call.source) == ("a", "unverified", "unverified")
    assert (call.gross_micro, call.nano_usd) == (WON, 723_000)
    assert used(capped)["total"] == (WON // 2, WON, WON)
    assert capped.expire(LATER_US) == []
    assert [found.call_id for found in capped.expire(LATER_US + 1)] == ["later"]


def test_what_is_in_doubt_is_settled_when_its_cost_is_known(capped):
    capped.reserve(asked("a"))
    capped.reserve(asked("b"))
    capped.expire(LATER_US)

    assert capped.settle("a", 1, settlement(WON // 2))
    assert capped.release("b", 1, 0, "it was never sent", LATER_US)
    assert used(capped)["total"] == (WON // 2, 0, 0)
    assert states(capped) == {("a", 1): "settled", ("b", 1): "released"}


def test_another_ledger_in_its_place_is_looked_through_anew(capped, tmp_path):
    for number in range(10):
        capped.reserve(asked(f"{number}"))
    capped.expire(NOW_US)
    for path in tmp_path.iterdir():
        path.rename(tmp_path / f"{path.name}.away")
    capped.put_budgets([budget()], MONTHS)
    capped.reserve(asked("a"))

    assert [call.call_id for call in capped.expire(LATER_US)] == ["a"]


def test_a_call_in_flight_at_the_turn_of_the_month_counts_where_it_was_opened(capped):
    last_us = seoul_us(2025, 12) - 1
    capped.reserve(asked("old", 90 * WON, opened_us=last_us, expires_us=last_us + 10))
    capped.reserve(asked("lost", 10 * WON, opened_us=last_us, expires_us=last_us + 10))
    assert type(capped.reserve(asked("none", 1, opened_us=last_us))) is Refused
    capped.reserve(asked("new", 95 * WON, opened_us=last_us + 1, expires_us=last_us + 900))
    capped.expire(last_us + 10)
    capped.settle("old", 1, settlement(80 * WON, settled_us=last_us + 20))
    capped.settle("lost", 1, settlement(5 * WON, settled_us=last_us + 20))

    assert used(capped, last_us)["total"] == (85 * WON, 0, 0)
    assert used(capped, last_us + 1)["total"] == (0, 95 * WON, 0)
    # In Seoul it is December nine hours before it is in UTC.
    assert last_us + 1 == 1_764_514_800_000_000


def test_a_clock_that_goes_back_finds_the_month_before_as_it_was(capped):
    december_us = seoul_us(2025, 12)
    capped.reserve(asked("a", 100 * WON, opened_us=december_us - 1))
    capped.reserve(asked("b", 1, opened_us=december_us))

    assert capped.reserve(asked("c", 1, opened_us=december_us - 5)).code == "budget"


def test_what_is_already_spent_is_booked_and_never_refused(capped):
    opening = asked("opening", 0, buckets=BOTH)

    assert capped.book(opening, settlement(250 * WON, source="typed"))
    assert not capped.book(opening, settlement(250 * WON, source="typed"))
    assert used(capped) == {"api": (250 * WON, 0, 0), "total": (250 * WON, 0, 0)}
    assert type(capped.reserve(asked("a", 1))) is Refused
    [call] = capped.calls_since(0, 10)
    assert (call.state, call.source, call.gross_micro) == ("settled", "typed", 250 * WON)


def test_a_correction_may_be_below_zero_and_makes_room(capped):
    capped.book(asked("bill"), settlement(100 * WON))
    capped.book(asked("correction"), settlement(-3 * WON, nano_usd=-2_000_000))

    assert used(capped)["total"] == (97 * WON, 0, 0)
    assert type(capped.reserve(asked("a", 3 * WON))) is Admitted


def test_what_is_booked_counts_in_the_month_in_which_it_was_spent(capped):
    capped.book(asked("october", opened_us=seoul_us(2025, 10, 5)), settlement(7 * WON))
    capped.book(asked("far", opened_us=seoul_us(2031, 1)), settlement(7 * WON))
    capped.book(asked("elsewhere", buckets=("workflow:ocr",)), settlement(7 * WON))

    assert used(capped)["total"] == (0, 0, 0)
    assert used(capped, seoul_us(2025, 10, 5))["total"] == (7 * WON, 0, 0)
    assert len(capped.calls_since(0, 10)) == 3


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"worst_micro": 1.5}, "worst_micro is 1.5: it must be a whole number"),
        ({"worst_micro": True}, "worst_micro is True"),
        ({"worst_micro": -1}, "worst_micro is -1"),
        ({"worst_micro": 10**15 + 1}, "worst_micro is 1000000000000001"),
        ({"worst_nano_usd": None}, "worst_nano_usd is None"),
        ({"priority": "urgent"}, "priority is 'urgent': it must be one of essential, "),
        ({"call_id": ""}, "call_id is ''"),
        ({"call_id": "x" * 101}, "call_id is 'x"),
        ({"call_id": "a\udcff"}, "call_id is "),
        ({"model": None}, "model is None: it must be text"),
        ({"buckets": ["total"]}, "buckets is .'total'.: it must be a tuple of texts"),
        ({"opened_us": 1e15}, "opened_us is 1000000000000000.0: it must be"),
    ],
)
def test_a_call_that_is_malformed_is_named_and_not_written(capped, changed, sentence):
    with pytest.raises(ValueError, match=sentence):
        capped.reserve(asked()._replace(**changed))
    assert capped.calls_since(0, 10) == []


@pytest.mark.parametrize("amount", [0.5, -1, 10**15 + 1, None])
def test_a_cost_that_is_none_leaves_the_call_open(capped, amount):
    capped.reserve(asked())
    with pytest.raises(ValueError, match="gross_micro is"):
        capped.settle("a", 1, settlement(amount))
    assert used(capped)["total"] == (0, WON, 0)


def test_names_of_any_kind_are_kept_and_what_cannot_be_written_is_replaced(capped):
    name = "영상 🎬 '; DROP TABLE calls; --"
    odd = asked(workflow=name, model="m\udcff\0", buckets=("total", "workflow:a\nb"))
    capped.reserve(odd)
    capped.settle("a", 1, settlement(error="e" * 10_000, tool_calls="x" * 10_000))

    [call] = capped.calls_since(0, 10)
    assert (call.workflow, call.model) == (name, "m?")
    assert call.buckets == ("total", "workflow:a b")
    assert (call.error, call.tool_calls) == ("e" * 500, "")


def test_a_reader_with_a_watermark_sees_each_change_once(capped):
    capped.reserve(asked("a"))
    capped.reserve(asked("b"))
    capped.settle("a", 1, settlement())

    assert [(call.call_id, call.seq) for call in capped.calls_since(0, 10)] == [("b", 2), ("a", 3)]
    assert [call.call_id for call in capped.calls_since(0, 1)] == ["b"]
    assert capped.calls_since(3, 10) == []
