"""Ours against theirs."""

from hypothesis import given
from hypothesis import strategies as st

from models.costs.reconcile import (
    LATE_SECONDS,
    NANO,
    Correct,
    Doubt,
    Group,
    SettleAt,
    judge,
)

UNTIL = 1_000_000.0
LATER = UNTIL + LATE_SECONDS
RATE = 1_400_000_000

nanos = st.integers(0, 100 * NANO)


def group(theirs, known=0, **more):
    return Group("openai", "gpt-5", UNTIL - 86_400, UNTIL, theirs, known, **more)


def verdict(theirs, known=0, now=LATER, **more):
    return judge(group(theirs, known, **more), now, RATE)


def after(group, orders):
    """The group as the ledger has it when the orders are carried out."""
    settled = sum(order.nano for order in orders if isinstance(order, SettleAt))
    corrected = sum(order.nano for order in orders if isinstance(order, Correct))
    done = {order.call_id for order in orders if isinstance(order, SettleAt)}
    return group._replace(
        known_nano=group.known_nano + settled,
        doubts=[doubt for doubt in group.doubts if doubt.call_id not in done],
        corrected_nano=group.corrected_nano + corrected,
        corrections=group.corrections + sum(isinstance(order, Correct) for order in orders),
    )


def told(group):
    """What the ledger says of it, doubts at their worst."""
    return group.known_nano + group.corrected_nano + sum(d.worst_nano for d in group.doubts)


def test_what_agrees_changes_nothing():
    found = verdict(NANO, NANO)

    assert (found.cause, found.is_alarm, found.orders) == ("none", False, [])
    assert found.guarded_ppm == 1_000_000


def test_how_a_provider_rounds_is_no_alarm_and_is_made_up_for():
    found = verdict(1_000, 900)

    assert (found.cause, found.is_alarm) == ("rounding", False)
    assert found.orders == [Correct(1, 100)]


def test_a_key_that_is_used_outside_is_an_alarm():
    found = verdict(2 * NANO, NANO)

    assert (found.cause, found.is_alarm, found.guarded_ppm) == ("outside", True, 500_000)
    assert found.orders == [Correct(1, NANO)]


def test_small_parts_of_large_bills_are_alarms_by_their_won():
    assert not verdict(100 * NANO, 100 * NANO - NANO // 5).is_alarm
    assert verdict(100 * NANO, 100 * NANO - NANO // 4).is_alarm


def test_a_bill_that_is_not_over_is_late_and_not_lower():
    found = verdict(NANO, 2 * NANO, now=LATER - 1)

    assert (found.cause, found.is_alarm, found.orders) == ("late", False, [])
    assert verdict(NANO, 2 * NANO).cause == "ours"


def test_calls_in_doubt_are_settled_by_what_is_left_of_the_bill():
    doubts = [Doubt("a", 1, 50), Doubt("b", 1, 50), Doubt("c", 2, 50)]
    found = verdict(NANO + 70, NANO, doubts=doubts)

    assert found.orders == [SettleAt("a", 1, 50), SettleAt("b", 1, 20), SettleAt("c", 2, 0)]
    assert verdict(NANO + 70, NANO, doubts=doubts, now=UNTIL).orders == []


def test_a_bill_restated_upwards_and_back_leaves_rows_and_no_difference():
    first = group(NANO, NANO)
    more = first._replace(theirs_nano=3 * NANO, former_nano=NANO)
    found = judge(more, LATER, RATE)
    assert (found.cause, found.orders) == ("restated", [Correct(1, 2 * NANO)])

    back = after(more, found.orders)._replace(theirs_nano=2 * NANO, former_nano=3 * NANO)
    orders = judge(back, LATER, RATE).orders
    assert orders == [Correct(2, -NANO)]
    assert told(after(back, orders)) == 2 * NANO


@given(
    nanos,
    nanos,
    st.lists(nanos, max_size=5),
    st.lists(nanos, max_size=3),
    st.booleans(),
)
def test_in_the_end_the_ledger_says_the_higher_of_both(theirs, known, worst, restated, late):
    doubts = [Doubt(str(number), 1, nano) for number, nano in enumerate(worst)]
    ours = group(theirs, known, doubts=doubts)
    if late:  # While it may still grow, nothing in doubt is given back, and nothing counts twice.
        early = judge(ours, UNTIL, RATE)
        ours = after(ours, early.orders)
        assert told(ours) >= max(theirs, known + sum(worst))
    for bill in [theirs, *restated]:
        ours = ours._replace(theirs_nano=bill, former_nano=ours.theirs_nano)
        ours = after(ours, judge(ours, LATER, RATE).orders)

        assert told(ours) == max(ours.known_nano, bill)
        assert judge(ours, LATER, RATE).orders == []
    assert ours.known_nano >= known
