"""Cut off at every point: before and after each transaction, in the middle of each act.

As after a kill -9, only the file is left. Whoever begins anew looks before anything is repeated.
"""

from contextlib import contextmanager

import pytest

from models.operations import FAILED, STARTED, VERIFIED, problem_of
from models.settings.service import Service
from models.wanted import BUDGET, PERSON
from tests.agent.stopping.house import WHY, House, World, chain


class Killed(BaseException):
    """Goes through everything, as a kill does."""


class Fuse:
    """Ends the process at the point with this number, counted from 1."""

    def __init__(self, point):
        self.left = point

    def pass_by(self):
        self.left -= 1
        if self.left == 0:
            raise Killed


def set_fuse(house, fuse):
    """At each transaction's begin and end, and around what each act does to the world."""
    transaction, change = house.control.transaction, house.world._change  # noqa: SLF001

    @contextmanager
    def cut_transaction():
        fuse.pass_by()
        with transaction() as connection:
            yield connection
        fuse.pass_by()

    def cut_change(verb, name, *, up):
        fuse.pass_by()
        change(verb, name, up=up)
        fuse.pass_by()

    house.control.transaction = cut_transaction
    house.world._change = cut_change  # noqa: SLF001
    return lambda: setattr(house.world, "_change", change)


def cut_off_at(house, point, act):
    """Whether that point was reached; afterwards only the file is left."""
    repair = set_fuse(house, Fuse(point))
    try:
        act()
    except Killed:
        return True
    finally:
        repair()
        house.again()
    return False


def stop_all(house):
    house.stopping.stop_paid(WHY)
    house.run(3)


def bring_all_back(house):
    house.stopping.bring_back(WHY)
    house.run(3)


def ended(house, state):
    """The order comes once more, as the policy's does, and all of it comes to its end."""
    house.run(200)
    return set(house.stopping.states().values()) == {state}


@pytest.mark.slow
def test_a_stop_that_is_cut_off_anywhere_comes_to_its_end_and_nothing_is_repeated(tmp_path):
    names = ("db", "n8n", "worker")
    point = 0
    reached = True
    while reached:
        point += 1
        folder = tmp_path / str(point)
        folder.mkdir()
        world = World(*names)
        house = House(folder, chain(*names), world)
        reached = cut_off_at(house, point, lambda house=house: stop_all(house))
        house.stopping.stop_paid(WHY)
        assert ended(house, "stopped"), point
        assert sorted(world.calls) == ["stop db", "stop n8n", "stop worker"], point
        assert not any(row.is_open for row in house.stopping.operations())
        house.close()

    assert point > 25


@pytest.mark.slow
@pytest.mark.parametrize("repeats_safely", [True, False])
def test_a_start_that_is_cut_off_anywhere_is_never_done_twice(tmp_path, repeats_safely):
    names = ("db", "n8n", "worker")
    point, not_known = 0, 0
    reached = True
    while reached:
        point += 1
        folder = tmp_path / str(point)
        folder.mkdir()
        world = World(*names, repeats_safely=repeats_safely)
        house = House(folder, chain(*names), world)
        stop_all(house)
        world.calls.clear()
        reached = cut_off_at(house, point, lambda house=house: bring_all_back(house))
        house.stopping.bring_back(WHY)
        house.run(400)
        assert len(world.calls) == len(set(world.calls)), point
        failed = [row for row in house.stopping.operations() if row.state == FAILED]
        if failed:
            not_known += 1
            assert "is not run a second time" in str(problem_of(failed[0])), point
        else:
            assert all(world.up.values()), point
        house.close()

    assert point > 25
    assert (not_known > 0) is not repeats_safely


def started_and_killed(tmp_path, **more):
    """A command whose start was written down when the agent was killed."""
    command = Service(
        name="gpu", kind="command", stop=("/x",), start=("/x",), check=("/x",), **more
    )
    world = World("gpu", repeats_safely=False)
    house = House(tmp_path, (command,), world)
    world.up["gpu"] = False
    house.stopping.start(["gpu"], PERSON, WHY)
    [row] = house.stopping.operations()
    house.book.advance(row, STARTED, house.clock(), attempt=1)
    house.again()
    return house


def test_a_command_that_goes_on_after_the_agent_was_killed_is_waited_for(tmp_path):
    house = started_and_killed(tmp_path, timeout_seconds=30, start_may_repeat=True)
    house.run(20)
    house.world.up["gpu"] = True
    house.run(1)

    assert house.stopping.operations()[0].state == VERIFIED
    assert house.world.calls == []
    house.close()


def test_a_command_that_may_repeat_is_repeated_when_its_time_is_over(tmp_path):
    house = started_and_killed(tmp_path, timeout_seconds=30, start_may_repeat=True)
    house.run(30)
    assert house.world.calls == []

    house.run(20)
    assert house.world.calls == ["start gpu"]
    assert house.stopping.operations()[0].state == VERIFIED
    house.close()


def test_a_command_that_may_not_is_left_to_a_person(tmp_path):
    house = started_and_killed(tmp_path)
    house.run(400)

    assert house.world.calls == []
    [problem] = house.stopping.problems()
    assert "whether the command had begun is not known" in str(problem)
    house.close()


def test_a_command_that_was_run_and_shows_nothing_is_not_run_again(tmp_path):
    command = Service(name="gpu", kind="command", stop=("/x",), start=("/x",), check=("/x",))
    world = World("gpu", repeats_safely=False)
    world.up["gpu"] = False
    world.deaf.add("gpu")
    house = House(tmp_path, (command,), world)
    house.stopping.start(["gpu"], PERSON, WHY)
    house.run(500)

    assert world.calls == ["start gpu"]
    assert house.stopping.states() == {"gpu": "not started"}
    house.close()


def test_a_word_that_runs_out_is_cut_off_at_no_point(tmp_path):
    for point in range(1, 12):
        folder = tmp_path / str(point)
        folder.mkdir()
        world = World("gpu")
        house = House(folder, (Service(name="gpu"),), world)
        house.stopping.stop(["gpu"], BUDGET, WHY)
        house.run()
        house.stopping.start(["gpu"], PERSON, WHY, until=house.clock() + 60)
        house.run()
        house.now += 61
        cut_off_at(house, point, lambda house=house: house.run(3))
        house.run(10)
        assert not world.up["gpu"], point
        house.close()
