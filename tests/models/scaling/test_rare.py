"""Rare work: started late enough to be few starts, early enough to be in time."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand.shapes import Measured
from models.messages import say
from models.scaling.allowed import Allowed
from models.scaling.jobs import always, per_job, rare, run_jobs
from models.scaling.rare import AGES_MAX, Queue, RareNow, decide_rare, queue_of
from models.scaling.rare_plan import rare_plan
from models.scaling.rules import Rules
from models.scaling.waited import waited

WON = 1_000_000
GPU = Rules(
    "gpu",
    instances_max=2,
    start_seconds=600.0,
    hour_micro=400 * WON,
    increment_seconds=3_600,
    batch_jobs=4,
    deadline_seconds=7_200.0,
    job_seconds=300.0,
)
DAY = 86_400


def seen(ages=(), there=0, running=0, paid=(), lets=9):
    return RareNow(0.0, Queue(ages, running), there, 0, lets, paid)


def said(now, lets=None):
    return str(rare_plan(GPU, now, lets or Allowed(9, say("there is plenty"))).reason)


def jobs_of(seed, days=14, a_day=10):
    dice, at, moments = random.Random(seed), 0.0, []  # noqa: S311
    while (at := at + dice.expovariate(a_day / DAY)) < days * DAY:
        moments.append(at)
    return moments


def test_it_waits_for_as_many_as_are_worth_a_start():
    assert decide_rare(GPU, seen((60.0,) * 3)).wanted == 0
    assert decide_rare(GPU, seen((60.0,) * 4)).term == "batch"
    assert said(seen((60.0,) * 3)) == (
        "0 machines yet, with 3 jobs waiting: it starts at 4, or in 93 min because of the oldest"
    )


def test_it_starts_when_the_oldest_could_not_be_done_in_time_otherwise():
    last = 7_200 - 600 - 300 - 60

    assert decide_rare(GPU, seen((last - 1.0,))).wanted == 0
    assert decide_rare(GPU, seen((float(last),))).term == "due"
    assert "of 1 job waiting the oldest came 104 min ago" in said(seen((float(last),)))


def test_without_a_deadline_a_job_may_wait_for_ever():
    rules = GPU._replace(deadline_seconds=0.0)

    assert decide_rare(rules, seen((1e7,))).wanted == 0


def test_many_that_are_due_at_once_get_more_machines():
    assert decide_rare(GPU, seen((6_000.0,) * 8)).wanted == 2


def test_a_machine_that_starts_is_not_started_again():
    late = RareNow(0.0, Queue((6_600.0,)), 0, 1, 9, (3_000.0,))

    assert decide_rare(GPU, late).wanted == 1


def test_it_stays_while_it_is_paid_for_since_more_may_come():
    assert decide_rare(GPU, seen(there=1, paid=(1_800.0,))).term == "paid"
    assert decide_rare(GPU, seen(there=1, paid=(170.0,))).wanted == 0
    assert decide_rare(GPU, seen(there=1, running=1, paid=(170.0,))).wanted == 1
    assert decide_rare(GPU._replace(increment_seconds=1), seen(there=1, paid=(0.0,))).wanted == 0


def test_the_budget_and_what_is_not_known_are_said():
    poor = Allowed(0, say("servers is spent"))

    assert said(seen((6_900.0,)), poor) == "0 machines, with 1 job waiting: servers is spent"
    assert "not known what waits" in said(RareNow(0.0, None, 1, 0, 9))


@pytest.mark.parametrize("increment", [60, 3_600])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_costs_less_than_a_start_a_job_and_nothing_is_late(seed, increment):
    rules, jobs = GPU._replace(increment_seconds=increment), jobs_of(seed)
    ours, single, one = (
        run_jobs(jobs, rules, policy, 14 * DAY)
        for policy in (rare(rules), per_job(rules), always())
    )

    assert ours.late == single.late == one.late == 0
    assert ours.jobs == single.jobs == len(jobs)
    assert ours.won_micro < single.won_micro < one.won_micro
    assert one.won_micro == 14 * 24 * 400 * WON
    assert ours.starts < single.starts


def test_where_the_money_ends_nothing_more_is_bought():
    ours = run_jobs(jobs_of(1), GPU, rare(GPU), 14 * DAY, left_micro=4_000 * WON)

    assert ours.won_micro <= 4_000 * WON
    assert ours.spent_at is not None
    assert ours.late > 0


@settings(max_examples=30, deadline=None)
@given(
    jobs=st.lists(st.floats(0, 2 * DAY), max_size=60).map(sorted),
    start=st.sampled_from([0.0, 180.0, 600.0]),
    increment=st.sampled_from([1, 60, 3_600]),
)
def test_few_jobs_are_never_late_and_all_are_done(jobs, start, increment):
    """Sixty of five minutes on two machines may come at once: within three hours all are done."""
    rules = GPU._replace(
        start_seconds=start, increment_seconds=increment, deadline_seconds=4 * 3_600.0
    )
    found = run_jobs(jobs, rules, rare(rules), 3 * DAY)

    assert (found.jobs, found.late) == (len(jobs), 0)
    assert found.counts[-1] == 0


def test_the_age_of_what_waits_is_told_by_when_the_queue_rose():
    steps = Measured(0, 300, (2.0, 2.0, 5.0, 4.0))

    assert waited(4, 0, steps, 1_200).ages == (1_200.0, 600.0, 600.0, 600.0)
    assert waited(6, 1, steps, 1_200) == Queue((1_200.0, 600.0, 600.0, 600.0, 0.0, 0.0), 1, 0)
    assert waited(0, 0, steps, 1_200).waiting == 0


def test_thousands_that_wait_are_counted_without_their_ages():
    assert queue_of(5_000, 60.0).waiting == 5_000
    assert len(queue_of(5_000, 60.0).ages) == AGES_MAX
    assert waited(5_000, 0, Measured(0, 300, (5_000.0,)), 300).waiting == 5_000
