"""The turn of the loop: every pool is looked at, planned, and what is new is kept."""

import logging
from collections.abc import Sequence

from agent.planning.kept import FAILS, Keeping, Kept, rest_seconds
from agent.planning.looking import load_now, look_back, queue_now
from agent.planning.paying import (
    Fleet,
    allowed_by,
    hour_micro,
    purses,
    purses_told,
    unsaid,
)
from agent.planning.trusting import Tell, Trusting
from agent.sampling import Clocks
from data.control import Control
from data.home import Home
from models.demand.gate import Gate
from models.demand.targets import target_named
from models.errors import SallimError
from models.messages import Message, say
from models.scaling.allowed import Allowed
from models.scaling.decide import Now
from models.scaling.plan import plan
from models.scaling.rare import RareNow
from models.scaling.rare_plan import rare_plan
from models.scaling.rules import Rules, rules_of
from models.scaling.shapes import BUCKET_SECONDS, Plan
from models.scaling.short import Ahead, ahead
from models.settings import Settings
from models.settings.pool import Pool
from models.settings.target import Target

log = logging.getLogger(__name__)

LAG_SECONDS = 20
"""What was measured last is in the store after this."""


class Planning:
    """`step` is for one thread, `plans` and `problems` for any."""

    def __init__(
        self, home: Home, stores: tuple[Control, Keeping], clocks: Clocks, tell: Tell
    ) -> None:
        control, store = stores
        self.moved_at = clocks.monotonic()
        """When a pool was last done with."""
        self._home, self._store, self._clocks = home, store, clocks
        self._trusting = Trusting(control, store, tell)
        self._settings: Settings | None = None
        self._is_fresh = False
        self._kept: dict[str, Kept] = {}
        self._plans: dict[str, Plan] = {}
        self._problems: dict[str, Message] = {}

    def take_over(self, settings: Settings) -> None:
        self._settings, self._is_fresh = settings, True

    def plans(self) -> Sequence[Plan]:
        """The last of each pool."""
        return list(self._plans.values())

    def problems(self) -> Sequence[Message]:
        return list(self._problems.values())

    def step(self) -> None:
        """Never raises for what a file may refuse; a pool that fails keeps none of the others."""
        settings = self._settings
        if settings is None:
            return
        if self._is_fresh:
            self._forget(settings)
        made = [self._careful(settings, pool) for pool in settings.pool if pool.target]
        found = [each for each in made if each is not None]
        self._plans = {each.pool: each for each in found}
        if found:
            try:
                self._store.demand.keep_plans(found)
            except SallimError as error:
                log.debug("plans are not kept: %s", error)

    def _forget(self, settings: Settings) -> None:
        """Settings were read: what was seen may be of another target."""
        names = {pool.name for pool in settings.pool if pool.target}
        self._kept = {name: kept for name, kept in self._kept.items() if name in names}
        self._problems = {name: told for name, told in self._problems.items() if name in names}
        for kept in self._kept.values():
            kept.seen_step, kept.fleet, kept.rests_until = -1, None, float("-inf")
        try:
            self._trusting.only(names)
        except SallimError as error:
            log.debug("%s", error)
            return
        self._is_fresh = False

    def _careful(self, settings: Settings, pool: Pool) -> Plan | None:
        kept, began = self._kept.setdefault(pool.name, Kept()), self._clocks.monotonic()
        if began < kept.rests_until:
            return self._paid_for(settings, pool, kept)
        try:
            made = self._planned(settings, pool, kept)
        except FAILS as error:
            problem = say("{pool} is not planned: {reason}", pool=pool.name, reason=str(error))
            if problem != self._problems.get(pool.name):
                log.error("%s", problem)
            self._problems[pool.name] = problem
            return self._paid_for(settings, pool, kept)
        finally:
            self.moved_at = self._clocks.monotonic()
            kept.rests_until = self.moved_at + rest_seconds(self.moved_at - began)
        self._problems.pop(pool.name, None)
        return made

    def _paid_for(self, settings: Settings, pool: Pool, kept: Kept) -> Plan | None:
        """The last plan, of which no more stands than is still paid for."""
        last = self._plans.get(pool.name)
        if last is None or kept.fleet is None:
            return last
        try:
            lets = self._allowed(settings, pool, kept.fleet.rules, kept)
        except FAILS as error:
            log.debug("%s: what may be spent is not known: %s", pool.name, error)
            return last
        if lets.machines >= last.wanted:
            return last
        kept.machines.follow(lets.machines, self._clocks.monotonic())
        at, wanted = int(self._clocks.wall()), max(lets.machines, 0)
        return last._replace(at=at, wanted=wanted, allowed=wanted, reason=lets.why)

    def _planned(self, settings: Settings, pool: Pool, kept: Kept) -> Plan | None:
        target = target_named(settings, pool.target)
        if target is None:
            raise ValueError(f'there is no [[target]] named "{pool.target}"')
        wall = self._clocks.wall()
        rules = rules_of(pool, hour_micro(self._home, settings, pool, wall))
        lets = self._allowed(settings, pool, rules, kept)
        if rules.is_rare:
            made = self._rare(target, rules, kept, lets)
        else:
            gate = self._trusting.gate(pool, wall, self._clocks.monotonic())
            made = self._usual(target, rules, kept, (gate, lets))
        kept.machines.follow(made.wanted, self._clocks.monotonic())
        kept.fleet = Fleet(pool, kept.machines.count, rules)
        return made

    def _allowed(self, settings: Settings, pool: Pool, rules: Rules, kept: Kept) -> Allowed:
        """The made-up household has no month of which anybody could say something."""
        missing = None if settings.demo or rules.hour_micro == 0 else unsaid(self._home)
        if missing is not None:
            return missing
        kept.fleet = Fleet(pool, kept.machines.count, rules)
        others = [each.fleet for each in self._kept.values() if each is not kept and each.fleet]
        wall = self._clocks.wall()
        found = (
            purses_told(self._store, pool, wall)
            if settings.demo
            else purses(self._home, pool, wall)
        )
        return allowed_by(found, kept.fleet, others)

    def _usual(
        self, target: Target, rules: Rules, kept: Kept, limits: tuple[Gate, Allowed]
    ) -> Plan:
        now, monotonic = int(self._clocks.wall()), self._clocks.monotonic()
        high = self._ahead(target, rules, kept, now)
        ready, pending = kept.machines.counts(monotonic, rules.start_seconds)
        gate, lets = limits
        made, found = plan(
            rules,
            Now(
                at=float(now),
                load=load_now(self._store, target, now),
                ready=ready,
                pending=pending,
                allowed=lets.machines,
                highs=None if high is None else high.highs,
                highs_at=0.0 if high is None else float(high.start_at),
                past=kept.past,
                paid_seconds=self._paid(rules, kept),
            ),
            gate,
            lets,
        )
        kept.past = found.past
        why = None if high is None or high.why is None else high.why.as_json()
        return made._replace(inputs={**made.inputs, "no_forecast": why, "is_imagined": True})

    def _rare(self, target: Target, rules: Rules, kept: Kept, lets: Allowed) -> Plan:
        now = int(self._clocks.wall())
        ready, pending = kept.machines.counts(self._clocks.monotonic(), rules.start_seconds)
        queue = queue_now(self._store, target, now)
        seen = RareNow(float(now), queue, ready, pending, lets.machines, self._paid(rules, kept))
        made = rare_plan(rules, seen, lets)
        return made._replace(inputs={**made.inputs, "is_imagined": True})

    def _paid(self, rules: Rules, kept: Kept) -> Sequence[float]:
        if rules.increment_seconds <= 1:
            return ()
        return kept.machines.paid_seconds(self._clocks.monotonic(), rules.increment_seconds)

    def _ahead(self, target: Target, rules: Rules, kept: Kept, now: int) -> Ahead | None:
        """None where nothing was fitted yet."""
        step = (now - LAG_SECONDS) // BUCKET_SECONDS
        if kept.seen is None or kept.seen_step != step:
            kept.seen = look_back(self._store, target, now - LAG_SECONDS)
            kept.seen_step = step
        steps, fit = kept.seen
        if fit is None or not steps.values:
            return None
        return ahead(fit, steps, rules.headroom, rules.capacity)
