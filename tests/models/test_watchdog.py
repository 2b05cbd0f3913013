import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.watchdog import Tick, silent_loops


def test_a_loop_that_turns_in_time_is_not_silent():
    assert silent_loops({"store": Tick(at=90.0, period_seconds=10.0)}, 100.0) == []


@pytest.mark.parametrize(
    ("age_seconds", "silent"), [(19.9, []), (20.0, []), (20.1, ["store"]), (3600.0, ["store"])]
)
def test_a_loop_is_silent_after_two_of_its_periods(age_seconds, silent):
    ticks = {"store": Tick(at=10_000.0 - age_seconds, period_seconds=10.0)}

    assert silent_loops(ticks, 10_000.0) == silent


@pytest.mark.parametrize(("age_seconds", "silent"), [(4.9, []), (5.1, ["server"])])
def test_a_fast_loop_has_five_seconds(age_seconds, silent):
    ticks = {"server": Tick(at=100.0 - age_seconds, period_seconds=0.1)}

    assert silent_loops(ticks, 100.0) == silent


def test_one_silent_loop_is_named_whatever_the_others_do():
    ticks = {"server": Tick(99.0, 2.0), "store": Tick(10.0, 10.0), "rounds": Tick(100.0, 1.0)}

    assert silent_loops(ticks, 100.0) == ["store"]


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.tuples(st.floats(0, 1e6), st.floats(0.1, 3600)),
        max_size=5,
    ),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
)
def test_a_loop_that_is_silent_stays_silent_until_it_ticks(shapes, now, later):
    ticks = {name: Tick(at, period) for name, (at, period) in shapes.items()}

    assert set(silent_loops(ticks, now)) <= set(silent_loops(ticks, now + later))
