"""How long each job has waited is told by when the queue rose."""

from hypothesis import given
from hypothesis import strategies as st

from models.demand.shapes import Measured
from models.scaling.rare import AGES_MAX
from models.scaling.waited import waited

STEP = 300
levels = st.lists(st.one_of(st.none(), st.integers(0, 90).map(float)), max_size=40)


def test_who_came_first_goes_first():
    """Three came in the first step, two were taken, and two more came in the last."""
    steps = Measured(0, STEP, (3.0, 1.0, 3.0))

    assert waited(3, 2, steps, 3 * STEP).ages == (900.0, 300.0, 300.0)


def test_what_came_after_the_last_whole_step_has_not_waited_yet():
    assert waited(2, 0, Measured(0, STEP, (0.0, 1.0)), 2 * STEP).ages == (300.0, 0.0)


def test_of_a_queue_that_nobody_watched_all_are_new():
    assert waited(2, 1, Measured(0, STEP, ()), 900) == ((0.0, 0.0), 1, 0)


@given(st.integers(0, 200), levels)
def test_every_job_has_one_age_and_the_oldest_stand_first(count, values):
    steps = Measured(0, STEP, tuple(values))
    found = waited(count, 0, steps, steps.end_at)

    assert found.waiting == count
    assert len(found.ages) == min(count, AGES_MAX)
    assert list(found.ages) == sorted(found.ages, reverse=True)
    assert all(0 <= age <= steps.end_at for age in found.ages)
