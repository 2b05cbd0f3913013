"""When there is most to do: hours against weekdays, in the zone of the house."""

from collections.abc import Sequence

import streamlit as st

from models.demand.profile import Cell, Profile, profile
from models.demand.shapes import Measured
from models.settings.target import Target
from pages.parts.charts import Figure
from pages.parts.demand_words import WEEKDAYS, amount, target_name
from pages.parts.empty import draw_empty
from pages.parts.history import CONFIG
from pages.parts.house import house
from pages.parts.texts import texts
from pages.parts.values import draw_rows
from pages.parts.words import said

ROW_PIXELS, FRAME_PIXELS = 34, 70
SCALE = [
    [0.0, "#EFF6FB"],
    [0.35, "#9CCBE8"],
    [0.65, "#56B4E9"],
    [0.85, "#0072B2"],
    [1.0, "#00344F"],
]
"""From little to much, in one colour: no need to tell red from green."""
HOURS = range(24)
DAY_HOURS, WEEK_HOURS = 24, 168


def draw_pattern(target: Target, measured: Measured) -> None:
    _ = texts()
    known = sum(value is not None for value in measured.values)
    if known < DAY_HOURS:
        draw_empty(_("The pattern of a day is drawn after 24 hours with values."))
        return
    found = profile(measured, house().timezone)
    st.markdown("  \n".join(_words(target, found, known)))
    days = [said(day) for day in WEEKDAYS]
    figure = week_figure(found, days, [f"{hour:02}" for hour in HOURS], target)
    alt = _("{name} by hour and weekday, the median of all weeks").format(name=target_name(target))
    st.plotly_chart(figure, key="demand-pattern", config=CONFIG, alt=alt)
    st.caption(
        _("Medians of {days} days, by the clock of {zone}; single spikes are kept out.").format(
            days=round(known * measured.step_seconds / 86_400), zone=house().timezone
        )
    )
    with st.expander(_("The pattern as a table")):
        _draw_table(target, found, days)


def _words(target: Target, found: Profile, known: int) -> list[str]:
    """The busiest hour and the calmest one."""
    _ = texts()
    cells = [
        (cell.median, day, hour)
        for day, row in enumerate(found.cells)
        for hour, cell in enumerate(row)
        if cell is not None
    ]
    if not cells or min(cells)[0] == max(cells)[0]:
        return [_("Every hour is like every other.")]
    most, least = found.busiest or max(cells)[1:], min(cells)
    text = _("Busiest: **{weekday}, {hour}:00** with {amount}; calmest: {other}, {calm}:00.")
    lines = [
        text.format(
            weekday=said(WEEKDAYS[most[0]]),
            hour=most[1],
            amount=amount(target, max(cells)[0]),
            other=said(WEEKDAYS[least[1]]),
            calm=least[2],
        )
    ]
    if known < WEEK_HOURS:
        lines.append(_("Less than a week is known: weekdays without values are empty."))
    return lines


def week_figure(
    found: Profile, days: Sequence[str], hours: Sequence[str], target: Target
) -> Figure:
    """Monday at the top; an hour of which nothing is known stays empty."""
    medians = [[cell and cell.median for cell in row] for row in found.cells]
    written = [[cell and _cell_text(target, cell) for cell in row] for row in found.cells]
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(hours),
                "y": list(days),
                "z": medians,
                "customdata": written,
                "colorscale": SCALE,
                "xgap": 1,
                "ygap": 2,
                "hoverongaps": False,
                "hovertemplate": "%{y} %{x}:00<br>%{customdata}<extra></extra>",
                "colorbar": {"thickness": 10, "outlinewidth": 0, "tickformat": ",.3~r"},
            }
        ],
        "layout": {
            "height": FRAME_PIXELS + ROW_PIXELS * len(days),
            "margin": {"l": 8, "r": 8, "t": 8, "b": 36},
            "uirevision": "kept",
            "dragmode": False,
            "xaxis": {"type": "category", "fixedrange": True, "nticks": 12},
            "yaxis": {
                "type": "category",
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
            },
        },
    }


def _cell_text(target: Target, cell: Cell) -> str:
    """What is usual, and what is exceeded once in ten times."""
    return f"{amount(target, cell.median)} (90 %: {amount(target, cell.high)}, n = {cell.count})"


def _draw_table(target: Target, found: Profile, days: Sequence[str]) -> None:
    _ = texts()
    columns = {
        day: [amount(target, cell.median if cell else None) for cell in row]
        for day, row in zip(days, found.cells, strict=True)
    }
    draw_rows(
        {_("Hour"): [f"{hour:02}:00" for hour in HOURS], **columns},
        key="pattern",
        alt=_("Hours against weekdays, the median of all weeks"),
    )
