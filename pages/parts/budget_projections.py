"""How good the projections of a month were that is over: on the tab `months`."""

from decimal import Decimal

import streamlit as st

from models.budget.close import MonthClose
from models.budget.tree import API
from models.costs.month_judged import Judged, judged
from pages.parts.costs_source import projections_of
from pages.parts.costs_spent import won_cell, won_column
from pages.parts.formats import krw
from pages.parts.house import home, house
from pages.parts.status import FINE, WATCH
from pages.parts.texts import texts
from pages.parts.values import draw_rows

MICRO = 1_000_000


def draw_projections(close: MonthClose) -> None:
    """Nothing where none was kept of its APIs. Raises AgentSilent, QueryRefused."""
    _ = texts()
    api = next((each for each in close.buckets if each.bucket_id == API), None)
    if api is None:
        return
    told = projections_of(home(), API, close.since)
    found = judged(told, close.since, int(api.spent_won * MICRO), house().zone)
    if not found:
        return
    st.markdown(
        _("**How good its projections were.** APIs came to {won}.").format(won=krw(api.spent_won))
    )
    won = _("Expected"), _("80 %: from"), _("80 %: to"), _("At the pace until then")
    draw_rows(
        {
            _("After days"): [each.after_days for each in found],
            won[0]: [_won(each.projected.middle_micro) for each in found],
            won[1]: [_won(each.projected.low_micro) for each in found],
            won[2]: [_won(each.projected.high_micro) for each in found],
            _("Off by"): [each.off_part for each in found],
            _("In the band"): [_inside(each) for each in found],
            won[3]: [_won(each.projected.naive_micro) for each in found],
        },
        column_config={
            **dict.fromkeys(won, won_column()),
            _("Off by"): st.column_config.NumberColumn(format="percent"),
        },
        key="projections",
        alt=_("What was expected of {month}, and what came").format(month=close.month),
    )


def _won(micro: int) -> float | None:
    return won_cell(Decimal(micro) / MICRO)


def _inside(one: Judged) -> str:
    _ = texts()
    (_colour, icon), word = (FINE, _("yes")) if one.is_inside else (WATCH, _("no"))
    return f"{icon} {word}"
