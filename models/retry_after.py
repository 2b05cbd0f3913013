"""How long a server asks to be left alone: its header `Retry-After`."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds_of(written: str, now: datetime) -> float:
    """0 for what says nothing.

    >>> now = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)
    >>> seconds_of("120", now), seconds_of("Sun, 29 Nov 2026 00:01:00 GMT", now)
    (120.0, 60.0)
    >>> seconds_of("soon", now), seconds_of("", now)
    (0.0, 0.0)
    """
    if written.replace(".", "", 1).isdecimal() and len(written) < 12:
        return float(written)
    try:
        at = parsedate_to_datetime(written)
        # A time of day without a zone is one of UTC (RFC 9110).
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max((at - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0
