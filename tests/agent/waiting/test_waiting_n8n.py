"""Executions of n8n that were refused: taken in, tried again when there is money, and proven."""

import pytest

from models.waiting.item import NOW, PACED
from tests.agent.waiting.waiting_house import WaitingHouse, refusal_text
from tests.standins.n8n import N8n

pytestmark = pytest.mark.slow


@pytest.fixture
def n8n():
    with N8n("2.45.0") as n8n:
        yield n8n


@pytest.fixture
def house(tmp_path, n8n):
    house = WaitingHouse(tmp_path, n8n, rerun="on")
    yield house
    house.close()


def refused_run(house, workflow="Digest", **more):
    house.clock.now += 1.0
    known = {each.name: each.id for each in house.n8n.workflows.values()}
    workflow_id = known.get(workflow) or house.n8n.workflow(workflow)
    return house.n8n.run(workflow_id, "error", node="Ask", error=refusal_text(**more))


def retries_of(n8n, execution_id):
    return [each for each in n8n.executions.values() if each.retry_of == execution_id]


def posts(n8n):
    return [each for each in n8n.requests if each.startswith("POST")]


def test_what_was_refused_waits_and_nothing_else(house, n8n):
    refused = refused_run(house)
    n8n.run(n8n.workflow("Other"), "error", node="HTTP", error="502 Bad Gateway")
    n8n.run("wf1", "error", mode="manual", node="Ask", error=refusal_text())
    house.steps(3)

    [item] = house.items()
    assert (item.execution_id, item.name, item.state) == (refused, "Digest", "waiting")
    assert (item.bucket_id, item.needed_micro) == ("api", 100_000_000)
    assert item.estimated_micro == item.needed_micro
    assert posts(n8n) == []
    assert "waits for money: it may need 100 won, and 0 are left" in str(house.waiting.next.why)


