"""The sliders of the page: what each may say, and what of it is another figure than now's."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from models.scaling.changes import Changes, Situation
from models.scaling.rules import Rules
from pages.parts.sliders import Range, slider
from pages.parts.texts import texts

MICRO = 1_000_000
MINUTE_SECONDS = 60
ROW = 3
START_MINUTES_MAX = 60


class Ranges(NamedTuple):
    """Each named as it stands in the address."""

    growth: Range
    headroom: Range
    full: Range
    start: Range
    carries: Range
    most: Range
    price: Range
    rate: Range
    calls: Range
    cap: Range


def ranges_of(situation: Situation) -> Ranges:
    """Around what is now."""
    rules = situation.rules
    price = (rules.hour_micro or 0) / MICRO
    cap = (situation.cap_micro or 0) / MICRO
    return Ranges(
        growth=Range(-90, 400, 0, 10),
        headroom=Range(50, 99, round(rules.headroom * 100), 1),
        full=Range(30, 100, round(rules.utilization * 100), 1),
        start=Range(0, START_MINUTES_MAX, rules.start_seconds / MINUTE_SECONDS, 0.5).centred(),
        carries=capacities(rules),
        most=Range(0, max(10, 3 * rules.instances_max), rules.instances_max, 1),
        price=Range(0, max(2_000, 4 * round(price)), round(price), 1),
        rate=Range(50, 200, 100, 1),
        calls=Range(0, 300, 100, 5),
        cap=Range(0, max(50_000, 3 * round(cap)), round(cap), 100),
    )


def capacities(rules: Rules) -> Range:
    """From a tenth of what one carries to five times as much.

    >>> capacities(Rules("gpu", capacity=80.0))
    Range(low=8.0, high=400.0, usual=80.0, step=8.0)
    """
    step = float(f"{rules.capacity / 10:.6g}")
    return Range(step, 50 * step, 10 * step, step)


def draw_sliders(situation: Situation, ranges: Ranges, pool: str) -> Mapping[str, float]:
    """What they say, by name; three a row, since columns stack one after the other on a phone."""
    said: dict[str, float] = {}
    labels = _labels()
    names = [name for name in labels if name not in without_effect(situation)]
    for first in range(0, len(names), ROW):
        for column, name in zip(st.columns(ROW), names[first : first + ROW], strict=False):
            label, shown, about = labels[name]
            with column:
                limits: Range = getattr(ranges, name)
                key = f"{name}:{pool}"
                said[name] = slider(label, name, limits, key=key, shown=shown, about=about)
    return said


def without_effect(situation: Situation) -> frozenset[str]:
    """Sliders that would change nothing: no budget pays, no call was paid, no price in dollars."""
    names = set()
    if situation.cap_micro is None:
        names.add("cap")
    if not any(situation.calls_micro):
        names |= {"calls"} if situation.in_dollars else {"calls", "rate"}
    return frozenset(names)


def _labels() -> Mapping[str, tuple[str, str, str]]:
    """Title, how a value is written, and what it means."""
    _ = texts()
    percent, won = "%d%%", "₩%d"
    return {
        "growth": (_("Growth of the demand"), percent, ""),
        "headroom": (
            _("Room by the forecast"),
            percent,
            _("Of 100 half hours ahead, so many must have room."),
        ),
        "full": (_("How full a machine may be"), percent, _("By what is measured.")),
        "start": (_("Time to start, in minutes"), "%g", ""),
        "carries": (_("What one carries"), "%g", _("In 5 minutes, or at once of a level.")),
        "most": (_("Machines at most"), "%d", ""),
        "price": (_("An hour of a machine"), won, ""),
        "rate": (_("Exchange rate, of today's"), percent, _("For what is paid in dollars.")),
        "calls": (
            _("Price of the model, of now's"),
            percent,
            _("A model that costs half as much: 50 %."),
        ),
        "cap": (_("Budget of the month"), won, _("Of the budget that pays the machines.")),
    }


def changes_of(said: Mapping[str, float], ranges: Ranges) -> Changes:
    """Only what was moved: what was left alone stays exact."""
    moved = {name: value for name, value in said.items() if value != getattr(ranges, name).usual}
    changes = Changes(growth_percent=moved.get("growth", 0.0))
    if "headroom" in moved:
        changes = changes._replace(headroom=moved["headroom"] / 100)
    if "full" in moved:
        changes = changes._replace(utilization=moved["full"] / 100)
    if "start" in moved:
        changes = changes._replace(start_seconds=moved["start"] * MINUTE_SECONDS)
    if "carries" in moved:
        changes = changes._replace(capacity=moved["carries"])
    if "most" in moved:
        changes = changes._replace(instances_max=int(moved["most"]))
    return _of_money(changes, moved)


def _of_money(changes: Changes, moved: Mapping[str, float]) -> Changes:
    """Whole won on the sliders, whole micro-won behind them."""
    if "price" in moved:
        changes = changes._replace(hour_micro=int(moved["price"]) * MICRO)
    if "cap" in moved:
        changes = changes._replace(cap_micro=int(moved["cap"]) * MICRO)
    rate, calls = moved.get("rate", 100.0) / 100, moved.get("calls", 100.0) / 100
    return changes._replace(rate_factor=rate, call_price_factor=calls)


def forget(pool: str) -> None:
    """For a callback: everything as it is now."""
    for name in Ranges._fields:
        st.session_state.pop(f"{name}:{pool}", None)
        if name in st.query_params:
            del st.query_params[name]
