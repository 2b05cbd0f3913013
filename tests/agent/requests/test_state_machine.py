"""Whatever people do in whatever order, and wherever the process ends: no request acts twice, and
none acts that is not written down.
"""

import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from models.errors import RequestRefused
from models.requests import Caller
from models.requests.roles import may
from tests.agent.asking import NOW, OPERATOR, OWNER, VIEWER, Killed, house_in

pytestmark = pytest.mark.slow

CALLERS = st.sampled_from([OWNER, OPERATOR, VIEWER, OWNER._replace(bound_to="session-9")])
WANTED = st.sampled_from(
    [
        ("raise", "api", {"amount_krw": 1000, "until": "2026-11-30"}),
        ("raise", "total", {"amount_krw": 5000, "until": "2026-11-24"}),
        ("release", "api", {"until": "2026-11-30"}),
        ("withdraw", "made up", {"bucket": "api"}),
        ("stop_all", "everything", {}),
        ("resume", "everything", {}),
        ("stop", "gpu", {}),
        ("start", "gpu", {}),
        ("silence", "api", {"until": "2026-11-25"}),
        ("scale", "gpu", {"instances": 2}),
    ]
)


class Body(NamedTuple):
    """What is sent, by whom; and who had what prepared."""

    caller: Caller
    shape: dict
    prepared: tuple


class People(RuleBasedStateMachine):
    """Bodies are kept and sent again: changed, stolen, late, twice, and across crashes."""

    bodies = Bundle("bodies")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = house_in(Path(self.folder.name))
        self.latest = NOW

    @rule(target=bodies, caller=CALLERS, wanted=WANTED, is_confirmed=st.booleans())
    def prepare(self, caller, wanted, is_confirmed):
        kind, target, args = wanted
        self.house.monotonic.now += 60
        try:
            shape = self.house.prepared(caller, kind, target, **args)
        except RequestRefused:
            shape = self.house.handmade(kind, target, **args)
        if not is_confirmed:
            shape["confirm"] = "yes"
        return Body(caller, shape, (caller.bound_to, *wanted))

    @rule(
        target=bodies,
        body=bodies,
        change=st.sampled_from(
            [{"target": "total"}, {"confirm": "api"}, {"nonce": ""}, {"reason": "other"}]
        ),
    )
    def forge(self, body, change):
        return body._replace(shape={**body.shape, **change})

    @rule(target=bodies, body=bodies, caller=CALLERS)
    def steal(self, body, caller):
        return body._replace(caller=caller)

    @rule(body=bodies, killed=st.sampled_from(["", "", "before", "after"]), slow=st.booleans())
    def ask(self, body, killed, slow):
        caller, shape, prepared = body
        self.house.monotonic.now += 60
        self.house.world.slow, self.house.world.killed = slow, killed
        try:
            kept = self.house.requests.ask(caller, shape)
        except RequestRefused:
            return
        except Killed:
            self.house.crash()
            return
        finally:
            self.house.world.killed = ""
        assert prepared == (caller.bound_to, shape["kind"], shape["target"], shape["args"])
        assert may(caller.actor.role, shape["kind"])
        assert kept.state in ("accepted", "done", "failed")

    @rule(wanted=WANTED, killed=st.sampled_from(["before", "after"]), slow=st.booleans())
    def die_in_the_middle(self, wanted, killed, slow):
        self.ask(self.prepare(OWNER, wanted, True), killed, slow)
        self.house.requests.step()

    @rule(wanted=WANTED, name=st.sampled_from(["total", "gpu", "n8n"]))
    def forge_at_once(self, wanted, name):
        body = self.prepare(OWNER, wanted, True)
        confirm = body.shape["confirm"].replace(wanted[1], name)
        self.ask(self.forge(body, {"target": name, "confirm": confirm}), "", False)

    @rule(body=bodies, thief=CALLERS)
    def steal_at_once(self, body, thief):
        self.ask(body._replace(caller=thief), "", False)

    @rule(body=bodies)
    def click_twice(self, body):
        self.ask(body, "", False)
        acts = len(self.house.world.acts)
        self.ask(body, "", False)
        assert len(self.house.world.acts) == acts

    @rule(seconds=st.sampled_from([1, 30, 61, 3600, -30, -3600]))
    def let_time_pass(self, seconds):
        # The wall clock may step; the month of the test stays.
        self.house.clock.now = max(NOW - 3600, self.house.clock.now + seconds)

    @rule()
    def crash(self):
        self.house.crash()

    @rule()
    def go_on(self):
        self.house.requests.step()

    @rule()
    def services_obey(self):
        self.house.world.finish()

    @invariant()
    def nothing_acts_twice(self):
        acts = self.house.world.acts
        assert len(set(acts)) == len(acts)

    @invariant()
    def nothing_acts_that_is_not_written_down(self):
        accepted = {row.request_id for row in self.house.audit if row.step == "accepted"}
        for act in self.house.world.acts:
            assert any(request_id in act for request_id in accepted)
        assert all(may(row.role, row.what) for row in self.house.audit if row.step == "accepted")

    @invariant()
    def each_request_ends_once(self):
        ends = [r.request_id for r in self.house.audit if r.step in ("done", "failed", "unknown")]
        accepted = [row.request_id for row in self.house.audit if row.step == "accepted"]
        assert len(set(ends)) == len(ends)
        assert len(set(accepted)) == len(accepted)
        assert set(ends) <= set(accepted)

    @invariant()
    def the_chain_is_whole(self):
        assert self.house.verdict.broken == ""

    @invariant()
    def no_bucket_is_raised_beyond_what_may_be(self):
        # What still runs at the latest moment ever seen ran whenever one of them was added.
        self.latest = max(self.latest, self.house.clock.now)
        raised = {"api": 0, "total": 0}
        for each in self.house.world.overrides.values():
            raised[each.bucket_id] += each.delta_krw if each.expires_at > self.latest else 0
        assert raised["api"] <= 7_500
        assert raised["total"] <= 12_450

    def teardown(self):
        self.house.requests.step()
        self.house.close()
        self.folder.cleanup()


People.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestPeople = People.TestCase
