"""Closes of months and plans for the next one, as rows of control.sqlite3. UTC epoch seconds."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NOBODY_SAID = -1
REOPENED = 0.0
"""Instead of when it was closed: by the clock of now the month goes on."""
AHEAD_SECONDS = 2 * 3_600.0
"""A clock that is put back by less reopens no month."""


class KeptClose(NamedTuple):
    """A month of the house ("2026-11") is closed once; what follows later is another `revision`.

    `document` is JSON of a `MonthClose`. `charged_micro` is what the card was charged as its owner
    typed it, whole micro-won.
    """

    month: str
    revision: int
    closed_at: float
    changed_at: float
    until_at: float
    charged_micro: int
    charged_by: str
    charged_at: float
    document: str

    def is_closed(self, now: float) -> bool:
        """One that lies ahead was closed by a clock that was wrong."""
        return self.closed_at != REOPENED and self.until_at - AHEAD_SECONDS <= now


class KeptPlan(NamedTuple):
    """Amounts of buckets from the beginning of a month on, until they are revoked or replaced.

    `amounts` is JSON: whole won by the bucket. `plan_id` is that of the request.
    """

    plan_id: str
    month: str
    amounts: str
    reason: str
    planned_by: str
    created_at: float
    revoked_at: float | None = None

    @property
    def amounts_krw(self) -> Mapping[str, int]:
        found: dict[str, int] = json.loads(self.amounts)
        return found

    def as_json(self) -> dict[str, object]:
        return {**self._asdict(), "amounts": self.amounts_krw}


def plan_of(month: str, plans: Iterable[KeptPlan]) -> KeptPlan | None:
    """The one that holds in a month: the last that began by then.

    >>> one = KeptPlan("a", "2026-12", "{}", "", "kim", 1.0)
    >>> plan_of("2026-11", [one]), plan_of("2027-01", [one]) == one
    (None, True)
    >>> plan_of("2026-12", [one._replace(revoked_at=2.0)]) is None
    True
    """
    known = [each for each in plans if each.revoked_at is None and each.month <= month]
    return max(known, key=lambda each: (each.month, each.created_at), default=None)
