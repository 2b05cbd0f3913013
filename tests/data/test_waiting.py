"""What waits is kept once, survives a restart, and is neither changed twice nor kept for ever."""

from data.control import Control
from data.waiting import KEPT_SECONDS, OPEN_MAX, change, forget_old, items, take_in
from models.waiting.item import DONE, RUNNING
from tests.models.waiting.waiting_items import NOW, item


def test_it_is_there_after_a_restart_also_with_whole_seconds(control, path):
    take_in(control, [item(2), item(1, since=1_000, begun_at=0, changed_at=1_000)])
    control.close()
    control = Control.open(path)
    kept = items(control)
    control.close()

    assert [each.execution_id for each in kept] == ["1", "2"]


def test_what_is_known_is_not_taken_in_again(control):
    take_in(control, [item(1)])
    done = item(1)._replace(state=DONE)
    assert change(control, item(1), done)

    assert take_in(control, [item(1), item(2)]) == 0
    assert [each.state for each in items(control)] == [DONE, "waiting"]


def test_of_two_who_change_it_one_is_told_that_it_came_too_late(control):
    take_in(control, [item(1)])

    assert change(control, item(1), item(1)._replace(state=RUNNING))
    assert not change(control, item(1), item(1)._replace(state=DONE))
    assert [each.state for each in items(control)] == [RUNNING]


def test_what_is_over_goes_after_90_days_and_what_waits_stays(control):
    take_in(control, [item(1, state=DONE), item(2)])
    forget_old(control, NOW + KEPT_SECONDS)

    assert [each.execution_id for each in items(control)] == ["2"]


def test_there_is_room_for_so_many_and_it_is_said_how_many_had_none(control):
    assert take_in(control, (item(n) for n in range(OPEN_MAX + 3))) == 3
    assert len(items(control)) == OPEN_MAX
