"""What comes of it, as asked and as it is: tiles, sentences, machines over time, and a table."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from models.scaling.month import Reached
from models.scaling.replayed import Outcome
from models.scaling.what_if import WhatIf
from pages.parts.costs_words import label_of
from pages.parts.demand_charts import Line, Look, floats, steps_figure
from pages.parts.formats import day, krw, number
from pages.parts.history import CONFIG, has_touch, palette
from pages.parts.house import house
from pages.parts.texts import plain, texts
from pages.parts.values import NO_VALUE, draw_rows

SHOWN_SECONDS, STEP_SECONDS = 3_600, 300
"""Of a chart: the most of each hour, since lines that jump every few minutes hide each other."""


def draw_tiles(found: WhatIf) -> None:
    _ = texts()
    ours, before = found.changed, found.as_is
    tiles = [
        (_("Machine hours a week"), number(ours.instance_hours), number(before.instance_hours)),
        (_("Machines, a week"), won(ours.won_micro), won(before.won_micro)),
        (_("Month's end"), won(ours.month.middle), won(before.month.middle)),
        (_("Late"), count(ours.late), count(before.late)),
        (_("Money is up"), _day(ours.cap.likely), _day(before.cap.likely)),
    ]
    if found.calls is not None:
        is_now, changed = found.calls
        tiles.append((_("Calls, rest of month"), won(changed.middle), won(is_now.middle)))
    if found.calls_cap is not None:
        was, then = found.calls_cap
        tiles.append((_("Money for calls is up"), _day(then.likely), _day(was.likely)))
    now = _("as it is: {value}")
    with st.grid(columns="auto", min_column_width=150):
        for title, value, was_shown in tiles:
            st.metric(
                title,
                value,
                delta=now.format(value=was_shown),
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def won(micro: int) -> str:
    """Of micro-won.

    >>> won(1_234_500_000)
    '₩1,235'
    """
    return krw(Decimal(micro).scaleb(-6))


def count(value: float | None) -> str:
    return NO_VALUE if value is None else number(round(value))


def _day(at: float | None) -> str:
    """Month and day of the house; short, as it stands on a tile."""
    _ = texts()
    return _("lasts") if at is None else day(at, house().zone)[5:]


def draw_sentences(found: WhatIf, bucket: str) -> None:
    """In words what stands on the tiles, with the dates' bands. `bucket` pays; "" is none."""
    _ = texts()
    ours, was = found.changed, found.as_is
    if ours == was:
        text = _("As it is, a week like the last costs **{won}** of machines.")
    else:
        text = _("As asked, a week like the last costs **{won}** of machines instead of {was}.")
    lines = [text.format(won=won(ours.won_micro), was=won(was.won_micro))]
    if ours.late is not None:
        late = _("Jobs that are late: **{late}**.")
        if ours != was:
            late = _("Jobs that are late: **{late}**, as it is {was}.")
        lines.append(late.format(late=count(ours.late), was=count(was.late)))
    if bucket:
        lines.append(reached_words(bucket, ours.cap))
    if found.calls is not None:
        band = found.calls[1]
        text = _("Calls to the month's end: **{won}** (80 %: {low} – {high}).")
        lines.append(text.format(won=won(band.middle), low=won(band.low), high=won(band.high)))
    if found.calls_cap is not None:
        lines.append(reached_words("api", found.calls_cap[1]))
    st.markdown("  \n".join(lines))


def reached_words(bucket: str, cap: Reached) -> str:
    """When it is up, and how sure that is."""
    _ = texts()
    name = plain(label_of(bucket))
    if cap.likely is not None and _day(cap.early) == _day(cap.late):
        text = _("The money of {budget} is up on **{day}**.")
    elif cap.likely is not None:
        text = _("The money of {budget} is up on **{day}** (80 %: {early} – {late}).")
    elif cap.early is not None:
        text = _(
            "The money of {budget} lasts to the month's end; one time in ten it is up by {early}."
        )
    else:
        text = _("The money of {budget} lasts to the month's end.")
    return text.format(
        budget=name, day=_day(cap.likely), early=_day(cap.early), late=_day(cap.late)
    )


def draw_chart(found: WhatIf) -> None:
    _ = texts()
    lines = [_line(name, found.start_at, outcome) for name, outcome in _outcomes(found)]
    st.caption(_("Machines of the coming week, the most of each hour"))
    alt = _("Machines over the coming week if it is like the last: as asked, as it is, and others")
    look = Look(palette(), not has_touch())
    st.plotly_chart(steps_figure(lines, look), key="what-if", config=CONFIG, alt=alt)


def _outcomes(found: WhatIf) -> Sequence[tuple[str, Outcome]]:
    _ = texts()
    return (
        (_("as asked"), found.changed),
        (_("as it is"), found.as_is),
        (_("by what is measured alone"), found.reactive),
        (_("with the future known"), found.oracle),
    )


def _line(name: str, start_at: int, outcome: Outcome) -> Line:
    counts = outcome.counts
    each = SHOWN_SECONDS // STEP_SECONDS
    shown = [float(max(counts[at : at + each])) for at in range(0, len(counts), each)]
    at = floats([start_at + place * SHOWN_SECONDS for place in range(len(shown))])
    return Line(name, at, floats(shown))


def draw_table(found: WhatIf) -> None:
    _ = texts()
    rows = _outcomes(found)
    outcomes = [outcome for _name, outcome in rows]
    draw_rows(
        {
            _("Decided"): [name for name, _outcome in rows],
            _("Machine hours"): [number(each.instance_hours) for each in outcomes],
            _("Won a week"): [won(each.won_micro) for each in outcomes],
            _("Late"): [count(each.late) for each in outcomes],
            _("Month's end"): [won(each.month.middle) for each in outcomes],
            _("80 % of it"): [
                _span(won(each.month.low), won(each.month.high)) for each in outcomes
            ],
            _("Money is up"): [_day(each.cap.likely) for each in outcomes],
            _("80 % of that"): [_days(each.cap) for each in outcomes],
            _("Above what they carry"): [_share(each.over_percent) for each in outcomes],
            _("Changes"): [each.events for each in outcomes],
        },
        key="what-if-rows",
        alt=_("What a week comes to as asked, as it is, by what is measured alone, and at best"),
    )


def _days(cap: Reached) -> str:
    return NO_VALUE if cap.early is None else _span(_day(cap.early), _day(cap.late))


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} – {high}"


def _share(percent: float | None) -> str:
    return NO_VALUE if percent is None else f"{percent:.1f}%"
