"""What the page of the costs reads, shared by all sessions. Days and months are the house's.

What comes out is shared, not copied. Each raises AgentSilent and QueryRefused.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

from data.advice import facts
from data.analysis_costs import analysis_costs
from data.bill_answers import compared, hourly, incomplete, metered, prepaid
from data.burn import burn_down_of
from data.cost_sql import Span
from data.costs import (
    buckets,
    dearest_calls,
    headroom,
    latest_calls,
    refused_lines,
    spending,
    spending_over_time,
    whole_spending,
)
from data.home import Home
from data.known_prices import readable_prices
from models.costs.advice.shapes import Facts, Market
from models.costs.burn_shapes import BurnDown
from models.costs.freshness import Compared
from models.costs.left import Hourly
from models.costs.metered import MeteredMonth
from models.costs.periods import DAY_SECONDS, Unit, period_at
from models.costs.prepaid import Outlook
from models.costs.shapes import (
    AnalysisCost,
    Bucket,
    By,
    CallLine,
    Headroom,
    Point,
    RefusedLine,
    Spending,
)
from models.errors import AgentSilent, QueryRefused
from pages.parts.house import house, settings
from pages.parts.source import reader_of
from sallim.prices import PriceList

Order = Literal["latest", "dearest"]
FIRST = ("api", "total", "servers")
BILL_DAYS = 40
STEPS: dict[Unit, Unit] = {"day": "day", "week": "day", "month": "day", "year": "month"}
"""Of a bar, for each span."""


def span_of(unit: Unit) -> Span:
    """From the beginning of the day, week, month or year until now."""
    now = time.time()
    return period_at(now, unit, house().zone).since, now


@st.cache_resource(show_spinner=False, ttl=4, max_entries=8)
def buckets_now(folder: str) -> list[Bucket]:
    """Of this month: APIs first, then all together."""
    found = buckets(reader_of(folder), time.time())
    return sorted(found, key=lambda one: (_place(one.bucket_id), one.bucket_id))


def _place(bucket_id: str) -> int:
    return FIRST.index(bucket_id) if bucket_id in FIRST else len(FIRST)


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def bills_of_month(folder: str) -> list[Compared]:
    """Lines of bills that were held against the ledger this month."""
    return compared(reader_of(folder), span_of("month"))


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def lines_of_bills(folder: str) -> list[Compared]:
    """The same of the last weeks: a month that is over may be restated."""
    now = time.time()
    return compared(
        reader_of(folder), (now - BILL_DAYS * DAY_SECONDS, now + BILL_DAYS * DAY_SECONDS)
    )


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def prepaid_now(folder: str) -> list[Outlook]:
    """Balances that were paid ahead; those that end first first."""
    return prepaid(reader_of(folder))


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def metered_now(folder: str) -> list[MeteredMonth]:
    """Traffic and space that are paid by the gigabyte, this month."""
    return metered(reader_of(folder))


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def rented_hours(folder: str) -> list[Hourly]:
    """What an hour of each rented machine costs now."""
    return hourly(reader_of(folder))


@st.cache_resource(show_spinner=False, ttl=25, max_entries=8)
def months_begun_before(folder: str) -> list[str]:
    """Buckets of which nobody said what this month had cost before Sallim began."""
    return incomplete(reader_of(folder), time.time(), house().zone)


@st.cache_resource(show_spinner=False, ttl=25, max_entries=32)
def burn_of(folder: str, bucket_id: str) -> BurnDown | None:
    found = [one for one in buckets_now(folder) if one.bucket_id == bucket_id]
    return burn_down_of(reader_of(folder), found[0], time.time(), house().zone) if found else None


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def whole_over(folder: str, unit: Unit) -> Spending | None:
    return whole_spending(reader_of(folder), span_of(unit))


def is_known(folder: str) -> bool:
    """Whether anything was ever spent, as far as a year goes."""
    try:
        return whole_over(folder, "year") is not None
    except (AgentSilent, QueryRefused):
        return False


@st.cache_resource(show_spinner=False, ttl=8, max_entries=32)
def spending_by(folder: str, unit: Unit, by: By) -> list[Spending]:
    return spending(reader_of(folder), span_of(unit), by)


@st.cache_resource(show_spinner=False, ttl=25, max_entries=32)
def points_by(folder: str, unit: Unit, by: By) -> list[Point]:
    step = (STEPS[unit], house().zone)
    return spending_over_time(reader_of(folder), span_of(unit), by, step)


@st.cache_resource(show_spinner=False, ttl=25, max_entries=16)
def analyses_by(folder: str, unit: Unit) -> list[AnalysisCost]:
    return analysis_costs(reader_of(folder), *span_of(unit), settings().analysis)


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def headroom_over(folder: str, unit: Unit) -> list[Headroom]:
    return headroom(reader_of(folder), span_of(unit))


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def calls_over(folder: str, unit: Unit, order: Order) -> Sequence[CallLine]:
    asked = latest_calls if order == "latest" else dearest_calls
    return asked(reader_of(folder), span_of(unit), {"kind": "api"})


@st.cache_resource(show_spinner=False, ttl=8, max_entries=16)
def refused_over(folder: str, unit: Unit) -> list[RefusedLine]:
    return refused_lines(reader_of(folder), span_of(unit))


@st.cache_resource(show_spinner=False, ttl=55, max_entries=8)
def advised_on(folder: str) -> tuple[Facts, Market]:
    """What advice goes by, and the prices of that moment."""
    now = time.time()
    known = facts(reader_of(folder), now, house().zone, settings().rented)
    return known, Market(prices_of(folder), int(now * 1_000_000))


@st.cache_resource(show_spinner=False, ttl=300, max_entries=8)
def prices_of(folder: str) -> PriceList:
    return readable_prices(Home(Path(folder)))
