"""Rare work of the demo household: a few reports on weekdays, each done when some have come."""

from collections.abc import Iterator

from models.demo.chances import chance
from models.demo.signals import DAY, HOUR, KST_SECONDS

NAME = "report"
A_BATCH, REPORT_SECONDS, START_SECONDS = 3, 300.0, 180.0
FIRST_HOUR, LAST_HOUR, CLOSING_HOUR = 9.5, 17.5, 18.5
"""Of a Korean day: then they come, and then what is left is done."""


def reports(since: float, until: float) -> Iterator[tuple[int, int, float, float, float]]:
    """Day, number, and when each came, was started and is done, of those that came in a span."""
    for day in range(int((since + KST_SECONDS) // DAY), int((until + KST_SECONDS) // DAY) + 1):
        midnight = day * DAY - KST_SECONDS
        came = [] if (day + 3) % 7 >= 5 else _came(day, midnight)
        for number, row in enumerate(_done(came, midnight + CLOSING_HOUR * HOUR)):
            if since <= row[0] < until:
                yield day, number, *row


def _came(day: int, midnight: float) -> list[float]:
    count = 3 + int(5 * chance(day, 501))
    hours = [
        FIRST_HOUR + (LAST_HOUR - FIRST_HOUR) * chance(day, number, 502) for number in range(count)
    ]
    return [midnight + hour * HOUR for hour in sorted(hours)]


def _done(came: list[float], closing: float) -> Iterator[tuple[float, float, float]]:
    """One after the other, from the moment at which there are enough."""
    free = 0.0
    for first in range(0, len(came), A_BATCH):
        batch = came[first : first + A_BATCH]
        begins = batch[-1] if len(batch) == A_BATCH else closing
        free = max(free, begins + START_SECONDS)
        for at in batch:
            yield at, free, free + REPORT_SECONDS
            free += REPORT_SECONDS
