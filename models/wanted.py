"""Whether a target is wanted up or down, and whose word counts.

Everybody who may want something of a target has a row of his own; the one of the highest rank
that has not run out is the target's wanted state. So a person's word that ends uncovers the
budget's, which nobody had to remember. Without a row a target is wanted up.
"""

import json
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

    def as_json(self) -> dict[str, object]:
        return {**self._asdict(), "reason": json.loads(self.reason)}


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


def refusal(held: Wanted) -> Message:
    """Why `may` says no, and who can change it."""
    target = held.target
    if held.state == UP:
        return say(
            "{target} stays up, because a person wants it so; a person may stop it",
            target=target,
        )
    if held.wanted_by == PERSON:
        return say(
            "{target} stays down, because a person stopped it; start it yourself where you want it",
            target=target,
        )
    if held.wanted_by == BUDGET:
        return say(
            "{target} stays down, because the budget holds it; raise the budget, or start it "
            "yourself",
            target=target,
        )
    return say(
        "{target} stays down, because it was not needed; start it yourself where you want it",
        target=target,
    )
