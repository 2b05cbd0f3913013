"""The owner's budgets as rows of the ledger, with months years ahead, so that guards need nobody.

Amounts are whole micro-won; moments are UTC epoch microseconds.
"""

import zlib
from collections.abc import Sequence

from models.costs.periods import DAY_SECONDS, period_at
from models.owner_prices import BEFORE, with_owner, without_owner
from models.settings import Settings
from sallim.ledger.money_rows import THRESHOLDS_PPM, Budget, Period, RateRow
from sallim.prices.finding import OWNER

MICRO = 1_000_000
PERCENT_PPM = 10_000
MONTHS_BEFORE, MONTHS_AHEAD = 24, 72
"""Bills come late, and a forgotten machine must not run out of months."""


def budgets_of(settings: Settings) -> list[Budget]:
    """One a cap. The same rule has the same `version`, so nothing is told twice for it.

    >>> [(row.bucket_id, row.cap_micro) for row in budgets_of(Settings())]
    [('total', 24900000000), ('api', 15000000000)]
    """
    budget = settings.budget
    rules = [
        Budget(
            bucket_id,
            cap_krw * MICRO,
            budget.important_percent * PERCENT_PPM,
            min(budget.optional_percent, budget.important_percent) * PERCENT_PPM,
            calendar_of(settings),
            THRESHOLDS_PPM,
            0,
        )
        for bucket_id, cap_krw in budget.caps_krw.items()
    ]
    return [rule._replace(version=zlib.crc32(repr(rule).encode())) for rule in rules]


def calendar_of(settings: Settings) -> str:
    return f"month:{settings.house.timezone}"


def months_of(settings: Settings, now: float) -> list[Period]:
    """Months of the house's zone from two years before `now`, UTC epoch seconds, to six after."""
    zone, calendar = settings.house.zone, calendar_of(settings)
    month = period_at(now, "month", zone)
    for _ in range(MONTHS_BEFORE):
        month = period_at(month.since - 1, "month", zone)
    found = []
    for _ in range(MONTHS_BEFORE + MONTHS_AHEAD):
        found.append(Period(calendar, month.since * MICRO, month.until * MICRO))
        month = period_at(month.until + DAY_SECONDS, "month", zone)
    return found


def rates_of(
    known: Sequence[RateRow], brought: Sequence[RateRow], settings: Settings, now_us: int
) -> list[RateRow]:
    """All prices: the newer of what the ledger knows and what came with the package.

    The owner's prices are laid over them anew, so that one taken back is gone.
    """
    untouched = (row for row in known if row.source != OWNER and f'"{BEFORE}"' not in row.document)
    newest = max((row.updated_us for row in untouched), default=-1)
    came = max((row.updated_us for row in brought), default=0)
    base = without_owner(known) if newest > came else brought
    return with_owner(base, settings.price, now_us)


def are_same(one: Sequence[RateRow], other: Sequence[RateRow]) -> bool:
    """Whether they say the same, whenever it was written."""
    return {_said(row) for row in one} == {_said(row) for row in other}


def _said(row: RateRow) -> tuple[str, str, str, str]:
    return row.provider, row.model, row.document, row.source
