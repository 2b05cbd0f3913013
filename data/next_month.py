"""What the next month will need, out of the store: for its plan. See `models/budget/plan.py`.

Everything raises AgentSilent and QueryRefused.
"""

# ruff: noqa: S608  Put together out of constants.

from collections.abc import Mapping, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from data.bill_answers import prepaid
from data.cost_sql import BUCKET_DAYS, IN_SPAN, Span, local_day
from data.rows import Answers, rows_of
from models.budget.close import month_name
from models.budget.plan import Chosen, Due, Need, PaidAhead, Wants
from models.budget.tree import API, SERVERS, TOTAL, parent_of
from models.costs.advice import Advice
from models.costs.ahead import month_ahead
from models.costs.burn import HISTORY_BEFORE_DAYS
from models.costs.kinds import NO_CALLS
from models.costs.periods import DAY_SECONDS, Period, date_of, day_of, period_at
from models.costs.shapes import NOTHING
from models.settings import Settings

RENTED_DAYS = 30
BOOKED = f"""
SELECT endpoint, sum(CASE WHEN state = 'open' THEN worst_won ELSE won END) AS won
FROM cost_facts WHERE {IN_SPAN} AND NOT is_call GROUP BY ALL ORDER BY won DESC, endpoint
"""


def wants(reader: Answers, settings: Settings, now: float, chosen: Sequence[Chosen] = ()) -> Wants:
    """By what is known at `now` (UTC epoch seconds)."""
    zone, caps = settings.house.zone, settings.budget.caps_krw
    month, ahead = period_at(now, "month", zone), next_month(now, zone)
    names = [f"{each.kind}:{each.name}" for each in settings.fixed]
    booked = _booked(reader, (month.since, month.until))
    recent = _booked(reader, (now - RENTED_DAYS * DAY_SECONDS, now))

    def need(bucket_id: str) -> Need:
        return _need(reader, bucket_id, caps[bucket_id], (now, ahead, zone))

    return Wants(
        month=month_name(ahead),
        total_krw=caps[TOTAL],
        api=need(API),
        servers_krw=caps.get(SERVERS),
        below=[need(name) for name in caps if parent_of(name) == API],
        fixed=[Due(name, booked.get(name, NOTHING)) for name in names],
        rented=[Due(name, won) for name, won in recent.items() if won > 0 and name not in names],
        chosen=chosen,
        paid_ahead=_paid_ahead(reader, ahead, zone),
    )


def next_month(now: float, zone: ZoneInfo) -> Period:
    return period_at(period_at(now, "month", zone).until + DAY_SECONDS, "month", zone)


def chosen_of(advice: Advice) -> Chosen:
    """As the plan takes it."""
    bucket_id = SERVERS if advice.kind == "idle_machine" else API
    return Chosen(bucket_id, advice.sentence, advice.saving_krw_month or NOTHING)


def _need(
    reader: Answers, bucket_id: str, cap_krw: int, ahead: tuple[float, Period, ZoneInfo]
) -> Need:
    now, month, zone = ahead
    span = (now - HISTORY_BEFORE_DAYS * DAY_SECONDS, now)
    sql = BUCKET_DAYS.format(day=local_day(span, zone))
    rows = rows_of(reader.columns(sql, [*span, bucket_id]))
    expected = month_ahead({row["day"]: row["varying"] for row in rows}, month, now, zone)
    if expected is None:
        return Need(bucket_id, cap_krw)
    return Need(bucket_id, cap_krw, *expected)


def _booked(reader: Answers, span: Span) -> Mapping[str, Decimal]:
    """What was booked without a call, by its name; and what is kept free for it."""
    rows = rows_of(reader.columns(BOOKED, span))
    return {row["endpoint"]: row["won"] for row in rows if row["endpoint"] not in NO_CALLS}


def _paid_ahead(reader: Answers, month: Period, zone: ZoneInfo) -> list[PaidAhead]:
    """Balances that are used up before the month ends, if nothing is paid in."""
    return [
        PaidAhead(each.provider, date_of(day_of(each.gone_at, zone)).isoformat())
        for each in prepaid(reader)
        if each.gone_at is not None and each.gone_at < month.until
    ]
