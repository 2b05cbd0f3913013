"""The month: spent, left and expected of each budget."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from models.costs.burn_shapes import BurnDown
from models.costs.left import Hourly, enough_for, hours_for
from models.costs.shapes import AnalysisCost, Bucket
from pages.parts.costs_course import expectation, share_of
from pages.parts.costs_source import FIRST, burn_of
from pages.parts.costs_words import bucket_name
from pages.parts.formats import day, krw
from pages.parts.house import home, house
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, Colour
from pages.parts.texts import plain, texts
from pages.parts.values import NO_VALUE

WATCH_FROM, HIGH_FROM = Decimal("0.7"), Decimal("0.95")
ENOUGH_SHOWN = 3
Look = tuple[str, str]
COLOURS: dict[Look, Colour] = {FINE: "green", WATCH: "orange", HIGH: "red", UNKNOWN: "gray"}


def draw_month(found: Sequence[Bucket]) -> None:
    """Three tiles for APIs, and three for all together. Raises AgentSilent, QueryRefused."""
    told_of = [one for one in found if one.bucket_id in FIRST[:2]] or found[:1]
    courses = [burn_of(home(), bucket.bucket_id) for bucket in told_of]
    with st.grid(columns="auto", min_column_width=150):
        for bucket, burn in zip(told_of, courses, strict=True):
            _draw_bucket(bucket, burn)


def _draw_bucket(bucket: Bucket, burn: BurnDown | None) -> None:
    _ = texts()
    name, look, cap = bucket_name(bucket.bucket_id), look_of(bucket), krw(bucket.cap_won)
    part = _("{percent} of {cap}")
    spent, left = (share_of(won, bucket.cap_won) for won in (bucket.spent_won, bucket.left_won))
    _tile(
        _("{name}: spent").format(name=name),
        krw(bucket.spent_won),
        look,
        part.format(percent=spent, cap=cap),
        _unverified(bucket),
    )
    _tile(
        _("{name}: left").format(name=name),
        krw(bucket.left_won),
        look if bucket.left_won > 0 else HIGH,
        part.format(percent=left, cap=cap),
        _("{won} more are kept free for open calls.").format(won=krw(bucket.open_won))
        if bucket.open_won
        else None,
    )
    _expected(name, burn)


def _unverified(bucket: Bucket) -> str | None:
    _ = texts()
    if not bucket.unverified_won:
        return None
    return _(
        "◷ {won} of it is unverified: nobody said how those calls ended, so they count at the most "
        "that they can have cost."
    ).format(won=krw(bucket.unverified_won))


def _expected(name: str, burn: BurnDown | None) -> None:
    _ = texts()
    title = _("{name}: month's end").format(name=name)
    look, value, note = outlook(burn)
    known = burn is not None and burn.ahead
    _tile(title, value, look, note, expectation(burn) if burn is not None and known else None)


def outlook(burn: BurnDown | None) -> tuple[Look, str, str]:
    """How the month may end: its look, the won expected, and a note about the cap or the band."""
    _ = texts()
    if burn is None or not burn.ahead:
        return UNKNOWN, NO_VALUE, _("not known yet")
    last = burn.ahead[-1]
    early, middle, _late = burn.cap_on
    zone = house().zone
    value = krw(last.middle_won)
    if middle is not None:
        return HIGH, value, _("cap on {date}").format(date=day(middle, zone))
    if early is not None:
        return WATCH, value, _("cap perhaps {date}").format(date=day(early, zone))
    return FINE, value, _("{low} to {high}").format(low=krw(last.low_won), high=krw(last.high_won))


def _tile(title: str, value: str, look: Look, note: str, more: str | None = None) -> None:
    _colour, icon = look
    st.metric(
        title,
        value,
        delta=f"{icon} {note}",
        delta_color=COLOURS[look],
        delta_arrow="off",
        help=more,
        border=True,
        height="stretch",
    )


def look_of(bucket: Bucket) -> Look:
    """By what is spent of the cap."""
    if bucket.spent_won >= bucket.cap_won * HIGH_FROM:
        return HIGH
    return WATCH if bucket.spent_won >= bucket.cap_won * WATCH_FROM else FINE


def draw_enough(found: Sequence[Bucket], analyses: Sequence[AnalysisCost]) -> None:
    """What is left of APIs and of all together, in what it buys."""
    _ = texts()
    left = [one.left_won for one in found if one.bucket_id in FIRST[:2]]
    line = _("{n} more *{name}*")
    parts = [
        line.format(n=f"{one.number:,}", name=plain(one.name))
        for one in enough_for(left, analyses)[:ENOUGH_SHOWN]
    ]
    if parts:
        told_parts = " · ".join(parts)
        st.caption(
            _("What is left is enough for about {parts}, at what one success costs now.").format(
                parts=told_parts
            )
        )


def draw_hours(found: Sequence[Bucket], machines: Sequence[Hourly]) -> None:
    """What is left of servers and of all together, in hours of rented machines."""
    _ = texts()
    line = _("{n} h of *{name}* ({won} an hour)")
    parts = [
        line.format(n=f"{one.hours:,}", name=plain(one.name), won=krw(one.each_won))
        for one in hours_for(found, machines)[:ENOUGH_SHOWN]
    ]
    if parts:
        told_parts = " · ".join(parts)
        st.caption(_("Or, of rented machines, for {parts}.").format(parts=told_parts))
