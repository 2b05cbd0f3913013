"""Lines of the caps that are crossed, each once."""

from sallim.ledger.money_rows import Refused
from tests.sallim.money import (
    MONTHS,
    NOVEMBER,
    NOW_US,
    WON,
    asked,
    budget,
    seoul_us,
    settlement,
    used,
)
from tests.sallim.rows import MINUTE_US


def spend(accounts, call_id, won, **changed):
    call = asked(call_id, won * WON, **changed)
    assert type(accounts.reserve(call)) is not Refused
    accounts.settle(call_id, 1, settlement(won * WON))


def crossed(accounts):
    return [
        (event.bucket_id, event.threshold_ppm // 10_000, event.version)
        for event in accounts.limit_events_since(0, 100)
        if event.kind == "threshold"
    ]


def test_a_threshold_is_written_by_what_crosses_it_and_once(capped):
    spend(capped, "a", 69)
    assert crossed(capped) == []
    spend(capped, "b", 1)
    spend(capped, "c", 5)

    [event] = capped.limit_events_since(0, 10)
    assert event[1:8] == (
        *("threshold", "total", NOVEMBER.start_us, NOVEMBER.end_us, 1, 700_000, 100 * WON),
    )
    assert (event.spent_micro, event.call_id, event.attempt) == (70 * WON, "b", 1)
    assert (event.provider, event.at_us) == ("openai", NOW_US + MINUTE_US)
    assert capped.limit_events_since(event.seq, 10) == []


def test_one_call_may_cross_several_lines_in_several_buckets(capped):
    spend(capped, "a", 60, buckets=("api", "total"))
    spend(capped, "b", 40)

    assert crossed(capped) == [
        *(("api", threshold, 1) for threshold in (70, 80, 90, 95, 100)),
        *(("total", threshold, 1) for threshold in (70, 80, 90, 95, 100)),
    ]


def test_what_is_only_reserved_crosses_nothing_and_what_is_in_doubt_does(capped):
    capped.reserve(asked("a", 80 * WON))
    assert crossed(capped) == []

    capped.expire(NOW_US + 16 * MINUTE_US)
    assert crossed(capped) == [("total", 70, 1), ("total", 80, 1)]
    capped.settle("a", 1, settlement(80 * WON))
    assert len(crossed(capped)) == 2


def test_a_line_that_is_crossed_again_after_a_correction_is_not_told_again(capped):
    spend(capped, "a", 70)
    capped.book(asked("correction"), settlement(-5 * WON))
    spend(capped, "b", 5)

    assert crossed(capped) == [("total", 70, 1)]


def test_each_month_has_its_own(capped):
    spend(capped, "a", 70)
    spend(capped, "b", 70, opened_us=seoul_us(2025, 12), expires_us=seoul_us(2025, 12, 2))

    assert crossed(capped) == [("total", 70, 1)] * 2


def test_a_lower_cap_crosses_lines_at_once_and_a_higher_one_does_not(capped):
    spend(capped, "a", 72)
    capped.put_budgets([budget(cap_micro=90 * WON, version=2)], MONTHS)
    assert crossed(capped) == [("total", 70, 1), ("total", 80, 2)]

    capped.put_budgets([budget(cap_micro=100 * WON, version=3)], MONTHS)
    capped.put_budgets([budget(cap_micro=100 * WON, version=3)], MONTHS)
    assert len(crossed(capped)) == 2
    spend(capped, "b", 8)
    assert crossed(capped)[2:] == [("total", 80, 3)]


def test_a_cap_of_nothing_is_crossed_by_whatever_is_spent(capped):
    capped.put_budgets([budget(cap_micro=0, version=2)], MONTHS)
    assert crossed(capped) == []
    capped.book(asked(), settlement(1))

    assert len(crossed(capped)) == 5


def test_what_did_cost_more_than_was_kept_free_is_an_overrun_and_blocks(capped):
    capped.reserve(asked("a", 10 * WON, buckets=("total", "api")))
    capped.settle("a", 1, settlement(101 * WON))

    overruns = [e for e in capped.limit_events_since(0, 100) if e.kind == "overrun"]
    assert [(e.bucket_id, e.spent_micro, e.call_id) for e in overruns] == [
        ("api", 101 * WON, "a"),
        ("total", 101 * WON, "a"),
    ]
    assert used(capped)["total"] == (101 * WON, 0, 0)
    refused = capped.reserve(asked("b", 1))
    assert (refused.used_micro, refused.left_micro) == (101 * WON, 0)


def test_a_model_that_always_costs_more_writes_one_overrun_a_bucket(capped):
    for number in range(20):
        capped.reserve(asked(f"{number}", 10))
        capped.settle(f"{number}", 1, settlement(11))
    capped.reserve(asked("other", 10, model="gpt-5"))
    capped.settle("other", 1, settlement(11))

    assert [event.call_id for event in capped.limit_events_since(0, 100)] == ["0", "other"]
