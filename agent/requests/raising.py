"""Raise a bucket by an amount, or release it: both end by themselves, and with its month at last.

A raise adds won to a cap. A release adds none: the lines at which calls stop early do not hold,
so that all of them may use the cap to its end.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from agent.requests.handling import Job
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import ACCEPTED, DONE, Outcome, Prospect, Request
from models.requests.limits import moment_text
from models.settings import Settings
from sallim.money import MICRO

TOTAL = "total"
RELEASE = "release"
NOT_YET = "not asked for yet"
"""Stands for the id and the reason while it is only looked at."""


class Wished(NamedTuple):
    """An override as a person wants it; `delta_krw` 0 is a release. UTC epoch seconds."""

    override_id: str
    bucket_id: str
    delta_krw: int
    reason: str
    by: str
    created_at: float
    expires_at: float


class Override(Protocol):
    """One that is kept: the fields of a wish, and when it was ended before its time."""

    @property
    def override_id(self) -> str: ...
    @property
    def bucket_id(self) -> str: ...
    @property
    def delta_krw(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def expires_at(self) -> float: ...
    @property
    def revoked_at(self) -> float | None: ...


class Overrides(Protocol):
    """Kept in control, brought into the ledger as caps. May raise StoreError, LedgerError."""

    def all(self) -> Sequence[Override]: ...
    def why_not(self, wished: Wished) -> Message | None:
        """What keeps it from being allowed, with what would be: by the settings and by those
        that there are.
        """

    def keep(self, wished: Wished) -> None:
        """On the disk when this returns; at most once an id."""

    def end(self, override_id: str, now: float) -> bool:
        """Before its time, on the disk when this returns; False where it is over, or not known."""

    def bring(self) -> Message | None:
        """Have the ledger know all of them before this returns; else what keeps it from that."""


class Raising:
    """For `raise` and `release`."""

    def __init__(self, overrides: Overrides, settings: Callable[[], Settings]) -> None:
        self._overrides = overrides
        self._settings = settings

    def check(self, request: Request, now: float) -> Prospect:
        wished = _wished(request, NOT_YET, NOT_YET, now)
        self._insist(wished)
        cap, raised = self._cap(request.target, now)
        before = {"cap_won": cap, "raised_won": raised}
        if request.kind == RELEASE:
            return Prospect((self._told(wished),), before)
        lines = [
            say(
                "{bucket} may spend {after} won instead of {before} until {until}",
                bucket=request.target,
                after=f"{cap + raised + wished.delta_krw:,}",
                before=f"{cap + raised:,}",
                until=self._moment(request.until),
            )
        ]
        if request.target != TOTAL:
            total = f"{sum(self._cap(TOTAL, now)):,}"
            lines.append(say("everything together stays at {total} won", total=total))
        return Prospect(tuple(lines), before)

    def act(self, job: Job) -> Outcome:
        wished = _wished(job.request, job.request_id, job.actor.name, job.now)
        self._insist(wished)
        self._overrides.keep(wished)
        return self._brought(wished)

    def look(self, job: Job) -> Outcome | None:
        wished = _wished(job.request, job.request_id, job.actor.name, job.now)
        if all(each.override_id != job.request_id for each in self._overrides.all()):
            return None
        return self._brought(wished)

    def _insist(self, wished: Wished) -> None:
        refusal = self._overrides.why_not(wished)
        if refusal is not None:
            raise RequestRefused(refusal)

    def _brought(self, wished: Wished) -> Outcome:
        """Under way as long as it is kept and no guard knows it."""
        problem = self._overrides.bring()
        if problem is not None:
            return Outcome(ACCEPTED, problem)
        after = {"delta_won": wished.delta_krw, "until": int(wished.expires_at)}
        return Outcome(DONE, self._told(wished), after)

    def _told(self, wished: Wished) -> Message:
        until = self._moment(wished.expires_at)
        if wished.delta_krw:
            return say(
                "{bucket} may spend {amount} won more until {until}",
                bucket=wished.bucket_id,
                amount=f"{wished.delta_krw:,}",
                until=until,
            )
        return say(
            "calls of every priority may use {bucket} to the end of its cap until {until}; the "
            "cap stays",
            bucket=wished.bucket_id,
            until=until,
        )

    def _cap(self, bucket_id: str, now: float) -> tuple[int, int]:
        """The owner's, and what raises add to it; won."""
        live = [
            each.delta_krw
            for each in self._overrides.all()
            if each.bucket_id == bucket_id and each.revoked_at is None and now < each.expires_at
        ]
        return self._settings().budget.caps_krw.get(bucket_id, 0), sum(live)

    def _moment(self, at: float) -> str:
        return moment_text(at, self._settings().house.zone)


def _wished(request: Request, override_id: str, by: str, now: float) -> Wished:
    delta_krw = 0 if request.kind == RELEASE else request.amount_micro // MICRO
    reason = request.reason or NOT_YET
    return Wished(override_id, request.target, delta_krw, reason, by, now, request.until)
