"""What is to be written at a provider, and when: one row of the journal after the other."""

from typing import NamedTuple

from models.fence.kept import FAILED, PLANNED, PROVEN, REFUSED, Cents, FenceRow
from models.fence.worth import Wanted
from models.messages import say
from models.operations import text_of

STEP_PERCENT = 1
"""What a rate of exchange moves from day to day; the rate has as much of a margin."""
LARGE_PERCENT = 5
"""More is no rate of exchange, but a cap that was raised or lowered."""
SMALL_SECONDS, LARGE_SECONDS = 3_600.0, 60.0
"""Between two writes, by how much they differ."""
ATTEMPTS = 3
PAUSES_SECONDS = (10.0, 60.0, 60.0)
"""After each attempt, for the limit to be seen there."""
FAILED_SECONDS, REFUSED_SECONDS = 3_600.0, 86_400.0
"""Until it is tried anew; settings that are read again end it."""


class Look(NamedTuple):
    """What stands at the provider, and what should.

    `wanted` is None where no fence is wanted: then the owner's own limit is. `is_anew`: somebody
    has perhaps done what the last refusal asks for.
    """

    provider: str
    current: Cents
    wanted: Wanted | None
    now: float
    is_anew: bool = False


def needs_look(last: FenceRow | None, wanted: Wanted | None) -> bool:
    """Whether there is anything to ask the provider for."""
    return wanted is not None or (last is not None and last.is_ours)


def next_row(last: FenceRow | None, look: Look) -> FenceRow | None:
    """The row to write down next; one that is `planned` is to be carried out then.

    None: nothing, or not yet. `last` is the newest row of the provider.
    """
    if last is not None and last.state == PLANNED and look.current == last.to_cents:
        return last._replace(state=PROVEN, problem="", changed_at=look.now)
    own = own_of(last, look.current)
    target = target_of(look.wanted, own)
    if not _differs(look, target, own):
        return _noted(last, look, own)
    if not _is_due(last, look, target):
        return None
    return _planned(last, look, target, own)


def own_of(last: FenceRow | None, current: Cents) -> Cents:
    """The owner's own limit: what stood there before us, or what he has set there since."""
    return last.own_cents if last is not None and current in last.expected else current


def target_of(wanted: Wanted | None, own: Cents) -> Cents:
    """Never above what the owner allows there himself."""
    if wanted is None:
        return own
    return wanted.cents if own is None else min(wanted.cents, own)


def _differs(look: Look, target: Cents, own: Cents) -> bool:
    """By so much that it is worth a write."""
    current = look.current
    if target == current or target is None or current is None:
        return target != current
    if look.wanted is None or (own is not None and current > own):
        return True
    return abs(target - current) * 100 > current * STEP_PERCENT


def _is_due(last: FenceRow | None, look: Look, target: Cents) -> bool:
    if last is None or (look.wanted is None and last.state == PROVEN):
        return True
    # A clock that was set back makes nothing wait longer.
    return not 0 <= look.now - last.changed_at < _pause(last, look, target)


def _pause(last: FenceRow, look: Look, target: Cents) -> float:
    if last.state in (FAILED, REFUSED):
        if look.is_anew:
            return 0.0
        return FAILED_SECONDS if last.state == FAILED else REFUSED_SECONDS
    if last.state == PLANNED:
        return PAUSES_SECONDS[max(last.attempt, 1) - 1]
    current = look.current
    if current is None or target is None:
        return LARGE_SECONDS
    is_large = abs(target - current) * 100 > current * LARGE_PERCENT
    return LARGE_SECONDS if is_large else SMALL_SECONDS


def _noted(last: FenceRow | None, look: Look, own: Cents) -> FenceRow | None:
    """What is as it should be is written down where that is news."""
    if last is None and look.wanted is None:
        return None
    known = None if last is None else (last.state, last.to_cents, last.own_cents)
    if known == (PROVEN, look.current, own):
        return None
    return _fresh(look, look.current, own)._replace(state=PROVEN)


def _planned(last: FenceRow | None, look: Look, target: Cents, own: Cents) -> FenceRow:
    fresh = _fresh(look, target, own)
    if last is None or last.state != PLANNED:
        return fresh
    if last.to_cents != target:
        return fresh._replace(seq=last.seq)
    if last.attempt >= ATTEMPTS:
        problem = say(
            "it was written {attempts} times, and the provider still tells another one",
            attempts=last.attempt,
        )
        return last._replace(state=FAILED, problem=text_of(problem), changed_at=look.now)
    return fresh._replace(seq=last.seq, attempt=last.attempt + 1, planned_at=last.planned_at)


def _fresh(look: Look, to_cents: Cents, own: Cents) -> FenceRow:
    """`seq` 0 is a new one."""
    bucket_id, cap_micro = ("", 0) if look.wanted is None else look.wanted[:2]
    place = (look.current, to_cents, own, bucket_id, cap_micro)
    return FenceRow(0, look.provider, PLANNED, *place, 1, "", look.now, look.now)


def refused_row(last: FenceRow | None, look: Look, problem: str) -> FenceRow:
    """Of a provider that does not even tell its limit; `look.current` is not known."""
    if last is None:
        kept = _fresh(look, None, None)._replace(state=REFUSED)
    elif last.state == PROVEN:
        kept = _fresh(look, last.to_cents, last.own_cents)
        kept = kept._replace(state=REFUSED, before_cents=last.to_cents)
    else:
        kept = last._replace(state=REFUSED if last.state == REFUSED else FAILED)
    return kept._replace(problem=problem, changed_at=look.now)
