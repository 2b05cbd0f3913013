"""What a provider counts by the minute, and which of our calls may be in it.

Moments are UTC epoch seconds, spans half-open.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.costs.bills import NoBill, model_key
from models.costs.kinds import is_call, kind_of
from models.costs.used import Used
from sallim.ledger.money_rows import RELEASED, SETTLED, CallRow
from sallim.money import MICRO

SLACK_SECONDS = 120
"""Clocks differ, and nobody says whether a call counts when it begins or when it ends."""
BUCKET_SECONDS_MAX = 3_600
TOOLS = "*"
"""The model of what a provider counts apart from the models, such as searches."""


class Minute(NamedTuple):
    """What a provider says of one model in one bucket of time.

    `requests` is None where it does not count them.
    """

    since: float
    until: float
    model: str
    used: Used
    requests: int | None = None
    service_tier: str = ""


class Counts(NamedTuple):
    """Of one provider: everything that it counts from `since` on, and our calls of that time."""

    told: Sequence[Minute]
    calls: Sequence[CallRow]
    since: float


def by_model(told: Iterable[Minute]) -> dict[str, list[Minute]]:
    found: dict[str, list[Minute]] = {}
    for minute in told:
        found.setdefault(model_key(minute.model), []).append(minute)
    return found


def calls_by_model(calls: Iterable[CallRow]) -> dict[str, list[CallRow]]:
    """What is booked without a call, such as a correction, is left out."""
    found: dict[str, list[CallRow]] = {}
    for call in calls:
        if is_call(call.endpoint, kind_of(call.endpoint, call.buckets)):
            key = model_key(call.model_billed) or model_key(call.model)
            found.setdefault(key, []).append(call)
    return found


def times_of(call: CallRow) -> tuple[float, float]:
    """When a provider may have counted it."""
    ended_us = call.expires_us
    if call.state in (SETTLED, RELEASED):
        ended_us = min(call.settled_us or call.updated_us, call.expires_us)
    return call.opened_us / MICRO - SLACK_SECONDS, ended_us / MICRO + SLACK_SECONDS


def within(minutes: Iterable[Minute], since: float, until: float) -> list[Minute]:
    """All buckets that touch the span."""
    return [each for each in minutes if each.since < until and each.until > since]


def around(calls: Iterable[CallRow], since: float, until: float) -> list[CallRow]:
    """All calls that may have been counted in the span."""
    return [call for call in calls if times_of(call)[0] < until and times_of(call)[1] > since]


def requests_of(minutes: Sequence[Minute]) -> int | None:
    """None where they are not counted."""
    counts = [each.requests for each in minutes if each.requests is not None]
    return sum(counts) if counts and len(counts) == len(minutes) else None


def check_minutes(minutes: Sequence[Minute], since: float, until: float) -> None:
    """Raises NoBill for buckets that nobody asked for."""
    for minute in minutes:
        is_bucket = 0 < minute.until - minute.since <= BUCKET_SECONDS_MAX
        if not is_bucket or minute.until <= since or minute.since >= until:
            raise NoBill(f"a bucket from {minute.since:.0f} to {minute.until:.0f}")
