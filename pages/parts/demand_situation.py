"""What the sliders begin with: a pool as it is, the demand of its last days, and its money."""

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import streamlit as st

from data.costs import spending_over_time
from data.demand_steps import STEP_SECONDS, recent_steps, short_fits
from models.costs.charges import cost_of, price_of
from models.costs.periods import DAY_SECONDS, period_at
from models.demand.shapes import HOUR_SECONDS, Measured
from models.demand.targets import is_count, target_named
from models.errors import AgentSilent, QueryRefused
from models.scaling.changes import Changes, Situation
from models.scaling.rules import rules_of
from models.scaling.what_if import WhatIf, what_if
from models.settings.pool import Pool
from models.settings.target import Target
from pages.parts.costs_source import buckets_now
from pages.parts.demand_source import hours_of, plans_of
from pages.parts.house import house, settings
from pages.parts.source import reader_of
from sallim.prices import shipped

DAYS, WEEK_DAYS = 14, 7
MICRO = 1_000_000
SKETCH = "sketch"
SKETCH_MACHINES = 3
SKETCH_SHARE = 0.5
"""Of the highest step: so much one machine of a sketch carries, so that more than one is wanted."""


class Known(NamedTuple):
    """`is_spread`: only hours are known, and stand for each of their steps alike."""

    situation: Situation
    is_spread: bool


def pools_of(target: Target) -> list[Pool]:
    return [pool for pool in settings().pool if pool.target == target.name]


@st.cache_resource(show_spinner=False, ttl=115, max_entries=16)
def known_of(folder: str, target: str, pool: str) -> Known | None:
    """None where nothing is measured. Raises AgentSilent, QueryRefused."""
    named = target_named(settings(), target)
    if named is None:
        return None
    measured, is_spread = _steps(folder, named)
    if not any(value is not None for value in measured.values):
        return None
    chosen = next((each for each in pools_of(named) if each.name == pool), None)
    chosen = chosen or sketch_of(named, measured)
    now = time.time()
    bucket = next((each for each in buckets_now(folder) if each.bucket_id == chosen.budget), None)
    month = period_at(now, "month", house().zone)
    situation = Situation(
        rules=rules_of(chosen, _hour_micro(folder, chosen)),
        measured=measured,
        now=int(now),
        month_end=int(month.until if bucket is None else bucket.end),
        is_count=is_count(named),
        fits=tuple(short_fits(reader_of(folder), target)),
        cap_micro=None if bucket is None else _micro(bucket.cap_won),
        committed_micro=0 if bucket is None else _micro(bucket.committed_won),
        calls_micro=_calls(folder, now),
        in_dollars=price_of(chosen.hour_price).currency != "KRW",
    )
    return Known(situation, is_spread)


@st.cache_resource(show_spinner=False, ttl=115, max_entries=64)
def outcome_of(folder: str, target: str, pool: str, changes: Changes) -> WhatIf | None:
    """By the agent's own decisions. Raises AgentSilent, QueryRefused."""
    known = known_of(folder, target, pool)
    return None if known is None else what_if(known.situation, changes)


def sketch_of(target: Target, measured: Measured) -> Pool:
    """One machine that nobody has configured."""
    highest = max((value for value in measured.values if value is not None), default=1.0)
    capacity = float(f"{max(highest * SKETCH_SHARE, 0.01):.2g}")
    return Pool(
        name=SKETCH,
        target=target.name,
        capacity=capacity,
        instances_min=0,
        instances_more_max=SKETCH_MACHINES,
        hour_price="600 KRW",
    )


def spread(hours: Measured, *, counts: bool) -> Measured:
    """Each hour as steps of five minutes; a count is shared out among them.

    >>> spread(Measured(0, 3600, (24.0, None)), counts=True).values[11:13]
    (2.0, None)
    """
    parts = hours.step_seconds // STEP_SECONDS
    share = parts if counts else 1
    values = tuple(
        None if value is None else value / share for value in hours.values for _ in range(parts)
    )
    return Measured(hours.start_at, STEP_SECONDS, values)


def _steps(folder: str, target: Target) -> tuple[Measured, bool]:
    """As fine as it is known over the same days; and whether only hours are."""
    now = time.time()
    count = DAYS * DAY_SECONDS // STEP_SECONDS
    fine = recent_steps(reader_of(folder), target, now, count)
    hours = hours_of(folder, target.name, DAYS)
    if hours.step_seconds != HOUR_SECONDS or 2 * _seconds_of(fine) >= _seconds_of(hours):
        return fine, False
    return spread(hours, counts=is_count(target)), True


def _seconds_of(measured: Measured) -> int:
    """For how long it is known."""
    return measured.step_seconds * sum(value is not None for value in measured.values)


def _hour_micro(folder: str, pool: Pool) -> int | None:
    """As the agent last planned with it; else by its settings, at the rate that came along."""
    last = plans_of(folder, pool.name, 2)[-1:] if pool.name != SKETCH else []
    told = last[0].inputs.get("hour_micro") if last else None
    if isinstance(told, int):
        return told
    return cost_of(price_of(pool.hour_price), shipped().exchange, None).gross_micro


def _calls(folder: str, now: float) -> Sequence[int]:
    """What calls cost on each of the last whole days, in micro-won."""
    zone = house().zone
    until = period_at(now, "day", zone).since
    span = (until - WEEK_DAYS * DAY_SECONDS, until)
    try:
        points = spending_over_time(reader_of(folder), span, "kind", ("day", zone))
    except (AgentSilent, QueryRefused):
        return ()
    return tuple(_micro(point.won) for point in points if point.name == "api")[-WEEK_DAYS:]


def _micro(won: Decimal) -> int:
    return int(won * MICRO)
