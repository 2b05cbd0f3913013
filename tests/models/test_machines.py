"""Which machines there are: on, silent, or off on purpose; and whose a name is."""

import pytest

from models.machines import (
    BY_PERSON,
    LAST_WORDS_SECONDS,
    OFF,
    ON,
    SCRAPE,
    SILENT,
    Machine,
    after_push,
    all_states,
    problems_of,
    refusal,
    state_of,
    switched,
    unheard,
    with_problems,
)
from models.messages import say
from models.monitoring import SourceState, State
from models.pushing import Bucket, Push

NOW = 1_795_413_600.0


def push(machine="gpu-1", probe="aa", **changes) -> Push:
    given = {
        "probe": probe,
        "run": "1-aa",
        "machine": machine,
        "version": "0.1.0",
        "interval_seconds": 10.0,
        "leaving": False,
        "dropped": 0,
        "problems": (),
        "buckets": (Bucket(1, int(NOW), ()),),
        **changes,
    }
    return Push(**given)


def pushed(known: Machine | None = None, now: float = NOW, **changes) -> Machine:
    return after_push(known, push(**changes), "token", 0, now)


def state(machine: Machine, now: float, listening_since: float = NOW - 1000) -> str:
    return state_of(machine, now, listening_since).state


def test_a_machine_appears_by_itself_and_is_silent_after_35_seconds():
    machine = pushed()

    assert state(machine, NOW + 35) == ON
    assert state(machine, NOW + 36) == SILENT
    silent = state_of(machine, NOW + 120, NOW)
    assert (silent.since_at, silent.last_seen_at) == (NOW, NOW)
    assert "machines off gpu-1" in str(silent.note)


def test_one_that_said_goodbye_is_off_and_costs_nothing():
    machine = pushed(pushed(), NOW + 10, leaving=True)
    told = state_of(machine, NOW + 100_000, NOW)

    assert (told.state, str(told.note), told.since_at) == (OFF, "off, ₩0/h", NOW + 10)
    assert problems_of([told]) == []


def test_one_that_comes_back_is_on_again():
    off = pushed(pushed(), NOW + 10, leaving=True)
    back = pushed(off, NOW + 500)

    assert state(back, NOW + 500) == ON
    assert back.since_at == NOW + 500
    assert back.first_seen_at == NOW


def test_a_hub_that_was_away_itself_calls_nobody_silent():
    machine = pushed()

    assert state(machine, NOW + 3630, listening_since=NOW + 3600) == ON
    assert state(machine, NOW + 3640, listening_since=NOW + 3600) == SILENT


def test_the_last_words_of_a_machine_that_a_person_switched_off_do_not_bring_it_back():
    off = switched(pushed(), OFF, NOW + 5)
    after = pushed(off, NOW + 15)

    assert (after.state, after.off_by, after.since_at) == (OFF, BY_PERSON, NOW + 5)
    assert pushed(after, NOW + 6 + LAST_WORDS_SECONDS).state == ON
    assert pushed(after, NOW + 6 + LAST_WORDS_SECONDS, leaving=True).state == OFF
    assert switched(after, ON, NOW + 20).state == ON


def test_a_name_belongs_to_the_token_that_first_brought_it():
    machine = pushed()

    assert refusal(None, push(), "token", "vps", NOW) is None
    assert refusal(machine, push(), "token", "vps", NOW) is None
    told = str(refusal(machine, push(), "another", "vps", NOW + 10_000))
    assert "belongs to the token token" in told
    assert "machines forget gpu-1" in told


def test_the_hubs_own_name_is_nobody_elses():
    assert "the hub's own machine" in str(refusal(None, push("vps"), "token", "vps", NOW))


def test_two_probes_do_not_report_under_one_name_but_one_may_follow_the_other():
    machine = pushed()
    other = push(probe="bb")

    assert "give one of the two another --name" in str(
        refusal(machine, other, "token", "vps", NOW + 59)
    )
    assert refusal(machine, other, "token", "vps", NOW + 61) is None
    gone = pushed(machine, NOW + 5, leaving=True)
    assert refusal(gone, other, "token", "vps", NOW + 6) is None


def test_history_that_was_lost_is_told():
    machine = after_push(pushed(), push(), "token", 12, NOW + 10)

    assert "120 s of its history are lost" in str(state_of(machine, NOW + 11, NOW).note)


@pytest.mark.parametrize(
    ("problems", "note"), [((), None), (("gpu: no answer", "host: x"), "gpu: no answer")]
)
def test_what_a_probe_complains_of_is_shown(problems, note):
    told = with_problems(state_of(pushed(), NOW, NOW), problems)

    assert (None if told.note is None else str(told.note)) == note


def source(state: State, since_at: float, name: str = "scrape:node") -> SourceState:
    reason = None if state is State.PRESENT else say("refused")
    return SourceState(name, state, reason, 3.0, 15.0, 100, 0.01, since_at, "db-1")


def states(kept, *sources, now=NOW) -> dict[str, str]:
    found = all_states(kept, sources, "vps", now, NOW - 1000)
    return {each.name: each.state for each in found}


def test_a_scraped_exporter_is_a_machine_too():
    assert states([], source(State.PRESENT, NOW)) == {"vps": ON, "db-1": ON}
    assert states([], source(State.ERROR, NOW)) == {"vps": ON, "db-1": SILENT}
    assert states([], source(State.PRESENT, NOW, "endpoint:api")) == {"vps": ON}


def test_a_scraped_machine_that_was_returned_is_off_until_it_answers_anew():
    off = switched(unheard("db-1", SCRAPE, NOW), OFF, NOW)

    assert states([off], source(State.PRESENT, NOW - 500)) == {"vps": ON, "db-1": OFF}
    assert states([off], source(State.ERROR, NOW + 5)) == {"vps": ON, "db-1": OFF}
    assert states([off], source(State.PRESENT, NOW + 900)) == {"vps": ON, "db-1": ON}


def test_a_machine_that_both_pushes_and_is_scraped_is_what_its_probe_says():
    machine = pushed(machine="db-1")

    assert states([machine], source(State.ERROR, NOW)) == {"vps": ON, "db-1": ON}


def test_a_silent_machine_is_a_problem_with_its_name():
    found = all_states([pushed()], [], "vps", NOW + 600, NOW)

    [problem] = problems_of(found)
    assert str(problem).startswith("gpu-1: no word for 10 min")
