"""Single calls, the latest or the dearest."""

from collections.abc import Sequence

import streamlit as st

from models.costs.periods import Unit
from models.costs.shapes import CallLine
from pages.parts.choices import segments
from pages.parts.costs_source import Order, calls_over
from pages.parts.costs_spent import count_column, won_cell, won_column
from pages.parts.costs_words import name_of, state_name
from pages.parts.formats import moment
from pages.parts.house import home, zone
from pages.parts.texts import texts
from pages.parts.values import draw_rows

ORDERS: dict[str, Order] = {"latest": "latest", "dearest": "dearest"}


def draw_calls(unit: Unit) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    words = {"latest": _("Latest"), "dearest": _("Dearest")}
    order = ORDERS[segments(_("Order"), "order", list(ORDERS), words.__getitem__)]
    _draw_lines(calls_over(home(), unit, order))


def _draw_lines(lines: Sequence[CallLine]) -> None:
    _ = texts()
    where = zone()
    draw_rows(
        {
            _("When"): [moment(line.opened_at, where) for line in lines],
            _("State"): [state_name(line.state, line.source, line.status) for line in lines],
            _("Won"): [won_cell(line.won) for line in lines],
            _("Reserved"): [won_cell(line.worst_won) for line in lines],
            _("Model"): [line.model or name_of("kind", line.kind) for line in lines],
            _("Provider"): [line.provider for line in lines],
            _("Workflow"): [line.workflow or None for line in lines],
            _("Analysis"): [_analysed(line) or None for line in lines],
            _("Seconds"): [line.latency_seconds for line in lines],
            _("Tokens in"): [line.input_tokens for line in lines],
            _("Tokens out"): [line.output_tokens for line in lines],
            _("Error"): [line.error or None for line in lines],
        },
        column_config={
            **dict.fromkeys((_("Won"), _("Reserved")), won_column()),
            _("Seconds"): st.column_config.NumberColumn(format="%.1f"),
            **dict.fromkeys((_("Tokens in"), _("Tokens out")), count_column()),
        },
        key="calls",
        alt=_("Single calls with what they cost"),
    )


def _analysed(line: CallLine) -> str:
    return " · ".join(filter(None, (line.analysis, line.job_key)))
