"""Whether a target is wanted up or down, and whose word counts.

Everybody who may want something of a target has a row of his own; the one of the highest rank
that has not run out is the target's wanted state. So a person's word that ends uncovers the
budget's, which nobody had to remember. Without a row a target is wanted up.
"""

from collections.abc import Iterable
from typing import NamedTuple

from models.messages import Message, say
from models.stopping import START, STOP

PERSON, BUDGET, SCALING, RECOVERY = "person", "budget", "scaling", "recovery"
RANKS = (PERSON, BUDGET, SCALING, RECOVERY)
"""Whose word counts more comes first."""
UP, DOWN = "up", "down"
STATE_OF = {STOP: DOWN, START: UP}
REPAIR = "repair"
"""What recovery does: allowed where the target is wanted up."""
OVERRULED_SECONDS = 86_400.0
"""How long a person overrules the budget who does not say how long: not for the whole month."""


class Wanted(NamedTuple):
    """What one of `RANKS` wants of a target. Moments are UTC epoch seconds; `until` None: for good.

    `reason` is the JSON of a message.
    """

    target: str
    wanted_by: str
    state: str
    reason: str
    until: float | None
    set_at: float


def holding(rows: Iterable[Wanted], target: str, now: float) -> Wanted | None:
    """The row that counts for a target, None where nobody wants anything of it."""
    live = [row for row in rows if row.target == target and not has_run_out(row, now)]
    return min(live, key=lambda row: RANKS.index(row.wanted_by), default=None)


def has_run_out(row: Wanted, now: float) -> bool:
    return row.until is not None and row.until <= now


def may(by: str, verb: str, held: Wanted | None) -> bool:
    """Whether somebody may stop, start or repair a target that `held` holds.

    >>> down = Wanted("n8n", BUDGET, DOWN, "{}", None, 0.0)
    >>> may(RECOVERY, REPAIR, down), may(RECOVERY, START, down), may(PERSON, START, down)
    (False, False, True)
    """
    if held is None:
        return True
    wished = UP if verb == REPAIR else STATE_OF[verb]
    if held.state == wished:
        return True
    return verb != REPAIR and RANKS.index(by) <= RANKS.index(held.wanted_by)


def refusal(by: str, held: Wanted) -> Message:
    """Why `may` says no, and who can change it."""
    values = {"target": held.target, "by": held.wanted_by, "asked_by": by}
    if held.state == DOWN:
        return say(
            "{target} stays down: {by} wants it so, which counts more than {asked_by}; a person "
            "may start it, or let the budget go on",
            **values,
        )
    return say(
        "{target} stays up: {by} wants it so, which counts more than {asked_by}; a person may "
        "stop it",
        **values,
    )
