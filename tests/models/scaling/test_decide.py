"""How many machines: the budget before the settings, these before demand; forecasts only raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demand.gate import Gate
from models.messages import say
from models.scaling.allowed import Allowed, Purse, allowed, cost_micro
from models.scaling.decide import Now, decide
from models.scaling.plan import plan
from tests.models.scaling.traces import pool

ON, OFF = Gate(True, say("it is good")), Gate(False, say("it is new"))
PLENTY = Allowed(99, say("there is plenty"))
WON = 1_000_000


def now(load=130.0, ready=1, pending=0, **more):
    return Now(
        **{"at": 0.0, "load": load, "ready": ready, "pending": pending, "allowed": 99, **more}
    )


def made(rules=None, seen=None, gate=OFF, lets=PLENTY):
    return plan(rules or pool(capacity=80.0, utilization=1.0), seen or now(), gate, lets)[0]


def test_what_is_measured_asks_for_as_many_as_carry_it():
    found = made()

    assert (found.wanted, found.reactive, found.predicted) == (2, 2, None)
    assert str(found.reason) == (
        "2 machines: 130 is measured, and one carries 80 at 100 %; the limits let 20"
    )


def test_a_load_within_a_tenth_changes_nothing():
    rules = pool(capacity=100.0, utilization=0.9)

    assert decide(rules, now(load=95.0)).term == "steady"
    assert decide(rules, now(load=95.0)).wanted == 1
    assert decide(rules, now(load=101.0)).wanted == 2


def test_that_tenth_never_lets_more_in_than_fits():
    assert decide(pool(capacity=100.0, utilization=1.0), now(load=105.0)).wanted == 2


def test_a_forecast_raises_the_number_only_while_it_is_trusted():
    seen = now(load=10.0, highs=(100.0, 250.0, 400.0, 900.0, 900.0, 900.0), highs_at=0.0)

    assert made(seen=seen, gate=OFF).wanted == 1
    assert made(seen=seen, gate=OFF).inputs["would_predict"] == 2
    assert made(seen=seen, gate=ON).wanted == 2
    assert "up to" in str(made(seen=seen, gate=ON).reason)
    assert made(pool(prediction=False), seen, ON).predicted is None


@pytest.mark.parametrize(
    ("at", "start", "predicted"),
    [(0.0, 180.0, 1), (60.0, 180.0, 2), (0.0, 600.0, 3), (0.0, 0.0, 1)],
)
def test_it_looks_ahead_as_far_as_a_machine_needs_to_start_and_a_minute(at, start, predicted):
    highs = (80.0, 160.0, 240.0, 320.0, 400.0, 480.0)
    rules = pool(capacity=80.0, start_seconds=start)

    assert decide(rules, now(at=at, highs=highs)).predicted == predicted


@pytest.mark.parametrize(("high", "wanted"), [(0.003, 0), (7.9, 0), (8.1, 1), (81.0, 2)])
def test_a_forecast_of_next_to_nothing_starts_no_machine(high, wanted):
    """The quantile of a quiet night is never quite zero: it kept a machine until the morning."""
    seen = now(load=0.0, ready=0, highs=(high,) * 6, highs_at=0.0)

    assert made(seen=seen, gate=ON).wanted == wanted


def test_a_forecast_that_is_over_says_nothing():
    assert decide(pool(), now(at=9_000.0, highs=(80.0,) * 6)).predicted is None


def test_the_budget_wins_over_everything():
    found = made(seen=now(load=900.0, ready=2), lets=Allowed(3, say("servers has no more")))

    assert (found.wanted, found.allowed) == (3, 3)
    assert str(found.reason) == "3 machines, though demand asks for 12: servers has no more"
    assert made(pool(instances_min=2), lets=Allowed(0, say("it is spent"))).wanted == 0


def test_the_settings_bound_both_ends():
    assert "the settings let no more" in str(made(pool(instances_max=1)).reason)
    idle = made(pool(instances_min=2), now(load=0.0, ready=2))

    assert (idle.wanted, str(idle.reason)) == (
        2,
        "2 machines, the least that the settings ask for; demand needs 0",
    )


def test_fewer_only_once_that_has_been_enough_for_a_while():
    rules, seen = pool(capacity=80.0, utilization=1.0, down_seconds=300), now(load=300.0, ready=4)
    first = decide(rules, seen)
    early = decide(rules, now(at=240.0, load=70.0, ready=4, past=first.past))
    late = decide(rules, now(at=300.0, load=70.0, ready=4, past=early.past))

    assert (first.wanted, early.wanted, early.term, late.wanted) == (4, 4, "falling", 1)


def test_a_machine_that_is_paid_for_stays():
    rules = pool(down_seconds=0)
    found = decide(rules, now(load=0.0, ready=3, paid_seconds=(3_000.0, 900.0, 300.0)))

    assert (found.wanted, found.term) == (2, "paid")
    cut = decide(rules, now(load=0.0, ready=3, allowed=0, paid_seconds=(3_000.0,) * 3))
    assert cut.wanted == 0


def test_what_is_not_measured_holds():
    found = made(seen=now(load=None, ready=2, pending=1, highs=(900.0,) * 6), gate=ON)

    assert found.wanted == 3
    assert str(found.reason) == (
        "3 machines as now: what they have to do is not measured at the moment"
    )


@given(
    load=st.floats(0, 1e6),
    high=st.floats(0, 1e6),
    ready=st.integers(0, 30),
    most=st.integers(0, 30),
    lets=st.integers(-3, 30),
)
def test_a_forecast_never_lowers_and_no_limit_is_passed(load, high, ready, most, lets):
    rules = pool(instances_max=most)
    plain = now(load=load, ready=ready, allowed=lets)
    alone = decide(rules, plain)
    ahead = decide(rules, plain._replace(highs=(high,) * 6))

    assert alone.wanted <= ahead.wanted <= max(min(most, lets), 0)
    assert ahead.desired >= alone.desired


@given(
    loads=st.lists(st.one_of(st.none(), st.floats(0, 500)), max_size=30),
    highs=st.lists(st.floats(0, 500), min_size=6, max_size=6),
)
def test_every_decision_has_a_sentence(loads, highs):
    rules, past, there = pool(instances_max=5, increment_seconds=3_600), (), 0
    for minute, load in enumerate(loads):
        seen = now(
            at=minute * 60.0, load=load, ready=there, past=past, highs=highs, highs_at=minute * 60.0
        )
        found, decision = plan(rules, seen, ON, PLENTY)
        past, there = decision.past, found.wanted

        assert str(found.reason)


SERVERS = Purse("servers", 9_900 * WON, 5_000 * WON, 6_000 * WON)
TOTAL = Purse("total", 24_900 * WON, 15_000 * WON, 16_000 * WON)
GPU = pool(hour_micro=400 * WON, instances_max=50)


def test_each_budget_lets_as_many_leases_as_are_left_in_it():
    assert allowed(GPU, [SERVERS], 1).machines == 1 + 3_900 // 400
    assert allowed(GPU, [SERVERS, TOTAL], 1).machines == 1 + 3_900 // 400
    assert (
        str(allowed(GPU, [SERVERS], 0).why) == "servers has 3,900 won left, and one more costs 400"
    )


def test_of_the_total_only_95_percent_may_be_committed():
    total = TOTAL._replace(committed_micro=23_200 * WON)

    assert allowed(GPU, [SERVERS, total], 1).machines == 1 + (23_655 - 23_200) // 400


def test_a_long_step_of_charges_must_be_payable_as_a_whole():
    assert cost_micro(GPU) == 400 * WON
    assert cost_micro(GPU._replace(increment_seconds=86_400)) == 9_600 * WON
    assert cost_micro(pool(hour_micro=1, increment_seconds=5_400)) == 2


@pytest.mark.parametrize(("percent", "there"), [(89, 12), (90, 2), (95, 1), (100, 0)])
def test_the_nearer_the_months_end_of_money_the_fewer_may_stay(percent, there):
    spent = 24_900 * WON * percent // 100
    total = Purse("total", 24_900 * WON, spent, 16_000 * WON)
    rules = GPU._replace(instances_min=1)
    rich = Purse("servers", 90_000 * WON, 0, 86_000 * WON)

    assert allowed(rules, [rich, total], 2).machines == there


def test_what_is_committed_beyond_the_cap_lets_machines_go():
    assert allowed(GPU, [SERVERS._replace(committed_micro=10_200 * WON)], 3).machines == 2


def test_without_a_price_or_a_budget_none_is_added():
    assert allowed(GPU._replace(hour_micro=None), [SERVERS], 2).machines == 2
    assert allowed(GPU, [], 2).machines == 2
    assert allowed(pool(hour_micro=0), [], 0).machines == 20
