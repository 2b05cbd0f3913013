"""A limit at a provider from the intent to the proof, as it stands in the journal.

planned -> proven, refused, failed, or planned once more
"""

from typing import NamedTuple

PLANNED, PROVEN, REFUSED, FAILED = "planned", "proven", "refused", "failed"
NO_SUCCESS = (REFUSED, FAILED)

Cents = int | None


class FenceRow(NamedTuple):
    """`own_cents` is the owner's own limit, which is put back; that of a row counts until it is
    seen to be another. `problem` is JSON of a message, "" for none. Moments are UTC epoch seconds.
    """

    seq: int
    provider: str
    state: str
    before_cents: Cents
    to_cents: Cents
    own_cents: Cents
    bucket_id: str
    cap_micro: int
    attempt: int
    problem: str
    planned_at: float
    changed_at: float

    @property
    def expected(self) -> frozenset[Cents]:
        """What may stand at the provider, unless somebody else has changed it."""
        if self.state == PROVEN:
            return frozenset({self.to_cents})
        if self.state == REFUSED:
            return frozenset({self.before_cents})
        return frozenset({self.before_cents, self.to_cents})

    @property
    def is_ours(self) -> bool:
        """Whether something of ours may stand there, which has to be taken back one day."""
        return self.expected != {self.own_cents}
