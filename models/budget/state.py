"""How a bucket stands in its period. Won are decimals; moments are UTC epoch seconds.

Lines go by what is spent: settled, and unverified at its worst case. Admission, which the ledger
decides call by call, goes by all that is committed: what is kept free as well.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from models.budget.kept import Told
from models.settings.automation import Permission
from models.settings.budget import Mode

MICRO = 1_000_000
PERCENT_PPM = 10_000
NOTHING = Decimal(0)
HUNDRED = Decimal(100)


class Stopped(NamedTuple):
    """A stop or pause that is in force for a bucket: of which period and version of its rule."""

    start: float
    version: int


class BucketState(NamedTuple):
    """`told` are the lines and projections that were told, by kind and percent.

    `cap_at` is when the cap is reached at this pace, None: not in this period, or not known.
    `blocks` and `stops` are what `[automation]` allows: to refuse calls, to stop services.
    `is_full`: what runs has no room for its next hours.
    `paused_until`: a person lets what Sallim does by itself rest, which stops nothing.
    `is_released`: a person lets all priorities use the cap to its end.
    """

    bucket_id: str
    start: float
    end: float
    cap_won: Decimal
    settled_won: Decimal
    unverified_won: Decimal = NOTHING
    open_won: Decimal = NOTHING
    version: int = 0
    mode: Mode = "block"
    is_released: bool = False
    stopped: Stopped | None = None
    told: frozenset[tuple[str, int]] = frozenset()
    cap_at: float | None = None
    blocks: bool = True
    stops: Permission = "on"
    is_full: bool = False
    paused_until: float | None = None

    @property
    def spent_won(self) -> Decimal:
        return self.settled_won + self.unverified_won

    @property
    def committed_won(self) -> Decimal:
        return self.spent_won + self.open_won

    @property
    def spent_percent(self) -> Decimal | None:
        """Of the cap; None where the cap is nothing.

        >>> BucketState("api", 0, 1, Decimal(200), Decimal(150)).spent_percent
        Decimal('75')
        """
        return self.spent_won * HUNDRED / self.cap_won if self.cap_won else None

    def has_reached(self, percent: int) -> bool:
        """Nothing spent reaches nothing, also where the cap is nothing."""
        return self.spent_won > 0 and self.is_used_up(percent)

    def is_used_up(self, percent: int) -> bool:
        """Whether no call fits below that part of the cap; of a cap of nothing none ever does."""
        return self.spent_won * HUNDRED >= self.cap_won * percent

    def is_committed(self, percent: int) -> bool:
        """Whether so much of the cap is spent or kept free."""
        return self.committed_won > 0 and self.committed_won * HUNDRED >= self.cap_won * percent

    def with_told(self, rows: Iterable[Told]) -> "BucketState":
        """A line counts as told in its period, whatever became of the cap: who crosses it anew
        after a raise is told by the event of the ledger. A projection is one of its version, and
        so is that a budget is full.
        """
        start_us = int(self.start * MICRO)
        mine = (
            each for each in rows if (each.bucket_id, each.start_us) == (self.bucket_id, start_us)
        )
        return self._replace(
            told=frozenset(
                (each.kind, each.threshold_ppm // PERCENT_PPM)
                for each in mine
                if each.kind not in ("projection", "full") or each.version == self.version
            )
        )

    def at(self, spent_won: Decimal) -> "BucketState":
        """As if so much were spent, and nothing told or stopped yet: for a what-if."""
        return self._replace(
            settled_won=spent_won,
            unverified_won=NOTHING,
            told=frozenset(),
            stopped=None,
            is_full=False,
        )
