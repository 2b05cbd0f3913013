"""What budgets and stops have to tell, as alerts for the outbox."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from agent.outbox.sending import Outbox
from data.control import Control
from models.alerts import Alert, Severity
from models.budget.alert import Alert as BudgetAlert
from models.errors import StoreError
from models.messages import Message, say
from models.operations import ASKED, FAILED, Operation
from models.stopping import STOP
from models.tiers import HOUR_SECONDS

BLOCK = "block"


class BudgetOutbox:
    """An outbox for those who know only of budgets."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def put(self, connection: Any, alert: BudgetAlert) -> None:
        told = (Severity(alert.severity), alert.title, alert.lines, f"/{alert.link}")
        self._outbox.put(connection, Alert(alert.dedup_key, alert.kind, *told, alert.bucket_id))


class LedgerTelling:
    """Tells that somebody else has written into the ledger; once an hour, however often."""

    def __init__(self, outbox: Outbox, control: Control, clock: Callable[[], float]) -> None:
        self._outbox = outbox
        self._control = control
        self._clock = clock

    def __call__(self, what: Message) -> None:
        key = f"ledger:{what.template[:40]}:{int(self._clock() // HOUR_SECONDS)}"
        to_do = say(
            "Whoever may write the file of the ledger can change it. Give programs that you do not "
            "trust a token of the gateway instead."
        )
        alert = Alert(key, BLOCK, Severity.CRITICAL, what, (to_do,), "/budget")
        with suppress(StoreError), self._control.transaction() as connection:
            self._outbox.put(connection, alert)


class StopTelling:
    """Tells what a person must answer, and what did not work."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def __call__(self, connection: Any, operation: Operation) -> None:
        alert = alert_of(operation)
        if alert is not None:
            self._outbox.put(connection, alert)


def alert_of(operation: Operation) -> Alert | None:
    """None for what goes as it should."""
    name, is_stop = operation.target, operation.verb == STOP
    key = f"stop:{operation.batch}:{name}:{operation.state}"
    why = (Message.from_json(json.loads(operation.reason)),)
    if operation.state == ASKED:
        title = (
            say("May {name} be stopped?", name=name)
            if is_stop
            else say("May {name} be started?", name=name)
        )
        answer = say("Say yes or no on the page of the budget.")
        return Alert(key, BLOCK, Severity.WARN, title, (*why, answer), "/budget", target=name)
    if operation.state == FAILED:
        title = (
            say("{name} could not be stopped and may still cost money", name=name)
            if is_stop
            else say("{name} could not be started again", name=name)
        )
        problem = Message.from_json(json.loads(operation.problem)) if operation.problem else None
        lines = (*why, problem) if problem is not None else why
        return Alert(key, BLOCK, Severity.CRITICAL, title, lines, "/budget", target=name)
    return None
