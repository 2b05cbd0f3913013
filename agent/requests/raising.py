"""Raise a bucket by an amount, or release it by all that the settings allow.

Both end by themselves. A release lifts what is limited at once, and never without an end.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from agent.requests.handling import Job
from models.costs.periods import period_at
from models.errors import RequestRefused
from models.messages import Message, say
from models.requests import DONE, Outcome, Prospect, Request
from models.requests.limits import Raisable, allowed_of, check_raise, moment_text
from models.settings import Settings
from sallim.money import MICRO, won_text

TOTAL = "total"


class Override(Protocol):
    """What a person added to a cap for a while. Moments are UTC epoch seconds."""

    @property
    def override_id(self) -> str: ...
    @property
    def bucket_id(self) -> str: ...
    @property
    def delta_krw(self) -> int: ...
    @property
    def created_at(self) -> float: ...
    @property
    def expires_at(self) -> float: ...
    @property
    def revoked_at(self) -> float | None: ...


class Overrides(Protocol):
    """Kept in control, written into the ledger as caps. May raise StoreError, LedgerError."""

    def all(self) -> Sequence[Override]: ...
    def add(self, job: Job, delta_krw: int) -> None:
        """Keep one under the id of the request, once, and have the ledger know it before
        returning. Its bucket, reason, person and end are those of the job.
        """


class Raising:
    """For `raise` and `release`."""

    def __init__(self, overrides: Overrides, settings: Callable[[], Settings]) -> None:
        self._overrides = overrides
        self._settings = settings

    def check(self, request: Request, now: float) -> Prospect:
        allowed = allowed_of(self._settings())
        bucket = self._bucket(request.target, now)
        wanted = check_raise(request, bucket, allowed, now)
        capped = bucket.cap_micro + bucket.raised_micro
        lines = [
            say(
                "{bucket} may spend {after} won instead of {before} until {until}",
                bucket=bucket.bucket_id,
                after=won_text(capped + wanted),
                before=won_text(capped),
                until=moment_text(request.until, allowed.zone),
            )
        ]
        if bucket.bucket_id != TOTAL:
            total = self._bucket(TOTAL, now)
            lines.append(
                say(
                    "everything together stays at {total} won",
                    total=won_text(total.cap_micro + total.raised_micro),
                )
            )
        before = {"cap_won": bucket.cap_micro // MICRO, "raised_won": bucket.raised_micro // MICRO}
        return Prospect(tuple(lines), before)

    def act(self, job: Job) -> Outcome:
        request = job.request
        bucket = self._bucket(request.target, job.now)
        wanted = check_raise(request, bucket, allowed_of(self._settings()), job.now)
        self._overrides.add(job, wanted // MICRO)
        return self._done(request, wanted // MICRO)

    def look(self, job: Job) -> Outcome | None:
        for override in self._overrides.all():
            if override.override_id == job.request_id:
                # The ledger may not know it yet: said again, it is said once.
                self._overrides.add(job, override.delta_krw)
                return self._done(job.request, override.delta_krw)
        return None

    def _done(self, request: Request, delta_krw: int) -> Outcome:
        message: Message = say(
            "{bucket} may spend {amount} won more until {until}",
            bucket=request.target,
            amount=f"{delta_krw:,}",
            until=moment_text(request.until, self._settings().house.zone),
        )
        return Outcome(DONE, message, {"raised_by_won": delta_krw, "until": request.until})

    def _bucket(self, name: str, now: float) -> Raisable:
        settings = self._settings()
        caps: Mapping[str, int] = settings.budget.caps_krw
        if name not in caps:
            raise RequestRefused(
                say(
                    "no budget is named {name}; there are {known}", name=name, known=", ".join(caps)
                )
            )
        month = period_at(now, "month", settings.house.zone)
        made = [each for each in self._overrides.all() if each.bucket_id == name]
        live = [each for each in made if not each.revoked_at and each.expires_at > now]
        return Raisable(
            name,
            caps[name] * MICRO,
            sum(each.delta_krw for each in live) * MICRO,
            sum(each.created_at >= month.since for each in made),
            month.until,
        )
