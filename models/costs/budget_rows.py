"""The owner's budgets as rows of the ledger, with months years ahead, so that guards need nobody.

Amounts are whole micro-won; moments are UTC epoch microseconds.
"""

import zlib
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from models.budget.kept_months import KeptPlan
from models.budget.overrides import Effective, Override, effective
from models.budget.planned import with_plan
from models.costs.periods import DAY_SECONDS, period_at
from models.owner_prices import BEFORE, with_owner, without_owner
from models.settings import Settings
from sallim.ledger.money_rows import PPM, Budget, Period, RateRow
from sallim.ledger.quota_rows import Quota
from sallim.prices.finding import OWNER

MICRO = 1_000_000
PERCENT_PPM = 10_000
MONTHS_BEFORE, MONTHS_AHEAD = 24, 72
"""Bills come late, and a forgotten machine must not run out of months."""
DAYS_BEFORE, DAYS_AHEAD = 2, 400
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000


def budgets_of(
    settings: Settings,
    overrides: Sequence[Override] = (),
    now: float = 0.0,
    plans: Sequence[KeptPlan] = (),
) -> list[Budget]:
    """One a cap, with what is raised, released and planned. The same rule has the same `version`.

    So nothing is told twice for it; and each raise, and each end of one, makes another.

    >>> [(row.bucket_id, row.cap_micro) for row in budgets_of(Settings())]
    [('total', 24900000000), ('api', 15000000000)]
    """
    month = period_at(now, "month", settings.house.zone)
    held = with_plan(settings, plans, now)
    next_caps = with_plan(settings, plans, month.until).budget.caps_krw
    return [
        _budget_of(
            held,
            bucket_id,
            effective(bucket_id, overrides, month, now),
            (next_caps[bucket_id], month.until),
        )
        for bucket_id in settings.budget.caps_krw
    ]


def _budget_of(
    settings: Settings, bucket_id: str, raised: Effective, following: tuple[int, int]
) -> Budget:
    """`following` is the cap of the next month, and when that begins."""
    budget = settings.budget
    important = budget.important_percent * PERCENT_PPM
    optional = min(budget.optional_percent * PERCENT_PPM, important)
    cap_micro = budget.caps_krw[bucket_id] * MICRO
    thresholds = tuple(percent * PERCENT_PPM for percent in budget.alert_percents)
    rule = Budget(
        bucket_id=bucket_id,
        cap_micro=cap_micro + raised.delta_krw * MICRO,
        important_ppm=PPM if raised.is_released else important,
        optional_ppm=PPM if raised.is_released else optional,
        calendar=calendar_of(settings),
        thresholds_ppm=thresholds,
        version=0,
    )
    version = zlib.crc32(repr((rule, raised.history)).encode())
    pace = budget.pace_of(bucket_id)
    after_cap_micro, until = _after(cap_micro, raised, following)
    return rule._replace(
        version=version,
        # Nobody can be asked before each call: what is not on only counts.
        blocks=budget.mode_of(bucket_id) != "count" and settings.automation.block == "on",
        pace_micro=0 if pace is None else pace.hour_micro,
        burst_micro=0 if pace is None else pace.at_once_micro,
        until_us=0 if until is None else int(until * MICRO),
        # What holds where nobody writes the rule anew when the first raise is over: none of them.
        after_cap_micro=after_cap_micro,
        after_important_ppm=important,
        after_optional_ppm=optional,
    )


def _after(
    cap_micro: int, raised: Effective, following: tuple[int, int]
) -> tuple[int, float | None]:
    """The cap that holds next, and from when on: a raise ends, or another month is planned."""
    next_micro, begins = following[0] * MICRO, following[1]
    if next_micro == cap_micro:
        return cap_micro, raised.until
    if raised.until is not None and raised.until < begins:
        return cap_micro, raised.until
    return next_micro, begins


def quotas_of(settings: Settings) -> list[Quota]:
    """One a limit, in the order of their ids.

    >>> from models.settings.quota import Quota as Setting
    >>> free = Setting(name="free", provider="google", day_calls_max=250)
    >>> [(row.quota_id, row.calls_max) for row in quotas_of(Settings(quota=(free,)))]
    [('free:day', 250)]
    """
    found = []
    for each in settings.quota:
        whose = (each.provider, each.model, each.workflow, each.key)
        for window, most, window_us in (
            ("minute", each.minute_calls_max, MINUTE_US),
            ("hour", each.hour_calls_max, HOUR_US),
        ):
            if most:
                found.append(Quota(f"{each.name}:{window}", *whose, most, window_us, ""))
        if each.day_calls_max:
            calendar = f"day:{each.timezone}"
            found.append(Quota(f"{each.name}:day", *whose, each.day_calls_max, 0, calendar))
    return sorted(found)


def periods_of(settings: Settings, now: float) -> list[Period]:
    """The months of the budget, and the days of every zone in which calls are counted."""
    zones = sorted({each.timezone for each in settings.quota if each.day_calls_max})
    return [*months_of(settings, now), *_days_of(zones, now)]


def _days_of(zones: Iterable[str], now: float) -> list[Period]:
    found = []
    for zone in zones:
        day = period_at(now - DAYS_BEFORE * DAY_SECONDS, "day", ZoneInfo(zone))
        for _ in range(DAYS_BEFORE + DAYS_AHEAD):
            found.append(Period(f"day:{zone}", day.since * MICRO, day.until * MICRO))
            day = period_at(day.until, "day", ZoneInfo(zone))
    return found


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
