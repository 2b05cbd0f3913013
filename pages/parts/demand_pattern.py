"""When there is most to do: hours against weekdays, in the zone of the house."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from models.demand.profile import Cell, Profile, profile
from models.demand.shapes import Measured
from models.settings.target import Target
from models.tiers import DAY_SECONDS
from pages.parts.charts import Figure
from pages.parts.demand_words import WEEKDAYS, amount, is_daily, target_name
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
WEEK_SECONDS = 7 * DAY_SECONDS


class Week(NamedTuple):
    """A row for each weekday, Monday first; its columns are hours, or one for the whole day."""

    cells: tuple[tuple[Cell | None, ...], ...]
    columns: tuple[str, ...]

    @property
    def is_hourly(self) -> bool:
        return len(self.columns) > 1


def week_of(found: Profile, measured: Measured, whole_day: str) -> Week:
    """Of a series of days each is one cell, in whatever hour the day begins."""
    if not is_daily(measured.step_seconds):
        return Week(found.cells, tuple(f"{hour:02}" for hour in range(len(found.cells[0]))))
    days = (next((cell for cell in row if cell is not None), None) for row in found.cells)
    return Week(tuple((cell,) for cell in days), (whole_day,))


def draw_pattern(target: Target, measured: Measured) -> None:
    _ = texts()
    known = sum(value is not None for value in measured.values)
    seconds = known * measured.step_seconds
    if seconds < DAY_SECONDS:
        draw_empty(_("The pattern of a day is drawn after 24 hours with values."))
        return
    week = week_of(profile(measured, house().timezone), measured, _("the day"))
    lines = _words(target, week)
    if seconds < WEEK_SECONDS:
        lines.append(_("Less than a week is known: weekdays without values are empty."))
    st.markdown("  \n".join(lines))
    days = [said(day) for day in WEEKDAYS]
    alt = _("{name} by hour and weekday, the median of all weeks").format(name=target_name(target))
    figure = week_figure(week, days, target)
    st.plotly_chart(figure, key="demand-pattern", config=CONFIG, alt=alt)
    st.caption(
        _("Medians of {days} days, by the clock of {zone}; single spikes are kept out.").format(
            days=round(seconds / DAY_SECONDS), zone=house().timezone
        )
    )
    with st.expander(_("The pattern as a table")):
        _draw_table(target, week, days)


def _words(target: Target, week: Week) -> list[str]:
    """The busiest hour, or day, and the calmest one; the first of equals."""
    _ = texts()
    cells = [
        (cell.median, day, hour)
        for day, row in enumerate(week.cells)
        for hour, cell in enumerate(row)
        if cell is not None
    ]
    least = min(cells)
    most = max(cells, key=lambda cell: cell[0])
    if least[0] == most[0]:
        return [_("Every hour is like every other.")]
    by_hour = _("Busiest: **{weekday}, {hour}:00** with {amount}; calmest: {other}, {calm}:00.")
    by_day = _("Busiest: **{weekday}** with {amount}; calmest: {other}.")
    return [
        (by_hour if week.is_hourly else by_day).format(
            weekday=said(WEEKDAYS[most[1]]),
            hour=most[2],
            amount=amount(target, most[0]),
            other=said(WEEKDAYS[least[1]]),
            calm=least[2],
        )
    ]


def week_figure(week: Week, days: Sequence[str], target: Target) -> Figure:
    """Monday at the top; an hour of which nothing is known stays empty."""
    medians = [[cell and cell.median for cell in row] for row in week.cells]
    written = [[cell and _cell_text(target, cell) for cell in row] for row in week.cells]
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(week.columns),
                "y": list(days),
                "z": medians,
                "customdata": written,
                "colorscale": SCALE,
                "xgap": 1,
                "ygap": 2,
                "hoverongaps": False,
                "hovertemplate": "%{y} %{x}<br>%{customdata}<extra></extra>",
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


def _draw_table(target: Target, week: Week, days: Sequence[str]) -> None:
    _ = texts()
    columns = {
        day: [amount(target, cell.median if cell else None) for cell in row]
        for day, row in zip(days, week.cells, strict=True)
    }
    draw_rows(
        {_("Hour"): list(week.columns), **columns},
        key="pattern",
        alt=_("Hours against weekdays, the median of all weeks"),
    )
