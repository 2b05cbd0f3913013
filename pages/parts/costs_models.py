"""Models and analyses: what each costs, how fast it answers, and how much is kept free for it."""

import streamlit as st

from models.costs.periods import Unit
from models.costs.shapes import Headroom
from pages.parts.costs_source import analyses_by, headroom_over, spending_by
from pages.parts.costs_spent import count_column, each_cell, won_cell, won_column
from pages.parts.empty import ICON
from pages.parts.house import home
from pages.parts.texts import texts
from pages.parts.values import draw_rows, seconds_column


def draw_models(unit: Unit) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    # What is booked without a call has no model, and stands under "spent".
    lines = [line for line in spending_by(home(), unit, "model") if line.calls or line.refused]
    if not lines:
        st.info(_("No model was called in this span."), icon=ICON)
        return
    kept = {(one.provider, one.model): one for one in headroom_over(home(), unit)}
    counts = (_("Calls"), _("Errors"), _("Refused"))
    tokens = (_("Tokens in"), _("of them cached"), _("Tokens out"))
    draw_rows(
        {
            _("Model"): [line.name for line in lines],
            _("Provider"): [line.provider for line in lines],
            _("Won"): [won_cell(line.won) for line in lines],
            _("Calls"): [line.calls for line in lines],
            _("Errors"): [line.errors for line in lines],
            _("Refused"): [line.refused for line in lines],
            _("p50"): [line.latency_p50_seconds for line in lines],
            _("p95"): [line.latency_p95_seconds for line in lines],
            _("Used of reserved"): [_used(kept.get((line.provider, line.name))) for line in lines],
            _("Tokens in"): [line.input_tokens for line in lines],
            _("of them cached"): [line.cached_tokens for line in lines],
            _("Tokens out"): [line.output_tokens for line in lines],
        },
        column_config={
            _("Won"): won_column(),
            _("Used of reserved"): st.column_config.ProgressColumn(
                format="percent",
                help=_("The most that a call can cost is reserved first; this is what it used."),
            ),
            **dict.fromkeys((_("p50"), _("p95")), seconds_column()),
            **dict.fromkeys((*counts, *tokens), count_column()),
        },
        key="models",
        alt=_("Models with their costs, calls, tokens and times"),
    )
    st.caption(
        _(
            "p50 and p95: half of the calls, and 95 % of them, took at most that long. Won include "
            "VAT and the card's fee."
        )
    )


def _used(kept: Headroom | None) -> float | None:
    return None if kept is None else kept.used_share


def draw_cost_of_analyses(unit: Unit) -> None:
    """Raises AgentSilent, QueryRefused."""
    _ = texts()
    lines = analyses_by(home(), unit)
    if not lines:
        st.info(
            _(
                "No call names an analysis in this span. Calls inside `sallim.job` do so by "
                "themselves."
            ),
            icon=ICON,
        )
        return
    money = (_("Won for one success"), _("Median"), _("p95"), _("Won"))
    draw_rows(
        {
            _("Analysis"): [line.analysis for line in lines],
            _("Won for one success"): [each_cell(line.won_a_success) for line in lines],
            _("Median"): [each_cell(line.median_won) for line in lines],
            _("p95"): [each_cell(line.p95_won) for line in lines],
            _("Succeeded"): [line.succeeded for line in lines],
            _("Won"): [won_cell(line.won) for line in lines],
            _("Calls"): [line.calls for line in lines],
        },
        column_config={
            **dict.fromkeys(money, won_column()),
            **dict.fromkeys((_("Succeeded"), _("Calls")), count_column()),
        },
        key="cost-of-analyses",
        alt=_("Analyses with what one of them costs"),
    )
    st.caption(
        _(
            "The first figure shares all calls among the successes, so failures are in it; median "
            "and p95 are of those whose calls name what was analysed."
        )
    )
