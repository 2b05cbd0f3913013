"""What follows from an attempt to send: when to try again, and when to give up."""

from dataclasses import dataclass, replace
from enum import StrEnum

from models.messages import Message, say

BACKOFF_SECONDS = 5.0
BACKOFF_SECONDS_MAX = 600.0
RETRY_AFTER_SECONDS_MAX = 3600.0
"""Who asks for more is asked again after an hour all the same."""
AGE_SECONDS_MAX = 24 * 3600.0
UNFIT_TRIES_MAX = 3
"""What a channel refuses as it is stands thus often in the way of what comes after it."""
BREAKER_FAILURES = 3
OURS = frozenset({400, 406, 409, 411, 413, 414, 415, 422})
"""The message itself does not please."""
MAIL_OURS = frozenset({552, 554})
THEIRS = frozenset({401, 402, 403, 404, 405, 410})
"""The address or the key does not: no message gets through until a person corrects it."""


class Cause(StrEnum):
    """Why a message is not through."""

    NETWORK = "network"
    STATUS = "status"
    MAIL = "mail"
    WORKER = "worker"
    UNKNOWN = "unknown"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one attempt. `status` is what HTTP or a mail server said, 0 where nobody did."""

    is_sent: bool
    cause: Cause = Cause.UNKNOWN
    status: int = 0
    retry_after_seconds: float = 0.0

    @property
    def is_unfit(self) -> bool:
        refusals = {Cause.STATUS: OURS, Cause.MAIL: MAIL_OURS}
        return self.status in refusals.get(self.cause, ())

    @property
    def is_final(self) -> bool:
        """Whether only a person can change it: the next channel is tried at once."""
        if self.cause is Cause.SETUP:
            return True
        if self.cause is Cause.MAIL:
            return self.status >= 500 and not self.is_unfit
        return self.cause is Cause.STATUS and self.status in THEIRS


@dataclass(frozen=True, slots=True)
class Breaker:
    """Of one channel. Open: nothing is tried before `open_until`, in UTC epoch seconds.

    `last` is the last failure, of a trouble that lasted from `since_at` to `closed_at`.
    """

    failures: int = 0
    open_until: float = 0.0
    last: Outcome | None = None
    since_at: float = 0.0
    closed_at: float = 0.0

    @property
    def needs_a_person(self) -> bool:
        return self.failures > 0 and self.last is not None and self.last.is_final

    def is_open(self, now: float) -> bool:
        return now < self.open_until

    def shifted(self, seconds: float) -> "Breaker":
        """The same, when the wall clock was set by so much."""
        return replace(
            self,
            open_until=self.open_until + seconds,
            since_at=self.since_at + seconds,
            closed_at=self.closed_at + seconds,
        )

    def after(self, outcome: Outcome, now: float, chance: float) -> "Breaker":
        """Three failures in a row open it, a wait that was asked for or a wrong key at once."""
        if outcome.is_sent:
            closed_at = now if self.failures else self.closed_at
            return replace(self, failures=0, open_until=0.0, closed_at=closed_at)
        failures = self.failures + 1
        since = self.since_at if self.failures else now
        told = replace(self, failures=failures, last=outcome, since_at=since)
        if outcome.is_unfit:
            return told
        wait = wait_seconds(failures - 1, outcome, chance)
        opens = failures >= BREAKER_FAILURES or outcome.retry_after_seconds > 0
        return replace(told, open_until=now + wait) if opens or outcome.is_final else told


def wait_seconds(tries: int, outcome: Outcome, chance: float) -> float:
    """After so many earlier tries; `chance` in [0, 1) spreads it over the whole span.

    >>> wait_seconds(0, Outcome(False), 0.5), wait_seconds(3, Outcome(False), 0.5)
    (2.5, 20.0)
    >>> wait_seconds(0, Outcome(False, Cause.STATUS, 429, 30.0), 0.0)
    30.0
    """
    if outcome.is_final:
        return BACKOFF_SECONDS_MAX
    longest = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2.0 ** min(tries, 30))
    asked = min(outcome.retry_after_seconds, RETRY_AFTER_SECONDS_MAX)
    return max(longest * chance, asked)


def is_dead(tries: int, age_seconds: float, outcome: Outcome) -> bool:
    """Whether to give up, after an attempt that failed; never without one."""
    if outcome.is_unfit and tries >= UNFIT_TRIES_MAX:
        return True
    return age_seconds >= AGE_SECONDS_MAX


def why(outcome: Outcome) -> Message:
    """In a few words, to stand in a sentence."""
    if outcome.cause is Cause.NETWORK:
        return say("network down")
    if outcome.cause is Cause.SETUP:
        return say("the channel is not set up")
    if outcome.cause is Cause.WORKER:
        return say("the sender was started anew")
    if outcome.status == 429:
        return say("the service asked to wait")
    if outcome.status:
        return say("the service answered {status}", status=outcome.status)
    return say("the service did not take it")
