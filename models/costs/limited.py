"""What is limited right now: of each bucket its lines, and which calls no longer fit under it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sallim.ledger.money_rows import ESSENTIAL, IMPORTANT, OPTIONAL, PPM, THRESHOLDS_PPM
from sallim.ledger.statement_rows import Balance

PERCENT_PPM = 10_000


class Limited(NamedTuple):
    """A bucket in its period; `*_micro` is whole micro-won, `until` UTC epoch seconds.

    Spent is settled and unverified, which the lines are about; left is what is not committed to
    open calls either. `lines_ppm` are those that are passed. `refused` are the priorities whose
    calls are refused, however little they cost.
    """

    bucket_id: str
    cap_micro: int
    spent_micro: int
    reserved_micro: int
    left_micro: int
    lines_ppm: tuple[int, ...]
    refused: tuple[str, ...]
    until: int

    def as_json(self) -> dict[str, object]:
        return self._asdict()

    @classmethod
    def from_json(cls, shape: Mapping[str, object]) -> "Limited":
        told = {**shape, "lines_ppm": tuple(shape["lines_ppm"]), "refused": tuple(shape["refused"])}  # type: ignore[arg-type]
        return cls(**told)  # type: ignore[arg-type]


def limited(
    balances: Sequence[Balance],
    important_percent: int,
    optional_percent: int,
    released: Collection[str] = (),
) -> list[Limited]:
    """In the order of the balances. Those that are `released` have no lines but their cap.

    >>> one = Balance("api", 0, 86_400_000_000, 1000, 940, 20, 0, 1)
    >>> limited([one], 95, 90)[0].refused
    ('optional', 'important')
    """
    parts = {
        OPTIONAL: min(optional_percent, important_percent) * PERCENT_PPM,
        IMPORTANT: important_percent * PERCENT_PPM,
        ESSENTIAL: PPM,
    }
    whole = dict.fromkeys(parts, PPM)
    return [_limited(each, whole if each.bucket_id in released else parts) for each in balances]


def _limited(balance: Balance, parts: Mapping[str, int]) -> Limited:
    spent = balance.settled_micro + balance.unverified_micro
    used = spent + balance.reserved_micro
    cap = balance.cap_micro
    return Limited(
        balance.bucket_id,
        cap,
        spent,
        balance.reserved_micro,
        max(cap - used, 0),
        tuple(line for line in THRESHOLDS_PPM if spent * PPM >= line * cap),
        tuple(name for name, part in parts.items() if used >= cap * part // PPM),
        balance.end_us // 1_000_000,
    )
