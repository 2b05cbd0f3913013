"""What budgets and stops have to tell, as alerts for the outbox."""

import json
from typing import Any

from agent.outbox.sending import Outbox
from models.alerts import Alert, Severity
from models.budget.alert import Alert as BudgetAlert
from models.messages import Message, say
from models.operations import ASKED, FAILED, VERIFIED, Operation
from models.stopping import START, STOP

BLOCK = "block"


class BudgetOutbox:
    """An outbox for those who know only of budgets."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def put(self, connection: Any, alert: BudgetAlert) -> None:
        told = (Severity(alert.severity), alert.title, alert.lines, f"/{alert.link}")
        self._outbox.put(connection, Alert(alert.dedup_key, alert.kind, *told, alert.bucket_id))


class StopTelling:
    """Tells what a person must answer, and what did not work."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def __call__(self, connection: Any, operation: Operation) -> None:
        if operation.state == VERIFIED:
            for verb in (STOP, START):
                self._outbox.settle(connection, failure_key(operation.target, verb))
        alert = alert_of(operation)
        if alert is not None:
            self._outbox.put(connection, alert)


def failure_key(target: str, verb: str) -> str:
    """The same for each try, so that what fails again and again is one message that lasts."""
    return f"stop:{target}:{verb}:{FAILED}"


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
        key = failure_key(name, operation.verb)
        return Alert(
            key, BLOCK, Severity.CRITICAL, title, lines, "/budget", target=name, lasts=True
        )
    return None
