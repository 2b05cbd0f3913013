"""What became of work, by the runs that were seen of it."""

import pytest

from models.waiting.asking import chosen
from models.waiting.item import NOW as AT_ONCE
from models.waiting.item import PACED, RUNNING, SENT, id_of
from models.waiting.proving import TOLD_SECONDS, UNSEEN_SECONDS, LaterRun, judged
from tests.agent.waiting.waiting_house import refusal_text
from tests.models.waiting.waiting_items import NOW, item

RUNS = item(1, state=RUNNING, step=SENT, asked=AT_ONCE, begun_at=NOW, changed_at=NOW)


def run(status, error="", at=NOW + 1.0, run_id="9"):
    return LaterRun("1", run_id, status, error, at, at + 1.0)


def outcome(before, *runs, now=NOW + 10.0, tries_max=3):
    after = judged(before, runs, now, tries_max)
    return after.state, after.rerun_id, after.tries


@pytest.mark.parametrize("state", ["waiting", "running", "given_up"])
def test_a_later_run_that_went_well_ends_it_whoever_began_it(state):
    assert outcome(item(1, state=state), run("success")) == ("done", "9", 0)
    assert outcome(item(1, state=state), run("succeeded")) == ("done", "9", 0)


def test_a_run_from_before_the_refusal_proves_nothing():
    assert outcome(item(1), run("success", at=item(1).since - 1.0)) == ("waiting", "", 0)


@pytest.mark.parametrize("state", ["done", "dismissed"])
def test_what_is_over_stays_over(state):
    assert outcome(item(1, state=state), run("success")) == (state, "", 0)


def test_a_run_that_goes_on_is_remembered():
    assert outcome(RUNS._replace(step="intent"), run("waiting")) == ("running", "9", 0)
    assert outcome(RUNS, run("error", refusal_text(), at=NOW - 60.0)) == ("running", "", 0)


def test_refused_again_it_waits_in_its_turn_by_what_that_one_needed():
    after = judged(RUNS, [run("error", refusal_text("total", 400))], NOW + 10.0, 3)

    assert (after.state, after.tries, after.asked) == ("waiting", 1, PACED)
    assert (after.bucket_id, after.needed_micro) == ("total", 400_000_000)
    assert outcome(RUNS._replace(tries=2), run("error", refusal_text())) == ("given_up", "9", 3)


def test_a_failure_without_a_text_may_still_get_one():
    silent = run("error")

    assert outcome(RUNS, silent) == ("running", "9", 0)
    assert outcome(RUNS, silent, now=NOW + TOLD_SECONDS + 3.0) == ("given_up", "9", 0)


def test_what_somebody_took_and_nobody_saw_is_a_matter_for_a_person():
    assert outcome(RUNS, now=NOW + UNSEEN_SECONDS - 1.0)[0] == "running"
    assert outcome(RUNS, now=NOW + UNSEEN_SECONDS)[0] == "given_up"
    assert outcome(RUNS._replace(step="intent"), now=NOW + UNSEEN_SECONDS)[0] == "running"


def test_a_name_means_all_of_it_and_what_was_given_up_is_named_by_itself():
    items = [item(1), item(2, state="given_up"), item(3, state="done"), item(4, name="Other")]

    def numbers(target, kind):
        return [each.execution_id for each in chosen(items, target, kind)]

    assert numbers("Digest", "rerun") == ["1"]
    assert numbers("Digest", "dismiss") == ["1", "2"]
    assert numbers("all", "rerun") == ["1", "4"]
    assert numbers(id_of("n8n:main", "2"), "rerun") == ["2"]
    assert numbers(id_of("n8n:main", "3"), "rerun") == []
