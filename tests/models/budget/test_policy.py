"""Which orders follow from what is spent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.budget.orders import TURNS, Advise, Block, BringBack, PauseWorkflow, StopPaid, Tell
from models.budget.policy import decide
from models.budget.state import BucketState, Stopped
from models.budget.tree import children_of, other_spent_won, parent_of
from models.settings.budget import Budget

START, END, NOW = 0.0, 2_592_000.0, 1_000_000.0
SETTINGS = Budget()


def bucket(spent, cap=1_000, bucket_id="api", **changed):
    known = BucketState(bucket_id, START, END, Decimal(cap), Decimal(spent), version=1)
    return known._replace(**changed)


def orders(*buckets, settings=SETTINGS, now=NOW):
    return decide(buckets, settings, now)


def told(found):
    return [(order.kind, order.percent, order.severity) for order in found if type(order) is Tell]


def of(found, kind):
    return [order for order in found if type(order) is kind]


def test_below_the_first_line_nothing_is_ordered():
    assert orders(bucket("699.999999")) == ()


@pytest.mark.parametrize("percent", [70, 80, 90, 95, 100])
def test_a_line_is_told_at_its_exact_value(percent):
    below, at = bucket(Decimal(percent * 10) - Decimal("0.000001")), bucket(percent * 10)

    assert ("threshold", percent) not in [(kind, each) for kind, each, _ in told(orders(below))]
    assert ("threshold", percent) in [(kind, each) for kind, each, _ in told(orders(at))]


def test_what_was_told_is_not_told_again():
    known = bucket(960, told=frozenset({("threshold", 70), ("threshold", 80), ("threshold", 95)}))

    assert told(orders(known)) == [("threshold", 90, "warn")]


@pytest.mark.parametrize(
    ("spent", "refused"),
    [
        (899, ()),
        (900, ("optional",)),
        (950, ("optional", "important")),
        (999, ("optional", "important")),
        (1_000, ("optional", "important", "essential")),
        (1_200, ("optional", "important", "essential")),
    ],
)
def test_the_less_important_stop_first(spent, refused):
    found = of(orders(bucket(spent)), Block)

    assert found == ([Block("api", refused)] if refused else [])


def test_calls_are_blocked_and_services_stopped_before_anybody_is_told():
    found = orders(bucket(1_000, mode="stop"))

    assert [type(order) for order in found] == [Block, StopPaid, *[Tell] * 5]
    assert found[1] == StopPaid("api", ("essential",))


def test_only_the_mode_that_says_so_stops_anything():
    assert not of(orders(bucket(1_000)), StopPaid)
    assert not of(orders(bucket(999, mode="stop")), StopPaid)


def test_a_budget_that_only_counts_tells_and_does_nothing():
    found = orders(bucket(1_500, mode="count"))

    assert {type(order) for order in found} == {Tell}
    assert {severity for *_, severity in told(found)} == {"info", "warn"}


def test_a_workflow_that_can_only_fail_is_paused():
    ocr = bucket(950, bucket_id="workflow:ocr: night", mode="stop")

    assert of(orders(ocr), PauseWorkflow) == [PauseWorkflow("ocr: night")]
    assert not of(orders(ocr._replace(mode="block")), PauseWorkflow)
    assert not of(orders(ocr._replace(settled_won=Decimal(949))), PauseWorkflow)


def test_a_released_bucket_is_used_to_its_end_and_stops_nothing():
    assert not of(orders(bucket(999, is_released=True)), Block)
    found = orders(bucket(1_000, is_released=True, mode="stop", stopped=Stopped(START, 1)))
    assert of(found, Block) == [Block("api", ("optional", "important", "essential"))]
    assert of(found, BringBack) == [BringBack("api")]


def test_what_was_stopped_comes_back_by_a_roll_a_raise_or_a_real_correction():
    stopped = bucket(1_000, mode="stop", stopped=Stopped(START, 1))

    assert of(orders(stopped), StopPaid)
    small = orders(stopped._replace(settled_won=Decimal(960)))
    assert of(small, StopPaid)
    assert not of(small, BringBack)
    large = orders(stopped._replace(settled_won=Decimal(949)))
    assert of(large, BringBack) == [BringBack("api")]
    raised = orders(stopped._replace(cap_won=Decimal(1_010), version=2))
    assert of(raised, BringBack)
    rolled = orders(stopped._replace(settled_won=Decimal(0), start=END, end=2 * END))
    assert of(rolled, BringBack)
    assert not of(orders(stopped._replace(cap_won=Decimal(999), version=2)), BringBack)
    assert of(orders(stopped._replace(mode="block")), BringBack)


def test_a_budget_of_nothing_refuses_all_and_stops_nothing_that_costs_nothing():
    found = orders(bucket(0, cap=0, mode="stop"))
    assert found == (Block("api", ("optional", "important", "essential")),)

    spent = orders(bucket(1, cap=0, mode="stop"))
    assert len(told(spent)) == 5
    assert of(spent, StopPaid)


def test_steps_are_advised_only_where_the_owner_allows_them():
    assert not of(orders(bucket(990)), Advise)
    allowed = Budget(cheaper_percent=80, batch_percent=90)

    assert of(orders(bucket(850), settings=allowed), Advise) == [Advise("api", "cheaper_model")]
    assert of(orders(bucket(900), settings=allowed), Advise) == [
        *(Advise("api", "cheaper_model"), Advise("api", "batch")),
    ]


def test_the_day_on_which_the_cap_is_reached_is_told_once_and_only_ahead():
    ahead = bucket(500, cap_at=2_000_000.0)

    [tell] = orders(ahead)
    assert (tell.kind, tell.severity) == ("projection", "warn")
    assert str(tell.message).endswith("(1,000 won) is reached on 1970-01-24")
    for changed in (
        {"told": frozenset({("projection", 100)})},
        {"cap_at": END},
        {"cap_at": NOW - 1},
        {"cap_at": None},
    ):
        assert not orders(ahead._replace(**changed))
    assert ("projection", 100, "warn") not in told(
        orders(ahead._replace(settled_won=Decimal(1_000)))
    )


amounts = st.decimals(0, 3_000, places=6)
buckets = st.builds(
    bucket,
    spent=amounts,
    cap=st.integers(0, 2_000),
    bucket_id=st.sampled_from(["total", "api", "workflow:ocr"]),
    mode=st.sampled_from(["count", "block", "stop"]),
    is_released=st.booleans(),
    stopped=st.sampled_from([None, Stopped(START, 1), Stopped(START, 0), Stopped(-END, 1)]),
    told=st.frozensets(st.tuples(st.just("threshold"), st.sampled_from([70, 80, 90, 95, 100]))),
)
rules = st.builds(
    Budget,
    important_percent=st.integers(1, 100),
    optional_percent=st.integers(1, 100),
    alert_percents=st.lists(st.integers(1, 100), min_size=1, max_size=10, unique=True),
    cheaper_percent=st.integers(0, 100),
    batch_percent=st.integers(0, 100),
)


@given(buckets, amounts, rules)
def test_more_spent_never_loosens_an_order(known, more, settings):
    less = orders(known, settings=settings)
    greater = orders(known._replace(settled_won=known.settled_won + more), settings=settings)

    def refused(found):
        return {each for order in of(found, Block) for each in order.priorities}

    assert refused(less) <= refused(greater)
    for kind in (StopPaid, PauseWorkflow, Advise):
        assert set(of(less, kind)) <= set(of(greater, kind))
    assert set(of(greater, BringBack)) <= set(of(less, BringBack))
    assert {each[:2] for each in told(less)} <= {each[:2] for each in told(greater)}


@given(st.lists(amounts, max_size=12), st.integers(0, 2_000), rules)
def test_each_line_is_told_once_whatever_is_spent_and_corrected(spendings, cap, settings):
    known, said = bucket(0, cap=cap), []
    for spent in spendings:
        known = known._replace(settled_won=spent)
        fresh = [order.percent for order in of(orders(known, settings=settings), Tell)]
        said += fresh
        known = known._replace(told=known.told | {("threshold", percent) for percent in fresh})

    assert len(said) == len(set(said))
    highest = max(spendings, default=Decimal(0))
    assert set(said) == {
        percent
        for percent in settings.alert_percents
        if highest > 0 and highest * 100 >= cap * percent
    }


@given(st.lists(buckets, max_size=4), rules)
def test_orders_come_in_the_order_in_which_they_are_done(known, settings):
    turns = [TURNS.index(type(order)) for order in decide(known, settings, NOW)]

    assert turns == sorted(turns)


@given(buckets, amounts, rules)
def test_a_what_if_is_the_same_policy(known, spent, settings):
    assert orders(known.at(spent), settings=settings) == orders(
        known._replace(settled_won=spent, told=frozenset(), stopped=None), settings=settings
    )


def test_the_tree():
    known = {
        each.bucket_id: each
        for each in (
            *(bucket(900, bucket_id="total"), bucket(400), bucket(300, bucket_id="servers")),
            bucket(100, bucket_id="workflow:ocr", cap=150),
        )
    }

    assert children_of("total", known) == ["api", "servers"]
    assert children_of("api", known) == ["workflow:ocr"]
    assert parent_of("key:n8n") == "api"
    assert other_spent_won(known) == 200


def test_a_budget_that_has_no_room_for_what_runs_stops_it_and_says_so_once():
    full = bucket(940, bucket_id="total", mode="stop", open_won=Decimal(58), is_full=True)
    found = orders(full)

    assert of(found, StopPaid) == [StopPaid("total", ("essential",))]
    [tell] = [each for each in of(found, Tell) if each.kind == "full"]
    assert (tell.severity, "2 of 1,000 won are left" in str(tell.message)) == ("critical", True)
    assert not [
        each
        for each in of(orders(full._replace(told={("full", 100)})), Tell)
        if each.kind == "full"
    ]
    assert of(orders(full._replace(is_released=True)), StopPaid) == []
    assert of(orders(full._replace(mode="block")), StopPaid) == []


@pytest.mark.parametrize(("open_won", "comes_back"), [(58, False), (20, False), (9, True)])
def test_what_was_stopped_for_want_of_room_comes_back_with_room(open_won, comes_back):
    known = bucket(940, bucket_id="total", mode="stop", open_won=Decimal(open_won))
    found = orders(known._replace(stopped=Stopped(START, 1)))

    assert bool(of(found, BringBack)) == comes_back


def test_what_if_knows_nothing_of_what_runs():
    assert not bucket(990, is_full=True).at(Decimal(10)).is_full