def test_it_runs_again_when_there_is_money_and_is_done_when_that_is_seen(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    house.left = 5_000
    house.step()
    assert [item.step for item in house.items()] == ["sent"]
    house.steps(2)

    [again] = retries_of(n8n, refused)
    [item] = house.items()
    assert (item.state, item.rerun_id) == ("done", again.id)
    assert posts(n8n) == [f"POST /api/v1/executions/{refused}/retry"]


def test_the_oldest_runs_first_one_of_a_workflow_at_a_time(house, n8n):
    n8n.outcome = {"status": "running"}
    first, second = refused_run(house), refused_run(house)
    house.steps(3)
    house.left = 5_000
    house.steps(3)

    [running] = retries_of(n8n, first)
    assert retries_of(n8n, second) == []
    n8n.finish(running.id)
    house.steps(3)
    assert len(retries_of(n8n, second)) == 1


def test_what_is_refused_again_waits_once_more_and_is_given_up_at_last(house, n8n):
    n8n.outcome = {"status": "error", "node": "Ask", "error": refusal_text(needed=300)}
    refused = refused_run(house)
    house.steps(3)
    house.left = 5_000
    house.steps(3)
    [item] = house.items()
    assert (item.state, item.tries, item.needed_micro) == ("waiting", 1, 300_000_000)
    house.steps(200, seconds=60.0)

    [item] = house.items()
    assert (item.state, item.tries) == ("given_up", 5)
    assert str(item.told_problem) == "it was refused 5 times since"
    assert len(retries_of(n8n, refused)) == 5


def test_what_fails_for_another_reason_is_a_matter_for_a_person(house, n8n):
    n8n.outcome = {"status": "error", "node": "Upload", "error": "403 Forbidden"}
    refused_run(house)
    house.left = 5_000
    house.steps(6)

    [item] = house.items()
    assert item.state == "given_up"
    assert "it failed for another reason: Upload: 403 Forbidden" in str(item.told_problem)


def test_what_somebody_runs_by_hand_in_n8n_is_done(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    again = n8n.start("wf1", mode="retry")
    n8n.executions[again].retry_of = refused
    n8n.finish(again)
    house.steps(3)

    assert [(item.state, item.rerun_id) for item in house.items()] == [("done", again)]


def test_a_run_that_takes_longer_than_n8n_may_answer_is_found(house, n8n):
    n8n.outcome = {"status": "running"}
    refused = refused_run(house)
    house.steps(3)
    n8n.fault = {f"/api/v1/executions/{refused}/retry": "hang"}
    house.left = 5_000
    house.step()
    [item] = house.items()
    assert (item.state, item.step) == ("running", "intent")
    assert "n8n has not answered yet" in str(item.told_problem)

    # It had begun all the same.
    n8n.fault = {}
    running = n8n.start("wf1", mode="retry")
    n8n.executions[running].retry_of = refused
    house.steps(2)
    assert [(each.step, each.rerun_id) for each in house.items()] == [("sent", running)]
    n8n.finish(running)
    house.steps(2)
    assert house.states() == ["done"]
    assert len(retries_of(n8n, refused)) == 1


def test_a_wish_that_was_lost_on_the_way_is_sent_once_more_under_its_key(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    n8n.fault = {f"/api/v1/executions/{refused}/retry": "hang"}
    house.left = 5_000
    house.step()
    n8n.fault = {}
    key = house.items()[0].step_id
    house.steps(4)

    assert house.states() == ["done"]
    assert n8n.wishes[key] == retries_of(n8n, refused)[0].id
    assert len(retries_of(n8n, refused)) == 1


def test_a_no_to_a_wish_that_is_sent_once_more_does_not_end_it(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    n8n.fault = {f"/api/v1/executions/{refused}/retry": "hang"}
    house.left = 5_000
    house.step()
    n8n.fault = {f"/api/v1/executions/{refused}/retry": "409"}
    house.steps(3)
    assert [(item.state, item.step) for item in house.items()] == [("running", "intent")]
    n8n.fault = {}
    house.steps(3)

    assert house.states() == ["done"]
    assert len(retries_of(n8n, refused)) == 1


def test_a_key_that_may_not_says_which_scope_it_needs_and_is_tried_again_later(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    n8n.scopes = n8n.scopes - {"execution:retry"}
    house.left = 5_000
    house.step()
    [item] = house.items()
    assert (item.state, item.tries) == ("waiting", 1)
    assert "give its API key the scope execution:retry" in str(item.told_problem)
    n8n.scopes = n8n.scopes | {"execution:retry"}
    house.steps(12)

    assert len(retries_of(n8n, refused)) == 1


def test_an_execution_that_n8n_has_forgotten_is_given_up(house, n8n):
    refused = refused_run(house)
    house.steps(3)
    n8n.prune(refused)
    house.left = 5_000
    house.step()

    [item] = house.items()
    assert item.state == "given_up"
    assert f"n8n knows no execution {refused} any more" in str(item.told_problem)


def test_what_a_person_stopped_is_not_gone_around(house, n8n):
    refused_run(house)
    house.left, house.is_held = 5_000, True
    house.steps(4)

    assert (house.states(), posts(n8n)) == (["waiting"], [])
    assert "a person stopped everything" in str(house.waiting.next.why)


def test_while_nobody_knows_how_money_stands_nothing_is_begun(house, n8n):
    refused_run(house)
    house.left = None
    house.steps(4)

    assert (house.states(), posts(n8n)) == (["waiting"], [])


@pytest.mark.parametrize("rerun", ["ask", "off"])
def test_without_leave_a_person_is_asked_or_nobody_and_then_it_runs(tmp_path, n8n, rerun):
    house = WaitingHouse(tmp_path / rerun, n8n, rerun=rerun)
    refused = refused_run(house)
    refused_run(house)
    house.left = 5_000
    house.steps(4)
    asked = set(house.told)
    assert posts(n8n) == []
    assert house.waiting.ask_for(house.items()[0].item_id, NOW, "request-1") == 1
    house.steps(3)
    house.close()

    assert asked == ({(refused, 2)} if rerun == "ask" else set())
    assert len(retries_of(n8n, refused)) == 1
    assert posts(n8n) == [f"POST /api/v1/executions/{refused}/retry"]


def test_what_is_dismissed_stays_so_and_what_was_given_up_may_run_once_more(house, n8n):
    first, second = refused_run(house), refused_run(house)
    house.steps(3)
    assert house.waiting.dismiss(house.items()[0].item_id, "request-1") == 1
    house.left = 5_000
    house.steps(4)

    assert house.states() == ["dismissed", "done"]
    assert (retries_of(n8n, first), len(retries_of(n8n, second))) == ([], 1)
    assert house.waiting.ask_for("all", PACED, "request-2") == 0
    assert [item.execution_id for item in house.waiting.asked_by("request-1")] == [first]


def test_it_is_all_there_after_a_restart_and_nothing_is_taken_in_twice(house, n8n):
    refused_run(house)
    house.steps(3)
    before = house.items()
    house.start()
    house.steps(3)

    assert house.items() == before


def test_what_the_page_is_told_is_json_that_says_what_runs_next(house, n8n):
    refused_run(house)
    refused_run(house)
    house.steps(4)
    told = house.waiting.as_json()

    assert (told["waiting"], told["running"], told["rerun"]) == (2, 0, "on")
    assert told["estimated_micro"] == 200_000_000
    assert told["next"]["template"].startswith("{what} waits for money")
    assert [each["has_way"] for each in told["items"]] == [True, True]
    assert told["pace"] == [{"bucket": "api", "used_micro": 0, "share_micro": 1_500_000_000}]
