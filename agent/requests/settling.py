"""Settle by hand a call whose end nobody saw: a person read the provider's page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.requests.handling import Job
from models.costs.charges import settled_at
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, FAILED, Outcome, Prospect, Request
from models.requests.limits import check_settled
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import SETTLED, TYPED, UNVERIFIED, CallRow
from sallim.money import MICRO, won_text


class Settling:
    """For `settle`; the call is `target` and the argument `attempt`."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger

    def check(self, request: Request, now: float) -> Prospect:  # noqa: ARG002  as all handlers
        with self._accounts() as accounts:
            call = _found(accounts, request)
        if call.state != UNVERIFIED:
            raise RequestRefused(
                say(
                    "{call} is {state}; only a call whose end nobody saw is settled by hand",
                    call=request.target,
                    state=call.state,
                )
            )
        check_settled(request, call.worst_micro)
        line = say(
            "{call} ({provider} {model}) counts {after} won instead of {before}",
            call=call.call_id,
            provider=call.provider,
            model=call.model,
            after=won_text(request.amount_micro),
            before=won_text(call.gross_micro),
        )
        return Prospect((line,), {"state": call.state, "gross_micro": call.gross_micro})

    def act(self, job: Job) -> Outcome:
        request = job.request
        with self._accounts() as accounts:
            call = _found(accounts, request)
            nano = call.worst_nano_usd * request.amount_micro // max(call.worst_micro, 1)
            settlement = settled_at(call, nano, TYPED, int(job.now * MICRO))
            settlement = settlement._replace(
                gross_micro=request.amount_micro, error=_mark(job.request_id)
            )
            accounts.settle(call.call_id, call.attempt, settlement)
        # Somebody may have been faster: the row says whose word counts.
        found = self.look(job)
        return found if found is not None else Outcome(FAILED, _still(request))

    def look(self, job: Job) -> Outcome | None:
        with self._accounts() as accounts:
            call = _found(accounts, job.request)
        if call.state == UNVERIFIED:
            return None
        after = {"state": call.state, "gross_micro": call.gross_micro}
        if call.state == SETTLED and call.error == _mark(job.request_id):
            message = say(
                "{call} counts {amount} won", call=call.call_id, amount=won_text(call.gross_micro)
            )
            return Outcome(DONE, message, after)
        return Outcome(
            FAILED, say("{call} was settled otherwise meanwhile", call=call.call_id), after
        )

    @contextmanager
    def _accounts(self) -> Iterator[Accounts]:
        if not self._ledger.exists():
            raise RequestRefused(say("there is no ledger yet, so there are no calls in it"))
        accounts = Accounts.open(self._ledger)
        try:
            yield accounts
        finally:
            accounts.close()


def _found(accounts: Accounts, request: Request) -> CallRow:
    attempt = int(request.args["attempt"])
    for call in accounts.calls_named(request.target):
        if (call.call_id, call.attempt) == (request.target, attempt):
            return call
    raise RequestRefused(
        say(
            "the ledger knows no call {call}, attempt {attempt}",
            call=request.target,
            attempt=attempt,
        )
    )


def _mark(request_id: str) -> str:
    """Stands in the row of the call, so that a settlement is found again."""
    return f"settled by hand (request {request_id})"


def _still(request: Request) -> Message:
    return say("{call} is still as it was", call=request.target)
