"""What an operation waits for, and what is said of a target."""

import pytest

from models.messages import say
from models.operations import (
    ACTED,
    ASKED,
    DECLINED,
    FAILED,
    PLANNED,
    REFUSED,
    STARTED,
    SUPERSEDED,
    VERIFIED,
    WOULD,
    Operation,
    failed_before,
    is_ready,
    is_told_already,
    is_under_way,
    message_of,
    problem_of,
    shown_state,
    text_of,
    undone_of,
)
from models.settings.service import Service
from models.stopping import START, STOP
from models.wanted import BUDGET, DOWN, Wanted

NOW = 1_795_900_000.0
REQUIRES = {"worker": frozenset({"n8n", "db"}), "n8n": frozenset({"db"}), "db": frozenset()}
BROKEN = text_of(say("it hangs"))


def operation(target, state=PLANNED, verb=STOP, problem="", **more):
    row = Operation(1, "b", target, verb, BUDGET, "{}", state, 0, problem, NOW, NOW)
    return row._replace(**more)


def test_a_stop_waits_for_what_depends_on_its_target():
    batch = [operation("worker", ACTED), operation("n8n"), operation("db")]

    assert is_ready(batch[0], batch, REQUIRES)
    assert not is_ready(batch[1], batch, REQUIRES)
    assert is_ready(batch[1], [operation("worker", VERIFIED), *batch[1:]], REQUIRES)
    assert not is_ready(batch[2], [operation("worker", VERIFIED), *batch[1:]], REQUIRES)


@pytest.mark.parametrize("state", [PLANNED, STARTED, FAILED])
def test_what_cannot_be_stopped_does_not_keep_the_rest_running(state):
    batch = [operation("worker", state, problem=BROKEN), operation("n8n")]

    assert is_ready(batch[1], batch, REQUIRES)


def test_a_start_waits_until_what_it_requires_is_up():
    up = [operation("db", VERIFIED, START), operation("n8n", PLANNED, START, BROKEN)]
    worker = operation("worker", PLANNED, START)

    assert is_ready(up[1], [*up, worker], REQUIRES)
    assert not is_ready(worker, [*up, worker], REQUIRES)
    assert failed_before(worker, [*up, worker], REQUIRES) == ""
    lost = [up[0], operation("n8n", FAILED, START, BROKEN), worker]
    assert failed_before(worker, lost, REQUIRES) == "n8n"
    assert failed_before(operation("db"), [operation("worker", FAILED)], REQUIRES) == ""


@pytest.mark.parametrize(
    ("last", "still_bills", "shown"),
    [
        (None, False, "up"),
        (operation("gpu", PLANNED), False, "stopping"),
        (operation("gpu", ACTED), False, "stopping"),
        (operation("gpu", VERIFIED), False, "stopped"),
        (operation("gpu", VERIFIED), True, "still billing"),
        (operation("gpu", FAILED, problem=BROKEN), False, "not stopped"),
        (operation("gpu", ACTED, START), False, "starting"),
        (operation("gpu", FAILED, START), False, "not started"),
        (operation("gpu", VERIFIED, START), True, "up"),
        (operation("gpu", WOULD), False, "up"),
        (operation("gpu", ASKED), False, "up"),
        (operation("gpu", REFUSED), False, "up"),
    ],
)
def test_only_what_is_proven_and_costs_nothing_is_called_stopped(last, still_bills, shown):
    gpu = Service(name="gpu", still_bills="disk" if still_bills else "")

    assert shown_state(gpu, None, last) == shown


def test_what_is_wanted_down_without_a_proof_is_not_stopped():
    held = Wanted("gpu", BUDGET, DOWN, "{}", None, NOW)

    assert shown_state(Service(name="gpu"), held, operation("gpu", SUPERSEDED)) == "not stopped"


def test_a_wish_that_is_repeated_needs_nothing_new_until_it_failed_a_while_ago():
    assert is_under_way(operation("gpu", STARTED), STOP, NOW)
    assert is_under_way(operation("gpu", VERIFIED), STOP, NOW + 1e9)
    assert is_under_way(operation("gpu", FAILED), STOP, NOW + 899)
    assert not is_under_way(operation("gpu", FAILED), STOP, NOW + 900)
    assert not is_under_way(operation("gpu", FAILED), STOP, NOW - 3600), "the clock was set back"
    assert not is_under_way(operation("gpu", VERIFIED), START, NOW)
    assert not is_under_way(None, STOP, NOW)


def test_the_same_is_asked_and_written_down_once():
    asked, would = operation("gpu", ASKED), operation("gpu", WOULD)

    assert is_told_already(asked, asked)
    assert is_told_already(would, would)
    assert not is_told_already(would, asked)
    assert not is_told_already(operation("gpu", WOULD, START), would)
    no = operation("gpu", DECLINED)
    assert is_told_already(no, asked)
    assert not is_told_already(no, asked._replace(planned_at=NOW + 86_400))
    refused = operation("gpu", REFUSED, problem=BROKEN)
    assert is_told_already(refused, refused)
    assert not is_told_already(refused, refused._replace(problem=text_of(say("another"))))


def test_a_problem_is_kept_as_a_sentence_that_can_be_translated():
    problem = say("{name} hangs", name="n8n")

    assert message_of(text_of(problem)) == problem
    assert problem_of(operation("n8n", FAILED, problem=text_of(problem))) == problem
    assert problem_of(operation("n8n")) is None


def test_of_what_was_not_done_each_is_counted_once_and_beside_what_was_counted_before():
    rows = [
        operation(name, state, planned_at=at)
        for name, state, at in [
            ("n8n", WOULD, 1.0),
            ("gpu", VERIFIED, 2.0),
            ("n8n", WOULD, 3.0),
            ("gpu", DECLINED, 4.0),
        ]
    ]

    first = undone_of(rows)

    assert [(one.target, one.state, one.times, one.last_at) for one in first] == [
        ("gpu", DECLINED, 1, 4.0),
        ("n8n", WOULD, 2, 3.0),
    ]
    assert [(one.target, one.times) for one in undone_of(rows[:1], first)] == [
        ("gpu", 1),
        ("n8n", 3),
    ]
