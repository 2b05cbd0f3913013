import pytest

from models.databases.statements import Counted, Look, spent_between, summed

ONE, TWO = (10, 5, 111), (10, 5, 222)


def look(at: float, counted: dict, **more) -> Look:
    return Look(at, {key: Counted(*values) for key, values in counted.items()}, **more)


def test_what_was_spent_is_the_difference_and_the_costliest_comes_first():
    before = look(0.0, {ONE: (100, 5_000), TWO: (10, 100)})
    after = look(60.0, {ONE: (160, 8_000), TWO: (20, 60_100)})

    first, second = spent_between(before, after)

    assert (first.query_id, first.busy_share, first.mean_seconds) == (222, 1.0, 6.0)
    assert (second.query_id, second.calls_per_second) == (111, 1.0)
    assert second.mean_seconds == pytest.approx(0.05)


def test_the_first_look_and_a_reset_say_nothing():
    after = look(60.0, {ONE: (5, 50)}, epoch=2)

    assert spent_between(None, after) is None
    assert spent_between(look(0.0, {ONE: (4, 40)}, epoch=1), after) is None


def test_a_statement_that_was_dropped_and_came_back_is_a_gap():
    before = look(0.0, {ONE: (100, 5_000)})

    assert spent_between(before, look(60.0, {ONE: (3, 30)})) == []


def test_a_statement_that_is_new_counts_from_zero_when_all_were_looked_at():
    after = look(10.0, {ONE: (10, 1_000)})

    [spent] = spent_between(look(0.0, {}), after)
    assert spent.calls_per_second == 1.0
    assert spent_between(look(0.0, {}, is_whole=False), after) == []


def test_two_users_of_one_statement_are_one_line_that_names_the_busier():
    before = look(0.0, {(1, 5, 111): (0, 0), (2, 5, 111): (0, 0)})
    after = look(10.0, {(1, 5, 111): (1, 10), (2, 5, 111): (9, 990)})

    [spent] = spent_between(before, after)
    assert (spent.user_id, spent.calls_per_second, spent.mean_seconds) == (2, 1.0, 0.1)


def test_nothing_was_called_and_nothing_is_divided():
    same = {ONE: (5, 50)}

    assert spent_between(look(0.0, same), look(60.0, same)) == []


def test_calls_from_within_functions_are_added():
    rows = [(ONE, Counted(1, 2, 3, 4)), (ONE, Counted(10, 20, 30, 40))]

    assert summed(rows) == {ONE: Counted(11, 22, 33, 44)}
