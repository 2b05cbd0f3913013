"""The view as a file, made when its button is pressed; money in it is never rounded."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from data.cost_views import VIEWS, Asked, view_rows
from data.focus import charges
from data.home import Home
from data.known_prices import readable_prices
from models.costs.periods import Unit
from models.csv_text import csv_lines, json_lines
from models.focus import COLUMNS, focus_rows
from models.typed import typed
from pages.parts.costs_source import span_of
from pages.parts.formats import day
from pages.parts.house import home, house, settings
from pages.parts.source import reader_of
from pages.parts.texts import texts

VIEW_OF_TAB = {
    "models": "by-model",
    "analyses": "cost-of-analyses",
    "calls": "calls",
    "refused": "refused",
    "providers": "bills",
    "advice": "advice",
}
"""Of those that show always the same; see `data/cost_views.py`."""
FORMATS = {"csv": ("CSV", "text/csv"), "json": ("JSON", "application/json")}


class Wanted(NamedTuple):
    """Everything that a file needs outside of any run of the page."""

    folder: str
    view: str
    asked: Asked


def draw_downloads(unit: Unit, view: str) -> None:
    """CSV and JSON of what is shown, FOCUS of all charges of the span."""
    _ = texts()
    prices = partial(readable_prices, Home(Path(home())))
    asked = Asked(span_of(unit), house().zone, prices, settings().analysis, settings().rented)
    wanted = Wanted(home(), view, asked)
    name = f"sallim-costs-{day(wanted.asked.span[0], house().zone)}"
    with st.container(horizontal=True):
        for kind, (label, mime) in FORMATS.items():
            st.download_button(
                _("This view as {format}").format(format=label),
                data=partial(file_of, wanted, kind),
                file_name=f"{name}-{view}.{kind}",
                mime=mime,
                on_click="ignore",
                key=f"costs-{kind}",
            )
        st.download_button(
            _("Everything as FOCUS"),
            data=partial(file_of, wanted, "focus"),
            file_name=f"{name}-focus.csv",
            mime="text/csv",
            on_click="ignore",
            key="costs-focus",
            help=_("One row a meter of each call, in the columns that tools for costs share."),
        )
    st.caption(
        _("Amounts in files are not rounded. Any span: `{command}`").format(
            command=typed("export costs --since 2026-01-01", home())
        )
    )


def file_of(wanted: Wanted, kind: str) -> bytes:
    """Raises AgentSilent, QueryRefused."""
    reader = reader_of(wanted.folder)
    if kind == "focus":
        # They only divide calls into meters.
        rows = focus_rows(charges(reader, wanted.asked.span), wanted.asked.prices())
        return _bytes(csv_lines(COLUMNS, rows))
    view = VIEWS[wanted.view]
    told = view_rows(view, reader, wanted.asked)
    if kind == "json":
        return _bytes(json_lines(view.header, told))
    # The mark that Excel asks for.
    return b"\xef\xbb\xbf" + _bytes(csv_lines(view.header, told))


def _bytes(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode()
