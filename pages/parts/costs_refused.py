"""Calls that were not let through: why, how often, and what a person can do."""

from collections.abc import Iterable

import streamlit as st

from models.costs.periods import Unit
from models.errors import AgentSilent, QueryRefused
from pages.parts.costs_source import refused_over
from pages.parts.costs_spent import count_column, won_cell, won_column
from pages.parts.costs_words import bucket_name, remedy, why
from pages.parts.formats import moment
from pages.parts.house import home, zone
from pages.parts.status import HIGH
from pages.parts.texts import texts
from pages.parts.trouble import draw_trouble
from pages.parts.values import draw_rows


def draw_refused(unit: Unit) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    lines = refused_over(home(), unit)
    if not lines:
        st.caption(_("✓ No call was refused in this span."))
        return
    draw_rows(
        {
            _("Last"): [moment(line.last_at, zone()) for line in lines],
            _("Calls"): [line.calls for line in lines],
            _("Why"): [f"{HIGH[1]} {why(line.code)}" for line in lines],
            _("Model or path"): [line.model or line.path for line in lines],
            _("Provider"): [line.provider for line in lines],
            _("Budget"): [bucket_name(line.bucket_id) for line in lines],
            _("Needed at most"): [won_cell(line.needed_won or None) for line in lines],
        },
        column_config={_("Needed at most"): won_column(), _("Calls"): count_column()},
        key="refused",
        alt=_("Refused calls with the reason"),
    )
    _draw_remedies(dict.fromkeys(line.code for line in lines))
    st.caption(
        _(
            "A refused call was not sent and costs nothing; its program got HTTP 402, or 429 where "
            "it only has to wait, with the same reason and, where a price is missing, the lines to "
            "paste."
        )
    )


def _draw_remedies(codes: Iterable[str]) -> None:
    """Below the table, since its cells would cut the sentences off."""
    _ = texts()
    lines = [f"- **{why(code)}**: {told}" for code in codes if (told := remedy(code, home()))]
    if lines:
        st.markdown("\n".join([_("What to do"), "", *lines]))


def draw_only_refused(unit: Unit) -> None:
    """Where nothing was ever let through, this is what a person has to see first."""
    _ = texts()
    try:
        if refused_over(home(), unit):
            st.subheader(_("Refused calls"))
            draw_refused(unit)
    except (AgentSilent, QueryRefused) as refusal:
        draw_trouble(refusal)
