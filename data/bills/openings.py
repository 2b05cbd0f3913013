"""What the first month had already cost before Sallim was there, as its owner says it."""

from typing import NamedTuple

from data.bills.file import opened
from data.home import Home
from models.costs.kinds import SERVERS_BUCKET

ASKED = ("api", SERVERS_BUCKET)
"""Of these two; together they are the total."""


class Opening(NamedTuple):
    """The nth answer for a bucket: `more_micro` is by how much it differs from the one before."""

    bucket: str
    number: int
    more_micro: int


def answer(home: Home, bucket: str, spent_micro: int) -> None:
    """Written down before it is booked, so that a crash in between loses nothing."""
    with opened(home) as file:
        last = file.execute(
            "SELECT number, spent_micro FROM openings WHERE bucket = ? ORDER BY number DESC",
            [bucket],
        ).fetchone()
        if last is None or last[1] != spent_micro:
            number = 1 if last is None else last[0] + 1
            file.execute("INSERT INTO openings VALUES (?, ?, ?)", [bucket, number, spent_micro])


def answers(home: Home) -> list[Opening]:
    """All that were ever given, in their order. Raises StoreError."""
    with opened(home) as file:
        rows = file.execute(
            """
            SELECT bucket, number,
                   spent_micro - lag(spent_micro, 1, 0) OVER (PARTITION BY bucket ORDER BY number)
            FROM openings ORDER BY bucket, number
            """
        ).fetchall()
        return [Opening(*row) for row in rows]


def unanswered(home: Home) -> list[str]:
    """The buckets of which nobody has said what they had cost. Raises StoreError."""
    known = {opening.bucket for opening in answers(home)}
    return [bucket for bucket in ASKED if bucket not in known]
