"""What would have been planned in the days before, for the demo: by the agent's own decisions."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.asking import Asking
from agent.planning.imagined import Imagined
from data.ops.demand_series import recent
from models.costs.charges import price_of
from models.demand.gate import Gate
from models.demand.shapes import Measured
from models.scaling.allowed import Purse, allowed
from models.scaling.decide import Now, Past
from models.scaling.plan import plan
from models.scaling.rare import RareNow
from models.scaling.rare_plan import rare_plan
from models.scaling.rules import Rules, rules_of
from models.scaling.shapes import BUCKET_SECONDS, Plan, ShortFit
from models.scaling.short import ahead
from models.scaling.waited import waited
from models.settings.pool import Pool
from models.settings.target import Target
from models.tiers import DAY_SECONDS
from sallim.money import MICRO

DAYS = 2
LOOK_BACK = 2_016 + 24
QUEUE_STEPS = 288


class Known(NamedTuple):
    """`steps` are whole ones of five minutes, `active` is None but of rare work, whose `steps` are
    its queue. `shorts` and `gates` are what was known of the next half hour, and whether it might
    count, each with the moment since when; oldest first.
    """

    steps: Measured
    active: Measured | None
    shorts: Sequence[ShortFit]
    gates: Sequence[tuple[int, Gate]]
    purses: Sequence[Purse]


def known_of(
    store: Asking,
    target: Target,
    rules: Rules,
    now: int,
    told: tuple[Sequence[ShortFit], Sequence[tuple[int, Gate]], Sequence[Purse]],
) -> Known:
    """Raises StoreError."""
    count = DAYS * DAY_SECONDS // BUCKET_SECONDS + LOOK_BACK

    def steps(kind: str) -> Measured:
        of = target if kind == target.kind else target.model_copy(update={"kind": kind})
        return store.read(lambda cursor: recent(cursor, of, now, count, BUCKET_SECONDS))

    if rules.is_rare:
        return Known(steps("queue"), steps("active"), *told)
    return Known(steps(target.kind), None, *told)


def rules_in_won(pool: Pool) -> Rules:
    """Where no rate of exchange is known, only a price in won is."""
    price = price_of(pool.hour_price)
    return rules_of(pool, int(price.amount * MICRO) if price.currency == "KRW" else None)


def plans(rules: Rules, known: Known) -> Iterator[Plan]:
    """One every five minutes, each by what was measured before it."""
    machines = Imagined()
    past: Past = ()
    end = known.steps.end_at
    first = max(end - DAYS * DAY_SECONDS, known.steps.start_at + BUCKET_SECONDS)
    for at in range(first, end + 1, BUCKET_SECONDS):
        there = sum(machines.counts(at, rules.start_seconds))
        lets = allowed(rules, known.purses, there)
        if rules.is_rare:
            made = rare_plan(rules, _rare_now(rules, known, machines, at), lets)
        else:
            now = _now(rules, known, machines, at)._replace(past=past)
            gate = [each for since, each in known.gates if since <= at][-1]
            made, found = plan(rules, now._replace(allowed=lets.machines), gate, lets)
            past = found.past
        machines.follow(made.wanted, at)
        yield made._replace(inputs={**made.inputs, "is_imagined": True})


def _now(rules: Rules, known: Known, machines: Imagined, at: int) -> Now:
    ready, pending = machines.counts(at, rules.start_seconds)
    seen = _before(known.steps, at, LOOK_BACK)
    fits = [fit for fit in known.shorts if fit.fitted_at <= at]
    high = ahead(fits[-1], seen, rules.headroom, rules.capacity) if fits else None
    return Now(
        at=float(at),
        load=seen.values[-1] if seen.values else None,
        ready=ready,
        pending=pending,
        allowed=0,
        highs=None if high is None else high.highs,
        highs_at=float(at),
        paid_seconds=_paid(rules, machines, at),
    )


def _rare_now(rules: Rules, known: Known, machines: Imagined, at: int) -> RareNow:
    ready, pending = machines.counts(at, rules.start_seconds)
    steps = _before(known.steps, at, QUEUE_STEPS)
    active = _before(known.active or known.steps, at, 1)
    count, running = steps.values[-1], active.values[-1] if active.values else None
    queue = None if count is None else waited(round(count), round(running or 0), steps, at)
    return RareNow(float(at), queue, ready, pending, 0, _paid(rules, machines, at))


def _before(steps: Measured, at: int, count: int) -> Measured:
    until = (at - steps.start_at) // steps.step_seconds
    first = max(until - count, 0)
    start = steps.start_at + first * steps.step_seconds
    return Measured(start, steps.step_seconds, steps.values[first:until])


def _paid(rules: Rules, machines: Imagined, at: int) -> Sequence[float]:
    if rules.increment_seconds <= 1:
        return ()
    return machines.paid_seconds(at, rules.increment_seconds)
