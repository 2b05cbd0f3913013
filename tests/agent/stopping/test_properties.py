"""Whatever people, budget, accidents and kills do in any order, what may never be is not."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from data.stops import operations
from data.wanted import wanted
from models.operations import FAILED, REFUSED, VERIFIED
from models.stopping import START, STOP
from models.wanted import BUDGET, DOWN, PERSON, RECOVERY, REPAIR, UP
from tests.agent.stopping.house import WHY, House, World, chain

NAMES = ("db", "n8n", "worker")
names = st.sampled_from(NAMES)


class Month(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(*NAMES)
        self.house = House(self.folder, chain(*NAMES), self.world)

    def teardown(self):
        self.house.close()
        shutil.rmtree(self.folder)

    @rule(name=names, until=st.sampled_from([None, 30.0, 4000.0]))
    def a_person_stops(self, name, until):
        self._ask("stop", name, until)

    @rule(name=names, until=st.sampled_from([None, 30.0, 4000.0]))
    def a_person_starts(self, name, until):
        self._ask("start", name, until)

    def _ask(self, verb, name, until):
        moment = None if until is None else self.house.clock() + until
        getattr(self.house.stopping, verb)([name], PERSON, WHY, until=moment)

    @rule()
    def the_budget_is_used_up(self):
        self.house.stopping.stop_paid(WHY)

    @rule()
    def a_new_month_begins(self):
        self.house.stopping.bring_back(WHY)

    @rule(name=names)
    def something_falls(self, name):
        self.world.up[name] = False

    @rule(name=names, verb=st.sampled_from(["stop", "start"]))
    def something_fails_once(self, name, verb):
        self.world.fails[verb, name] = 1

    @rule()
    def recovery_restarts_whatever_is_down(self):
        for name in NAMES:
            held = self.house.book.held(name, self.house.clock())
            if not self.world.up[name] and self.house.stopping.may(RECOVERY, name, REPAIR):
                assert held is None or held.state != DOWN
                self.world.up[name] = True

    @rule(seconds=st.sampled_from([1, 10, 200]))
    def time_goes_by(self, seconds):
        self.house.run(seconds, every=max(1, seconds / 20))

    @rule(back=st.sampled_from([3600.0, -3600.0]))
    def the_agent_is_killed_and_begins_anew(self, back):
        self.house.now += max(back, 0.0)
        self.house.again()

    @invariant()
    def at_most_one_operation_a_target_is_open(self):
        open_ones = [row.target for row in self.house.book.open()]
        assert len(open_ones) == len(set(open_ones))

    @invariant()
    def nothing_is_started_against_a_word_that_holds(self):
        for row in self.house.book.open():
            held = self.house.book.held(row.target, self.house.clock())
            if row.verb == START and held is not None and held.state == DOWN:
                # Only a moment that has just passed, which the next step looks at.
                assert held.wanted_by == BUDGET
                assert row.ordered_by == PERSON

    @invariant()
    def what_is_kept_is_what_is_in_memory(self):
        assert self.house.stopping.operations() == operations(self.house.control)
        assert sorted(self.house.book.wanted()) == sorted(wanted(self.house.control))

    @rule()
    def in_the_end_what_is_wanted_down_is_down(self):
        self.world.fails.clear()
        self.house.run(1000, every=5)
        now = self.house.clock()
        for name in NAMES:
            held, last = self.house.book.held(name, now), self.house.book.last(name)
            assert last is None or not last.is_open
            if held is None or held.state != DOWN or last.state == FAILED:
                continue
            assert last.verb == STOP
            if last.state == REFUSED:
                assert self._is_needed_by_what_a_person_keeps_up(name, now)
            else:
                assert last.state == VERIFIED
                assert not self.world.up[name]

    def _is_needed_by_what_a_person_keeps_up(self, name, now):
        above = [self.house.book.held(each, now) for each in NAMES[NAMES.index(name) + 1 :]]
        return any(held and (held.wanted_by, held.state) == (PERSON, UP) for held in above)


Month.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestMonth = pytest.mark.slow(Month.TestCase)
