"""Take a raise or release back before its end: what it allowed is refused at once."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from agent.requests.handling import Job
from agent.requests.raising import Override, Overrides
from models.budget.policy import blocked, is_stopping
from models.budget.standing import as_allowed, states_of
from models.budget.state import BucketState
from models.budget.words import done_message, won
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import ACCEPTED, DONE, Outcome, Prospect, Request
from models.requests.kept import StandingOrder
from models.settings import Settings
from sallim.ledger.statement_rows import Balance

Balances = Callable[[float], Sequence[Balance]]
"""At a moment; none where there is no ledger. Raises LedgerError."""


class Withdrawing:
    """For `withdraw`; the target is the override, and the argument `bucket` that which it is of."""

    def __init__(
        self,
        overrides: Overrides,
        balances: Balances,
        pauses: Callable[[float], Sequence[StandingOrder]],
        settings: Callable[[], Settings],
    ) -> None:
        self._overrides = overrides
        self._balances = balances
        self._pauses = pauses
        self._settings = settings

    def check(self, request: Request, now: float) -> Prospect:
        override = self._live(request, now)
        lines = [_told(override), *self._refused(override, now)]
        return Prospect(
            tuple(lines), {"delta_won": override.delta_krw, "until": int(override.expires_at)}
        )

    def act(self, job: Job) -> Outcome:
        override = self._live(job.request, job.now)
        self._overrides.end(override.override_id, job.now)
        return self._brought(override)

    def look(self, job: Job) -> Outcome | None:
        """It may also have come to its end by itself: it is over in any case."""
        override = self._found(job.request)
        return None if _is_live(override, job.now) else self._brought(override)

    def _brought(self, override: Override) -> Outcome:
        """Under way as long as it is over and guards do not know that."""
        problem = self._overrides.bring()
        if problem is not None:
            return Outcome(ACCEPTED, problem)
        return Outcome(DONE, _told(override), {"delta_won": 0})

    def _found(self, request: Request) -> Override:
        """Raises RequestRefused."""
        asked = request.target, request.args["bucket"]
        for each in self._overrides.all():
            if (each.override_id, each.bucket_id) == asked:
                return each
        raise RequestRefused(
            say(
                "no raise or release of {bucket} is named {name}",
                bucket=str(asked[1]),
                name=request.target,
            )
        )

    def _live(self, request: Request, now: float) -> Override:
        """Raises RequestRefused."""
        override = self._found(request)
        if not _is_live(override, now):
            raise RequestRefused(say("it is over already; nothing was done"))
        return override

    def _refused(self, override: Override, now: float) -> Sequence[Message]:
        """What follows at once, by what is spent and kept free now."""
        after = self._after(override, now)
        if after is None:
            return ()
        settings = self._settings()
        lines = [
            say(
                "{bucket} may then spend {cap} won; {spent} won are spent, and {open} won are kept "
                "free",
                bucket=override.bucket_id,
                cap=won(after.cap_won),
                spent=won(after.spent_won),
                open=won(after.open_won),
            )
        ]
        refused = blocked(after.at(after.committed_won), settings.budget)
        if refused:
            lines.append(done_message(after, refused, is_stopping(after), settings.house.timezone))
        return lines

    def _after(self, override: Override, now: float) -> BucketState | None:
        """Its bucket without it; None where the ledger does not know that."""
        settings = self._settings()
        state = states_of(self._balances(now), settings.budget, (), now).get(override.bucket_id)
        if state is None:
            return None
        others = [
            each
            for each in self._overrides.all()
            if each.bucket_id == override.bucket_id
            and each.override_id != override.override_id
            and _is_live(each, now)
        ]
        return as_allowed(state, settings.automation, self._pauses(now))._replace(
            cap_won=state.cap_won - override.delta_krw,
            is_released=any(not each.delta_krw for each in others),
        )


def _is_live(override: Override, now: float) -> bool:
    return override.revoked_at is None and now < override.expires_at


def _told(override: Override) -> Message:
    if override.delta_krw:
        return say(
            "{bucket} may no longer spend the {amount} won more",
            bucket=override.bucket_id,
            amount=won(Decimal(override.delta_krw)),
        )
    return say("the lines of {bucket} hold again", bucket=override.bucket_id)
