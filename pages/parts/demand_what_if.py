"""What if: the last week again, by the agent's own decisions, with what the sliders change."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from models.demand.shapes import HOUR_SECONDS
from models.demand.targets import step_seconds_of
from models.scaling.replayed import Outcome
from models.scaling.what_if import WhatIf
from models.settings.target import Target
from pages.parts.choices import picker
from pages.parts.demand_charts import Line, Look, floats, steps_figure
from pages.parts.demand_situation import SKETCH, Known, known_of, outcome_of, pools_of
from pages.parts.demand_sliders import changes_of, draw_sliders, forget, ranges_of
from pages.parts.empty import draw_empty
from pages.parts.formats import krw, moment, number
from pages.parts.history import CONFIG, has_touch, palette
from pages.parts.house import home, house
from pages.parts.status import UNKNOWN, badge
from pages.parts.texts import texts, told
from pages.parts.values import NO_VALUE, draw_rows

SHOWN_SECONDS, STEP_SECONDS = 600, 300
"""Of a chart: the most of each ten minutes, so that a week has about a thousand points."""


def draw_what_if(target: Target) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    if step_seconds_of(target) > HOUR_SECONDS:
        draw_empty(_("Won are no work for machines: choose another series."))
        return
    pool = _pool(target)
    known = known_of(home(), target.name, pool)
    if known is None:
        draw_empty(_("Nothing of it is measured yet; a few hours are enough to begin with."))
        return
    ranges = ranges_of(known.situation)
    said = draw_sliders(known.situation, ranges, pool)
    st.button(
        _("As it is now"), key="as-now", icon=":material/undo:", on_click=forget, args=(pool,)
    )
    found = outcome_of(home(), target.name, pool, changes_of(said, ranges))
    if found is None:
        draw_empty(_("Nothing of it was measured in the last week."))
        return
    _draw_tiles(found)
    _draw_chart(found)
    _draw_table(found)
    _draw_notes(found, known, pool)


def _pool(target: Target) -> str:
    """Its pool, by the address where there are several; a sketch where there is none."""
    _ = texts()
    names = [pool.name for pool in pools_of(target)]
    if len(names) > 1:
        return picker(_("Machines"), "pool", names)
    return names[0] if names else SKETCH


def _draw_tiles(found: WhatIf) -> None:
    _ = texts()
    ours, before = found.changed, found.as_is
    now = _("as it is: {value}")
    tiles = [
        (_("Machine hours a week"), number(ours.instance_hours), number(before.instance_hours)),
        (_("Machines, a week"), won(ours.won_micro), won(before.won_micro)),
        (_("Month's end"), won(ours.month.middle), won(before.month.middle)),
        (_("Late"), _count(ours.late), _count(before.late)),
        (
            _("Money is up"),
            NO_VALUE if ours.cap_at is None else _day(ours.cap_at),
            _day(before.cap_at),
        ),
    ]
    if found.calls is not None:
        is_now, changed = found.calls
        tiles.append((_("Calls to the month's end"), won(changed.middle), won(is_now.middle)))
    with st.grid(columns="auto", min_column_width=150):
        for title, value, was in tiles:
            st.metric(
                title,
                value,
                delta=now.format(value=was),
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


def _count(value: float | None) -> str:
    return NO_VALUE if value is None else number(round(value))


def _day(at: float | None) -> str:
    """Of the house; a dash where it is not reached this month."""
    _ = texts()
    return _("not this month") if at is None else moment(at, house().zone)[:10]


def _draw_chart(found: WhatIf) -> None:
    _ = texts()
    lines = [
        _line(_("as asked"), found, found.changed),
        _line(_("as it is"), found, found.as_is),
        _line(_("by what is measured alone"), found, found.reactive),
        _line(_("with the future known"), found, found.oracle),
    ]
    alt = _("Machines over the coming week if it is like the last: as asked, as it is, and others")
    look = Look(palette(), not has_touch())
    st.plotly_chart(steps_figure(lines, look), key="what-if", config=CONFIG, alt=alt)


def _line(name: str, found: WhatIf, outcome: Outcome) -> Line:
    counts = outcome.counts
    each = SHOWN_SECONDS // STEP_SECONDS
    shown = [float(max(counts[at : at + each])) for at in range(0, len(counts), each)]
    at = floats([found.start_at + place * SHOWN_SECONDS for place in range(len(shown))])
    return Line(name, at, floats(shown))


def _draw_table(found: WhatIf) -> None:
    _ = texts()
    rows: Sequence[tuple[str, Outcome]] = (
        (_("as asked"), found.changed),
        (_("as it is"), found.as_is),
        (_("by what is measured alone"), found.reactive),
        (_("with the future known"), found.oracle),
    )
    outcomes = [outcome for _name, outcome in rows]
    draw_rows(
        {
            _("Decided"): [name for name, _outcome in rows],
            _("Machine hours"): [number(each.instance_hours) for each in outcomes],
            _("Won a week"): [won(each.won_micro) for each in outcomes],
            _("Month's end"): [won(each.month.middle) for each in outcomes],
            _("80 % from"): [won(each.month.low) for each in outcomes],
            _("80 % to"): [won(each.month.high) for each in outcomes],
            _("Late"): [_count(each.late) for each in outcomes],
            _("Above what they carry"): [_share(each.over_percent) for each in outcomes],
            _("Changes"): [each.events for each in outcomes],
            _("Money is up"): [_day(each.cap_at) for each in outcomes],
        },
        key="what-if-rows",
        alt=_("What a week comes to as asked, as it is, by what is measured alone, and at best"),
    )


def _share(percent: float | None) -> str:
    return NO_VALUE if percent is None else f"{percent:.1f}%"


def _draw_notes(found: WhatIf, known: Known, pool: str) -> None:
    _ = texts()
    notes = [told(note) for note in found.notes]
    if pool == SKETCH:
        text = _("No [[pool]] has this series for its demand: machines of a sketch are assumed.")
        notes.insert(0, text.replace("[[", "\\[\\["))
    if known.is_spread:
        notes.append(_("Only hours are known of it; each stands for its twelve parts alike."))
    mark = badge(UNKNOWN, _("assumed"))
    st.markdown("  \n".join(f"{mark} {note}" for note in notes))
    if found.calls is not None:
        text = _("Calls to the month's end: **{won}** (80 %: {low} – {high}).")
        band = found.calls[1]
        st.markdown(text.format(won=won(band.middle), low=won(band.low), high=won(band.high)))
    st.caption(
        _(
            "The last seven days are taken for the coming ones, and replayed by the very decisions "
            "of the agent with the money that is left. The address holds what is asked: share it."
        )
    )
