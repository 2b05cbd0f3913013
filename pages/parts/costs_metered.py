"""Traffic and space by the gigabyte: what was measured this month, and what it cost."""

from collections.abc import Sequence

import streamlit as st

from models.costs.metered import MeteredMonth
from pages.parts.costs_source import metered_now
from pages.parts.costs_spent import won_cell, won_column
from pages.parts.costs_words import KINDS
from pages.parts.formats import duration
from pages.parts.house import home
from pages.parts.texts import plain, texts, told
from pages.parts.values import draw_rows
from pages.parts.words import said

GAPS_SHOWN = 5


def draw_metered() -> None:
    """Nothing where nothing is paid by the gigabyte. Raises AgentSilent, QueryRefused."""
    found = metered_now(home())
    if not found:
        return
    _ = texts()
    st.subheader(_("Network and storage"))
    gigabytes = st.column_config.NumberColumn(format="%.2f")
    draw_rows(
        {
            _("Name"): [one.name for one in found],
            _("Kind"): [said(KINDS[one.kind]) for one in found],
            _("GB this month"): [float(one.gb) for one in found],
            _("Free GB"): [float(one.free_gb) for one in found],
            _("Price of a GB"): [one.price for one in found],
            _("Won"): [won_cell(one.won) for one in found],
            _("Counted to"): [one.counted_to or None for one in found],
        },
        column_config={
            _("Won"): won_column(),
            **dict.fromkeys((_("GB this month"), _("Free GB")), gigabytes),
        },
        key="metered",
        alt=_("Traffic and space of this month, with what it cost"),
    )
    st.caption(
        _(
            "A day is booked when it is over. Of storage, a GB is one that was kept for the whole "
            "month."
        )
    )
    lines = _gaps(found)
    if lines:
        st.warning("  \n".join(lines), icon=":material/leak_remove:")


def _gaps(found: Sequence[MeteredMonth]) -> list[str]:
    _ = texts()
    line = _("{name}: not measured on {days}; nothing is booked for that time, so it may cost more")
    return [
        line.format(
            name=plain(one.name),
            days=", ".join(
                f"{day} ({told(duration(seconds))})" for day, seconds in one.gaps[-GAPS_SHOWN:]
            ),
        )
        for one in found
        if one.gaps
    ]
