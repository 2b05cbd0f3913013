"""How n8n is: up, ready, and what its clock says."""

import time
from typing import NamedTuple

from agent.collectors.n8n.client import Answer, Client, content_of
from agent.collectors.n8n.refusals import said_by
from models.errors import SourceRefused, SourceUnreachable
from models.messages import say

HEALTH, READINESS = "/healthz", "/healthz/readiness"
BODY_BYTES_MAX = 10_000
CLOCK_SECONDS_MAX = 5.0
"""Differences up to this are the way of the answer, and that its date has whole seconds."""


class Health(NamedTuple):
    is_ready: bool
    answer_seconds: float
    sent_at: float | None


def look(source: str, client: Client) -> Health:
    """Raises SourceUnreachable where nothing answers, SourceRefused where it is not n8n."""
    started = time.monotonic()
    answer = client.get(READINESS, BODY_BYTES_MAX)
    if answer.status == 404:  # Before 1.8x there was no readiness.
        answer = client.get(HEALTH, BODY_BYTES_MAX)
    seconds = time.monotonic() - started
    is_of_n8n = _status(answer) in {"ok", "error"}
    if is_of_n8n and answer.status in {200, 503}:
        return Health(answer.status == 200, seconds, answer.sent_at)
    if answer.status >= 500:
        raise SourceUnreachable(
            source,
            say(
                "{url} answers {status} instead of n8n; is n8n running behind it?",
                url=client.base,
                status=answer.status,
            ),
        )
    raise SourceRefused(
        source,
        say(
            "{url} answers {status} ({text}), but not as n8n does at {path}; set url to where n8n "
            "itself answers, without a sign-in or a redirect before it",
            url=client.base,
            status=answer.status,
            text=said_by(answer),
            path=HEALTH,
        ),
    )


def _status(answer: Answer) -> object:
    try:
        content = content_of(answer)
    except ValueError:
        return None
    return content.get("status") if isinstance(content, dict) else None


class ClockGap:
    """How far n8n's clock is ahead of ours. Small changes do not move it: moments stay the same."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def take(self, sent_at: float | None, now: float) -> None:
        if sent_at is None:
            return
        ahead = sent_at - now
        if abs(ahead) <= CLOCK_SECONDS_MAX:
            self.ahead_seconds = 0.0
        elif abs(ahead - self.ahead_seconds) > CLOCK_SECONDS_MAX:
            self.ahead_seconds = float(round(ahead))
