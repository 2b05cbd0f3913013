"""The simulator: the rules of forecasting.md, 8.2, and the policies that are compared."""

from hypothesis import given, settings
from hypothesis import strategies as st

from models.forecasts.short import short_fit
from models.scaling.outlook import no_outlook, outlook_of, steps_of
from models.scaling.policies import oracle, oracle_held, ours, reactive, seasonal, static
from models.scaling.simulate import Purse, run
from tests.models.scaling.traces import DAY_MINUTES, START, day_and_night, pool, steps, trace

WON = 1_000_000
DEMAND = day_and_night(8)


def test_a_machine_is_ready_once_its_time_has_come_and_paid_from_its_order():
    rules = pool(capacity=10.0, start_seconds=120, instances_min=1)
    found = run(trace([5.0, *[25.0] * 6]), rules, static(3))

    assert found.counts == (3,) * 6
    assert found.ready == (1, 1, 3, 3, 3, 3)
    assert found.over == 2 * (25.0 - 10.0)
    assert (found.over_minutes, found.events) == (2, 1)
    assert found.instance_hours == 18 / 60


def test_it_begins_with_what_carries_the_minute_before_at_seventy_percent():
    rules = pool(capacity=10.0, instances_min=1)

    assert run(trace([28.1, 0.0]), rules, static(1)).events == 1
    assert run(trace([28.1, 0.0]), rules, static(5)).events == 0


def test_fewer_machines_come_after_five_minutes_of_less():
    rules = pool(capacity=10.0, start_seconds=0, instances_min=1)
    found = run(trace([30.0] * 2 + [5.0] * 10), rules, reactive(rules, 1.0))

    assert found.counts == (3,) * 6 + (1,) * 5


def test_the_oracle_has_exactly_what_is_needed():
    rules = pool(capacity=10.0, start_seconds=180, instances_min=1)
    seen = trace([0.0, 5.0, 25.0, 5.0, 0.0])

    assert oracle(seen, rules).counts == (1, 3, 1, 1)
    assert oracle_held(seen, rules).counts == (1, 3, 3, 3)
    assert oracle_held(seen, rules).instance_hours == (10 + 2 * 3) / 60


def test_long_steps_of_charges_are_paid_as_a_whole():
    rules = pool(capacity=10.0, increment_seconds=3_600, hour_micro=400 * WON, instances_max=1)
    found = run(trace([10.0] * 62), rules, static(1))

    assert (found.charged_seconds, found.won_micro) == (7_200, 800 * WON)


@given(
    demand=st.lists(st.floats(0, 300), min_size=2, max_size=150),
    left=st.integers(0, 5_000),
    increment=st.sampled_from([1, 60, 3_600]),
)
@settings(deadline=None, max_examples=60)
def test_not_one_won_more_is_spent_than_there_is(demand, left, increment):
    rules = pool(hour_micro=400 * WON, increment_seconds=increment, start_seconds=60)
    policy = ours(rules, no_outlook)
    found = run(trace(demand), rules, policy, Purse(left * WON, 0))

    assert found.won_micro <= left * WON
    assert found.left_micro == left * WON - found.won_micro


def test_a_new_month_brings_its_own_money():
    rules = pool(hour_micro=400 * WON, instances_max=1)
    found = run(trace([10.0] * 121), rules, static(1), Purse(0, 4_000 * WON, renews_at=61))

    assert found.counts == (0,) * 60 + (1,) * 60
    assert found.spent_at == 1
    assert found.left_micro == 3_600 * WON


def test_nothing_is_known_of_the_minute_that_comes():
    """What is wanted at a minute is the same, whatever comes then and later."""
    fits = [(0, short_fit(steps(DEMAND[: 6 * DAY_MINUTES]), START + 6 * DAY_MINUTES * 60))]
    for at in (6 * DAY_MINUTES + 17, 7 * DAY_MINUTES + 211):
        counts = set()
        for after in (0.0, 1e6):
            demand = [*DEMAND[:at], *[after] * 20]
            rules = pool(instances_max=99)
            seen = trace(demand, 6 * DAY_MINUTES, at + 1)
            policies = [
                ours(rules, outlook_of(seen, fits, 0.8, rules.capacity)),
                reactive(rules, 0.7),
                seasonal(rules, 0.7),
            ]
            counts.add(tuple(run(seen, rules, policy).counts for policy in policies))
        assert len(counts) == 1


def test_a_forecast_saves_machines_at_the_same_overload():
    """Where days are alike and a machine needs ten minutes to start."""
    demand = day_and_night(9, noise=0.25)
    begin = 7 * DAY_MINUTES
    known = steps(demand[:begin])
    rules = pool(start_seconds=600, instances_min=1, instances_max=40)
    seen = trace(demand, begin)
    outlook = outlook_of(seen, [(begin, short_fit(known, known.end_at))], 0.9, rules.capacity)
    mine, other = run(seen, rules, ours(rules, outlook)), run(seen, rules, reactive(rules, 0.7))

    assert mine.over_share < other.over_share
    assert mine.instance_hours < other.instance_hours
    assert mine.events < other.events


def test_steps_are_as_high_as_their_highest_minute():
    assert steps_of([1.0, None, 3.0, 2.0, 0.0, None, None, None, None, None, 9.0]) == [3.0, None]
