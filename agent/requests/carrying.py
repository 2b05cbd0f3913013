"""From accepted to done: acting, looking for what was done, and the rows that tell of it."""

import logging
from collections.abc import Mapping

from agent.requests.handling import Handler, Handlers, Job
from agent.sampling import Clocks
from data import requests as rows
from data.audit import Audit
from data.control import Control
from models.audit import AuditRow, Entry
from models.errors import RequestRefused, SallimError, StoreError
from models.messages import Message, say
from models.requests import ACCEPTED, FAILED, REFUSED, UNKNOWN, Actor, Outcome
from models.requests.kept import KeptRequest
from sallim.ledger import LedgerError
from sallim.money import MICRO

log = logging.getLogger(__name__)

FINISH_SECONDS = 600
"""What was accepted longer ago and is not begun is done no more: whoever asked for it has long
looked for another way.
"""
TROUBLES = (SallimError, LedgerError, OSError, ValueError)


class Carrying:
    """For one thread at a time."""

    def __init__(self, control: Control, handlers: Handlers, clocks: Clocks) -> None:
        self._control = control
        self._handlers = handlers
        self._clocks = clocks
        self._is_waiting = True
        """Whether something may be under way: at a start nobody knows."""

    def begin(self, row: KeptRequest) -> KeptRequest:
        """Do what was accepted. What cannot be written down of it stays under way for `pursue`."""
        self._is_waiting = True
        job, handler = self._job(row), self._handler(row)
        try:
            outcome = handler.act(job)
        except RequestRefused as trouble:
            outcome = Outcome(FAILED, trouble.message)
        except TROUBLES as trouble:
            outcome = _found_after(handler, job, trouble)
        except Exception:
            log.exception("request %s ended in an error of ours", row.request_id)
            outcome = Outcome(UNKNOWN, _look_yourself(row))
        try:
            return self._end(row, outcome)
        except StoreError as trouble:
            log.error("what became of request %s is not written yet: %s", row.request_id, trouble)
            return row

    def pursue(self) -> None:
        """Each that is under way: ended where its end is seen, done where nothing was begun.

        It raises nothing for what a store may refuse.
        """
        if not self._is_waiting:
            return
        try:
            waiting = [self._pursued(row) for row in rows.unfinished(self._control)]
        except StoreError as trouble:
            log.error("requests that are under way wait: %s", trouble)
            return
        self._is_waiting = any(row.state == ACCEPTED for row in waiting)

    def note_refusal(self, actor: Actor, what: str, target: str, message: Message) -> None:
        """Of what is no request of ours: a row of the audit, and nothing else."""
        at_us = int(self._clocks.wall() * MICRO)
        entry = Entry(at_us, REFUSED, "", actor, what, target, {}, {}, str(message))
        told(Audit(self._control).append(entry))

    def _pursued(self, row: KeptRequest) -> KeptRequest:
        job, handler = self._job(row), self._handler(row)
        is_old = job.now - row.asked_at_us / MICRO > FINISH_SECONDS
        try:
            outcome = handler.look(job)
            if outcome is None and is_old:
                outcome = Outcome(FAILED, say("not done: the agent ended before it began"))
            if outcome is None:
                handler.check(job.request, job.now)
                return self.begin(row)
        except RequestRefused as trouble:
            outcome = Outcome(FAILED, trouble.message)
        except Exception:
            # Whatever it is: others wait, and the loop that this is a step of must go on.
            log.exception("request %s is looked for again", row.request_id)
            outcome = Outcome(UNKNOWN if is_old else ACCEPTED, _look_yourself(row))
        return self._end(row, outcome)

    def _end(self, row: KeptRequest, outcome: Outcome) -> KeptRequest:
        if outcome.state == ACCEPTED:
            return row
        ended = row.moved(outcome.state, outcome.message, int(self._clocks.wall() * MICRO))
        told(rows.end(self._control, ended, entry_of(ended, {}, outcome.after)))
        return ended

    def _job(self, row: KeptRequest) -> Job:
        return Job(row.request_id, row.request, row.actor, self._clocks.wall())

    def _handler(self, row: KeptRequest) -> Handler:
        return self._handlers[row.request.kind]


def entry_of(row: KeptRequest, before: Mapping[str, object], after: Mapping[str, object]) -> Entry:
    """What the audit says of a request in its state."""
    return Entry(
        *(row.changed_at_us, row.state, row.request_id, row.actor, row.kind, row.target),
        *(before, after, str(row.told)),
    )


def told(row: AuditRow) -> None:
    """The log is elsewhere: whoever cuts the end off the audit cannot cut it off there, too."""
    log.info(
        "audit %s: %s %s %s by %s (%s)",
        *(row.seq, row.step, row.what, row.request_id, row.who, row.sha256),
    )


def _found_after(handler: Handler, job: Job, trouble: Exception) -> Outcome:
    """It broke off somewhere: what is there decides."""
    not_done = say("not done: {reason}", reason=str(trouble))
    try:
        return handler.look(job) or Outcome(FAILED, not_done)
    except TROUBLES as again:
        log.error("request %s: %s, and then %s", job.request_id, trouble, again)
        return Outcome(
            UNKNOWN,
            say("it broke off ({reason}): look whether it was done", reason=str(trouble)),
        )


def _look_yourself(row: KeptRequest) -> Message:
    return say(
        "nobody can say whether {kind} of {target} was done: look, and ask anew where it was not",
        kind=row.kind,
        target=row.target,
    )
