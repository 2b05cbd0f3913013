"""Whether a message comes later than it was meant to, and why; holding it back is not late."""

from collections.abc import Sequence

from models.alerts.kept import KeptAlert, KeptMessage
from models.alerts.trying import Breaker, why
from models.alerts.words import LATE_SECONDS, Late
from models.messages import say


def late_of(
    message: KeptMessage, alerts: Sequence[KeptAlert], breaker: Breaker, now: float
) -> Late | None:
    """`breaker` is that of its channel; `now` is UTC epoch seconds."""
    reason = message.reason
    if reason is not None:
        return Late(now - message.composed_at, reason)
    oldest = min((each.put_at for each in alerts), default=now)
    if breaker.last is not None and oldest < breaker.closed_at:
        return Late(now - max(oldest, breaker.since_at), why(breaker.last))
    if now - message.composed_at >= LATE_SECONDS:
        return Late(now - message.composed_at, say("the agent was not running"))
    return None
