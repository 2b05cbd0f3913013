"""What became of work that waits, by the runs that were seen of it since."""

from collections.abc import Sequence
from typing import NamedTuple

from models.messages import Message, say
from models.waiting.item import (
    DONE,
    GIVEN_UP,
    INTENT,
    NOW,
    PACED,
    RUNNING,
    SENT,
    WAITING,
    WaitingItem,
)
from models.waiting.recognising import RefusedFor, recognise

WELL = ("success", "succeeded")
GOING = ("queued", "running", "waiting")
SKEW_SECONDS = 5.0
"""How much earlier than it was asked for a run may seem to have begun, by another clock."""
TOLD_SECONDS = 180.0
"""How long a failed run may have no text: n8n is asked for it afterwards."""
UNSEEN_SECONDS = 3_600.0
"""After this time a rerun that somebody took and nobody saw is a matter for a person."""


class LaterRun(NamedTuple):
    """A run of the same work. `of` is the execution that it tried again, or the key of what was
    analysed; `status` is that of n8n or of the ledger; `at` is when it began, UTC epoch seconds.
    """

    of: str
    run_id: str
    status: str
    error: str
    at: float
    ended_at: float | None


def judged(item: WaitingItem, runs: Sequence[LaterRun], now: float, tries_max: int) -> WaitingItem:
    """The item as it stands by `runs`, which are of it and in the order of their beginning.

    Also what somebody else ran again is done: by hand in n8n, or by a program of his own.
    """
    if item.state not in (WAITING, RUNNING, GIVEN_UP):
        return item
    well = next((run for run in runs if run.status in WELL and run.at >= item.since), None)
    if well is not None:
        return _ended(item, DONE, now, None)._replace(rerun_id=well.run_id)
    if item.state != RUNNING:
        return item
    ours = [run for run in runs if run.at >= item.begun_at - SKEW_SECONDS]
    if not ours:
        return _unseen(item, now)
    return _by_run(item, ours[-1], now, tries_max)


def refused_again(
    item: WaitingItem, refusal: RefusedFor | None, why: Message | None, now: float, tries_max: int
) -> WaitingItem:
    """Waiting once more, or given up where that was often enough."""
    tries = item.tries + 1
    if refusal is not None:
        item = item._replace(
            code=refusal.code,
            bucket_id=refusal.bucket_id,
            priority=refusal.priority,
            needed_micro=max(refusal.needed_micro, item.needed_micro),
        )
    if tries >= tries_max:
        why = why or say("it was refused {count} times since", count=tries)
        return _ended(item, GIVEN_UP, now, why)._replace(tries=tries)
    asked = PACED if item.asked == NOW else item.asked
    again = item._replace(state=WAITING, step="", tries=tries, asked=asked, changed_at=now)
    return again.with_problem(why)


def given_up(item: WaitingItem, why: Message, now: float) -> WaitingItem:
    """Until a person wants it once more."""
    return _ended(item, GIVEN_UP, now, why)


def _by_run(item: WaitingItem, run: LaterRun, now: float, tries_max: int) -> WaitingItem:
    seen = item._replace(step=SENT, rerun_id=run.run_id)
    if run.status in GOING:
        return seen if item.step == INTENT or item.rerun_id != run.run_id else item
    refusal = recognise(run.error)
    if refusal is not None:
        return refused_again(seen, refusal, None, now, tries_max)
    if not run.error and now - (run.ended_at or run.at) < TOLD_SECONDS:
        return seen
    why = say("it failed for another reason: {reason}", reason=run.error or run.status)
    return given_up(seen, why, now)


def _unseen(item: WaitingItem, now: float) -> WaitingItem:
    if item.step != SENT or now - item.changed_at < UNSEEN_SECONDS:
        return item
    why = say("it was run again, and no run of it was seen since; look whether it was done")
    return given_up(item, why, now)


def _ended(item: WaitingItem, state: str, now: float, why: Message | None) -> WaitingItem:
    return item._replace(state=state, step="", asked="", changed_at=now).with_problem(why)
