"""When a limit is written at a provider, and what becomes of the owner's own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fence.kept import FAILED, PLANNED, PROVEN, REFUSED, FenceRow
from models.fence.policy import Look, needs_look, next_row, refused_row
from models.fence.worth import Wanted

NOW, HOUR, DAY = 1_795_900_000.0, 3_600.0, 86_400.0


def wanted(cents):
    return None if cents is None else Wanted("api", 15_000_000_000, cents)


def look(current, cents, at=NOW, is_anew=False):
    return Look("openai", current, wanted(cents), at, is_anew)


def row(state=PROVEN, before=None, to=950, own=None, at=NOW, attempt=1):
    place = (before, to, own, "api", 15_000_000_000)
    return FenceRow(7, "openai", state, *place, attempt, "", at, at)


def test_where_nothing_is_wanted_and_nothing_is_ours_nobody_is_asked():
    assert not needs_look(None, None)
    assert not needs_look(row(to=2_000, own=2_000), None)
    assert not needs_look(row(REFUSED), None)
    assert needs_look(row(), None)
    assert needs_look(row(PLANNED), None)
    assert needs_look(None, wanted(950))


def test_the_first_limit_is_planned_with_what_stood_there_before():
    assert next_row(None, look(2_000, 950)) == row(PLANNED, 2_000, 950, 2_000)._replace(seq=0)
    assert next_row(None, look(None, 950)).own_cents is None


def test_what_was_planned_is_proven_by_what_is_read():
    fresh = next_row(row(PLANNED, 2_000, 950, 2_000), look(950, 950, NOW + 1))

    assert (fresh.seq, fresh.state, fresh.own_cents) == (7, PROVEN, 2_000)


@pytest.mark.parametrize(
    ("current", "cents", "after_seconds", "is_written"),
    [
        (950, 959, DAY, False),  # not worth a write
        (950, 961, HOUR - 1, False),  # the rate of exchange: once an hour
        (950, 961, HOUR, True),
        (950, 939, HOUR, True),
        (950, 1_425, 59, False),  # a raise: soon
        (950, 1_425, 60, True),
        (950, 400, 60, True),
        (950, 961, -HOUR, True),  # a clock that was set back
    ],
)
def test_it_is_written_when_it_differs_by_enough_and_not_too_often(
    current, cents, after_seconds, is_written
):
    fresh = next_row(row(), look(current, cents, NOW + after_seconds))

    assert (fresh is not None) == is_written
    assert fresh is None or (fresh.state, fresh.to_cents, fresh.seq) == (PLANNED, cents, 0)


def test_the_owners_own_limit_is_never_exceeded():
    lower = next_row(None, look(500, 950))
    assert (lower.state, lower.to_cents, lower.own_cents) == (PROVEN, 500, 500)
    # He lowers it there while ours is in force: by less than a step, and it counts.
    assert next_row(row(own=2_000), look(945, 950)).own_cents == 945
    # Ours is above what he allows since.
    after = row(before=500, to=500, own=500)
    assert next_row(after, look(500, 950, NOW + DAY)) is None
    assert next_row(after, look(500, 300, NOW + DAY)).to_cents == 300


def test_what_the_owner_sets_there_meanwhile_is_his_own_from_then_on():
    raised = next_row(row(own=None), look(5_000, 950, NOW + HOUR))
    assert (raised.state, raised.to_cents, raised.own_cents) == (PLANNED, 950, 5_000)
    removed = next_row(row(own=2_000), look(None, 950, NOW + HOUR))
    assert (removed.to_cents, removed.own_cents) == (950, None)


@pytest.mark.parametrize("own", [None, 2_000])
def test_turned_off_what_was_there_before_is_put_back_at_once(own):
    fresh = next_row(row(own=own), look(950, None, NOW + 1))
    assert (fresh.state, fresh.before_cents, fresh.to_cents) == (PLANNED, 950, own)
    done = next_row(fresh._replace(seq=8), look(own, None, NOW + 2))
    assert done.state == PROVEN
    assert not needs_look(done, None)


def test_turned_off_what_the_owner_has_changed_there_stays():
    fresh = next_row(row(own=2_000), look(3_000, None, NOW + 1))

    assert (fresh.state, fresh.to_cents, fresh.own_cents) == (PROVEN, 3_000, 3_000)
    assert not needs_look(fresh, None)


def test_after_a_kill_the_intent_is_tried_again_and_counted():
    planned = row(PLANNED, 2_000, 950, 2_000)
    assert next_row(planned, look(2_000, 950, NOW + 9)) is None
    again = next_row(planned, look(2_000, 950, NOW + 10))
    assert (again.seq, again.state, again.attempt) == (7, PLANNED, 2)
    other = next_row(planned, look(2_000, 700, NOW + 10))
    assert (other.seq, other.to_cents, other.attempt) == (7, 700, 1)


def test_after_three_attempts_it_has_failed_and_is_tried_an_hour_later():
    failed = next_row(row(PLANNED, 2_000, 950, 2_000, attempt=3), look(2_000, 950, NOW + 60))
    assert failed.state == FAILED
    assert "tells another one" in failed.problem
    assert next_row(failed, look(2_000, 950, NOW + HOUR)) is None
    assert next_row(failed, look(2_000, 950, NOW + HOUR + 60)).attempt == 1
    # It came through after all.
    late = next_row(failed, look(950, 950, NOW + 61))
    assert (late.state, late.own_cents) == (PROVEN, 2_000)


def test_what_was_refused_waits_a_day_or_for_settings_that_are_read_again():
    refused = row(REFUSED, 2_000, 950, 2_000)
    assert next_row(refused, look(2_000, 950, NOW + DAY - 1)) is None
    assert next_row(refused, look(2_000, 950, NOW + DAY)).state == PLANNED
    assert next_row(refused, look(2_000, 950, NOW, is_anew=True)).state == PLANNED


def test_a_limit_that_is_not_told_is_refused_and_what_is_known_is_kept():
    fresh = refused_row(None, look(None, 950), "{}")
    assert (fresh.state, fresh.is_ours) == (REFUSED, False)
    ours = refused_row(row(own=2_000), look(None, 940), "{}")
    assert (ours.state, ours.seq, ours.before_cents, ours.own_cents) == (REFUSED, 0, 950, 2_000)
    assert ours.is_ours
    assert refused_row(ours._replace(seq=9), look(None, 940), "{}").seq == 9
    doubtful = refused_row(row(PLANNED, 2_000, 950, 2_000), look(None, 950), "{}")
    assert (doubtful.state, doubtful.expected) == (FAILED, {2_000, 950})


CENTS = st.none() | st.integers(1, 3_000)


@given(
    steps=st.lists(
        st.tuples(CENTS, st.none() | CENTS, st.booleans(), st.booleans(), st.integers(1, 90_000)),
        max_size=30,
    )
)
def test_whatever_happens_the_owners_own_limit_is_kept_and_comes_back(steps):
    """He changes his limit between steps; writes are lost, or their answers are."""
    there = own = last = None
    now = NOW

    def carry_out(cents, is_lost):
        nonlocal there, last
        fresh = next_row(last, Look("openai", there, wanted(cents), now))
        if fresh is not None:
            last = fresh._replace(seq=fresh.seq or (last.seq if last else 0) + 1)
            if last.state == PLANNED and not is_lost:
                there = last.to_cents
        return fresh

    for cents, his, is_lost, is_his, seconds in steps:
        now += seconds
        # One who sets what is already there cannot be told from us.
        expected = last.expected if last is not None else frozenset()
        if is_his and his not in expected and his != there:
            there = own = his
            carry_out(cents, is_lost=True)
        carry_out(cents, is_lost)
        assert own is None or (there is not None and there <= own)
    for _ in range(8):
        now += DAY
        carry_out(None, is_lost=False)

    assert there == own
    assert last is None or not needs_look(last, None)
