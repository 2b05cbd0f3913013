"""Where the money went: over time and by name, and how certain that is."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from models.costs.folding import lines_of
from models.costs.periods import Unit
from models.costs.shapes import By, Spending
from pages.parts.choices import segments
from pages.parts.costs_charts import NAMES_MAX, bars_figure
from pages.parts.costs_source import STEPS, points_by, spending_by, whole_over
from pages.parts.costs_words import BYS, SOURCES, name_of
from pages.parts.formats import krw, whole_won
from pages.parts.history import CONFIG, palette
from pages.parts.house import home, house
from pages.parts.status import badge
from pages.parts.texts import texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

CERTAIN = ("usage", "provider_cost", "typed")


def by_choice() -> By:
    """What is added up by, in the address."""
    _ = texts()
    bys: dict[str, By] = {by: by for by in BYS}
    chosen = segments(_("Added up by"), "by", list(bys), lambda by: said(BYS[bys[by]]))
    return bys[chosen]


def draw_spent(unit: Unit, by: By) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    whole = whole_over(home(), unit)
    if whole is None:
        st.info(_("Nothing was spent in this span."), icon=":material/hourglass_empty:")
        return
    st.markdown(f"**{krw(whole.won)}** · {_certainty(spending_by(home(), unit, 'source'))}")
    if unit != "day":
        _draw_bars(unit, by)
    _draw_names(spending_by(home(), unit, by), by)


def _draw_bars(unit: Unit, by: By) -> None:
    _ = texts()
    lines = [
        (_("others") if line.name is None else name_of(by, line.name), line.points)
        for line in lines_of(points_by(home(), unit, by), NAMES_MAX)
    ]
    figure = bars_figure(lines, house().zone, palette())
    by_month = _("Won by month, by {what}")
    by_day = _("Won by day, by {what}")
    alt = (by_month if STEPS[unit] == "month" else by_day).format(what=said(BYS[by]))
    st.plotly_chart(figure, key=f"spent-{unit}-{by}", config=CONFIG, alt=alt)


def _draw_names(lines: Sequence[Spending], by: By) -> None:
    _ = texts()
    total = sum((line.won for line in lines), Decimal(0))
    columns: dict[str, list[Any]] = {
        told(BYS[by]): [name_of(by, line.name) for line in lines],
        **({_("Provider"): [line.provider for line in lines]} if by == "model" else {}),
        _("Won"): [won_cell(line.won) for line in lines],
        _("Share"): [float(line.won / total) if total else None for line in lines],
        _("◷ Unverified"): [won_cell(line.unverified_won) for line in lines],
        _("Calls"): [line.calls for line in lines],
        _("Errors"): [line.errors for line in lines],
    }
    if by in ("provider", "model"):
        columns[_("Refused")] = [line.refused for line in lines]
    draw_rows(
        columns,
        column_config={
            _("Won"): won_column(),
            _("◷ Unverified"): won_column(),
            _("Share"): st.column_config.ProgressColumn(format="percent", width="small"),
            **dict.fromkeys((_("Calls"), _("Errors"), _("Refused")), count_column()),
        },
        key=f"names-{by}",
        alt=_("What was spent, by {what}").format(what=said(BYS[by])),
    )


def _certainty(lines: Sequence[Spending]) -> str:
    """A badge for each way in which a cost is known."""
    parts = []
    for line in lines:
        icon, word = SOURCES.get(line.name, SOURCES[""])
        if line.won:
            colour = "gray" if line.name in CERTAIN else "orange"
            parts.append(badge((colour, icon), f"{told(word)} {krw(line.won)}"))
    return " ".join(parts)


def won_cell(amount: Decimal | None) -> float | None:
    """Rounded as it is shown, since a table of the browser sorts numbers only."""
    return None if amount is None else float(whole_won(amount))


def each_cell(amount: Decimal | None) -> float | None:
    """What one of many costs, to a tenth of a won: whole won would hide what saves half of it."""
    return None if amount is None else float(round(amount, 1))


def won_column() -> object:
    return st.column_config.NumberColumn(format="localized")


def count_column() -> object:
    return st.column_config.NumberColumn(format="localized")
