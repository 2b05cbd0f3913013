"""What runs on a machine, largest first, and what watching costs."""

import streamlit as st

from models.groups import groups_of, watching_cost
from models.views import View
from pages.parts.formats import percent, size
from pages.parts.texts import texts
from pages.parts.values import draw_rows

GROUPS_SECONDS = 10


def draw_groups(view: View, machine: str) -> None:
    """A table; nothing where the machine's processes are not read."""
    groups = groups_of(view.live, machine) if view.live is not None else []
    if not groups:
        return
    _ = texts()
    st.subheader(_("What runs here"))
    columns: dict[str, list[str] | list[float | None]] = {
        _("Group"): [group.name for group in groups],
        _("CPU"): [None if group.cpu is None else group.cpu * 100 for group in groups],
        _("Memory"): [group.memory_bytes for group in groups],
    }
    if any(group.processes is not None for group in groups):
        columns[_("Processes")] = [group.processes for group in groups]
    draw_rows(
        columns,
        column_config={
            _("CPU"): st.column_config.NumberColumn(format="%.1f %%", help=_("100 % is one CPU")),
            _("Memory"): st.column_config.NumberColumn(format="bytes"),
            _("Processes"): st.column_config.NumberColumn(format="%d"),
        },
        key=f"groups-{machine}",
        alt=_("CPU and memory by group of processes"),
    )


def draw_watching_cost(view: View) -> None:
    """One line: what the agent itself takes from the machine, and how full its store is."""
    cost = watching_cost(view.live) if view.live is not None else None
    if cost is None:
        return
    _ = texts()
    st.caption(
        _(
            "Watching takes {cpu} of one CPU and {memory} of memory. The store holds {used} of "
            "at most {most}."
        ).format(
            cpu=percent(cost.cpu),
            memory=size(cost.memory_bytes),
            used=size(cost.store_bytes),
            most=size(cost.store_bytes_max),
        )
    )
