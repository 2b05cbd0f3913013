"""Ours against theirs: what a provider charges beside what the ledger says, and what follows.

Amounts are whole nano-USD, net as providers bill them. A group is a provider, a span of time and a
model ("" is all of them). After the orders are carried out, the ledger says of a group whichever
is higher: what its calls are known to cost, or what the provider charges.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

NANO = 1_000_000_000
LATE_SECONDS = 2 * 86_400
"""So long after its end a span may still grow: providers settle late."""
ROUNDING_NANO = 1_000_000
"""A tenth of a cent: less is how a provider rounds its lines."""
ALARM_PPM = 50_000
ALARM_WON = 300
PPM = 1_000_000

Cause = Literal["none", "rounding", "late", "unverified", "restated", "outside", "ours"]
"""Why they differ; `outside`: a key is used without the guard; `ours`: we count more than they."""


class Doubt(NamedTuple):
    """A call that nobody ended: it counts at its worst case."""

    call_id: str
    attempt: int
    worst_nano: int


class Group(NamedTuple):
    """What both sides say of [since, until), UTC epoch seconds.

    `known_nano` is of settled calls, `corrected_nano` of the `corrections` rows that were written
    before. `former_nano` is what the provider said before it said `theirs_nano`.
    """

    provider: str
    model: str
    since: float
    until: float
    theirs_nano: int
    known_nano: int = 0
    corrected_nano: int = 0
    corrections: int = 0
    doubts: Sequence[Doubt] = ()
    former_nano: int | None = None


class SettleAt(NamedTuple):
    """An unverified call did cost this."""

    call_id: str
    attempt: int
    nano: int


class Correct(NamedTuple):
    """One more row; below zero where an earlier one was too much."""

    number: int
    nano: int


Order = SettleAt | Correct


class Verdict(NamedTuple):
    """`guarded_ppm` is the part of the bill that passed the guard; None where nothing is billed."""

    group: Group
    cause: Cause
    drift_nano: int
    is_alarm: bool
    guarded_ppm: int | None
    orders: Sequence[Order]


def judge(group: Group, now: float, micro_won_per_usd: int) -> Verdict:
    """Compare, explain, and say what to write. `now` is UTC epoch seconds.

    Doubts are settled only after the span can grow no more: till then they count at their worst.
    """
    is_late = now < group.until + LATE_SECONDS
    settled = [] if is_late else _settled(group)
    known = group.known_nano + sum(order.nano for order in settled)
    doubted = sum(doubt.worst_nano for doubt in group.doubts) if is_late else 0
    # What is in doubt may be what they charge for: counted twice it would block too early.
    wanted = max(known, group.theirs_nano - doubted, 0)
    missing = wanted - known - group.corrected_nano
    orders: list[Order] = [*settled]
    if missing:
        orders.append(Correct(group.corrections + 1, missing))
    drift = group.theirs_nano - group.known_nano
    cause = _cause(group, drift, is_late)
    won = abs(drift) * micro_won_per_usd // (NANO * 1_000_000)
    part = abs(drift) * PPM // max(group.theirs_nano, 1)
    is_explained = cause in ("none", "rounding", "late", "unverified")
    is_alarm = not is_explained and (won > ALARM_WON or part > ALARM_PPM)
    return Verdict(group, cause, drift, is_alarm, _guarded(group), orders)


def _settled(group: Group) -> list[SettleAt]:
    """What is left of the bill goes to the calls in doubt, none above its worst case."""
    left = max(group.theirs_nano - group.known_nano, 0)
    orders = []
    for doubt in group.doubts:
        part = min(doubt.worst_nano, left)
        left -= part
        orders.append(SettleAt(doubt.call_id, doubt.attempt, part))
    return orders


def _cause(group: Group, drift: int, is_late: bool) -> Cause:
    doubted = sum(doubt.worst_nano for doubt in group.doubts)
    if drift == 0:
        return "none"
    if abs(drift) < ROUNDING_NANO:
        return "rounding"
    if 0 < drift <= doubted:
        return "unverified"
    if drift < 0:
        return "late" if is_late else "ours"
    is_restated = group.former_nano is not None and group.former_nano != group.theirs_nano
    if is_restated and abs((group.former_nano or 0) - group.known_nano) < ROUNDING_NANO:
        return "restated"
    return "outside"


def _guarded(group: Group) -> int | None:
    if group.theirs_nano <= 0:
        return None
    doubted = sum(doubt.worst_nano for doubt in group.doubts)
    return min(group.known_nano + doubted, group.theirs_nano) * PPM // group.theirs_nano
