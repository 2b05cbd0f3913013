"""A PostgreSQL: who blocks whom, what takes long, what fills the disk."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.messages import Message
from pages.parts.beats import in_words
from pages.parts.blocking import draw_blocking
from pages.parts.formats import duration
from pages.parts.status import WATCH, badge
from pages.parts.texts import plain, texts, told
from pages.parts.values import (
    NO_VALUE,
    days_or_dash,
    draw_plain_tiles,
    draw_rows,
    growth_or_none,
    milli_or_none,
    percent_or_none,
    rate_or_dash,
    share_or_dash,
    time_or_dash,
)
from pages.parts.words import said

Details = Mapping[str, Any]


def draw_postgres(detail: Details, now: float) -> None:
    _ = texts()
    connections = detail.get("connections", {})
    replication = detail.get("replication", {})
    tiles = [
        (
            _("Connections"),
            _("{used} of {most}").format(
                used=connections.get("used", NO_VALUE), most=connections.get("max", NO_VALUE)
            ),
        ),
        (_("Blocked sessions"), str(detail.get("blocked", NO_VALUE))),
        (_("Commits"), rate_or_dash(detail.get("commits_per_second"))),
        (_("Found in memory"), share_or_dash(detail.get("cache_hit_ratio"))),
        (_("Answer time"), time_or_dash(detail.get("response_seconds"))),
        (_("Days until full"), days_or_dash(detail.get("disk", {}).get("days_to_full"))),
    ]
    if replication.get("lag_seconds") is not None:
        tiles.append((_("Behind its primary"), time_or_dash(replication["lag_seconds"])))
    draw_plain_tiles(tiles)
    mark = badge(WATCH, _("left out"))
    for shape in detail.get("left_out", ()):
        st.markdown(f"{mark} {told(Message.from_json(shape))}")
    draw_blocking(detail.get("blocking", ()))
    _draw_long(detail.get("long_queries", ()))
    _draw_statements(detail.get("statements", ()))
    _draw_sizes(_("Databases by size"), detail.get("databases", ()), "databases", now)
    _draw_sizes(_("Largest tables"), detail.get("tables", ()), "tables", now)
    _draw_replicas(replication.get("replicas", ()))


def _draw_long(queries: Sequence[Details]) -> None:
    if not queries:
        return
    _ = texts()
    st.subheader(_("Longest running"))
    draw_rows(
        {
            _("Running for"): [said(duration(float(query["seconds"]))) for query in queries],
            _("User"): [query.get("user") for query in queries],
            _("Program"): [query.get("app") for query in queries],
            _("Waits for"): [query.get("wait") for query in queries],
            _("Query"): [query.get("query") for query in queries],
        },
        key="long-queries",
        alt=_("Queries that run the longest"),
    )


def _draw_statements(statements: Sequence[Details]) -> None:
    if not statements:
        return
    _ = texts()
    st.subheader(_("Slowest statements"))
    draw_rows(
        {
            _("Share"): [100 * float(one.get("share") or 0) for one in statements],
            _("Mean"): [milli_or_none(one.get("mean_seconds")) for one in statements],
            _("Calls"): [one.get("calls_per_second") for one in statements],
            _("Statement"): [one.get("text") for one in statements],
        },
        column_config={
            _("Share"): st.column_config.NumberColumn(
                format="%.1f %%", help=_("100 % keeps one CPU of the server busy all the time")
            ),
            _("Mean"): st.column_config.NumberColumn(format="%.1f ms"),
            _("Calls"): st.column_config.NumberColumn(format=_("%.2f /s")),
            _("Statement"): st.column_config.TextColumn(width="large"),
        },
        key="statements",
        alt=_("Statements by the time they take"),
    )


def _draw_sizes(title: str, parts: Sequence[Details], key: str, now: float) -> None:
    if not parts:
        return
    _ = texts()
    st.subheader(title)
    columns: dict[str, list[Any]] = {
        _("Name"): [part["name"] for part in parts],
        _("Size"): [part.get("bytes") for part in parts],
        _("Grows a day"): [growth_or_none(part.get("growth_bytes_per_day")) for part in parts],
        _("Days until full"): [part.get("days_to_full") for part in parts],
    }
    if key == "tables":
        columns[_("Dead rows")] = [percent_or_none(part.get("dead_share")) for part in parts]
        columns[_("Last vacuum")] = [
            in_words(part.get("last_autovacuum_at") or part.get("last_vacuum_at"), now)
            for part in parts
        ]
    draw_rows(
        columns,
        column_config={
            _("Size"): st.column_config.NumberColumn(format="bytes"),
            _("Days until full"): st.column_config.NumberColumn(format="%.0f"),
            _("Dead rows"): st.column_config.NumberColumn(format="%.1f %%"),
        },
        key=key,
        alt=title,
    )


def _draw_replicas(replicas: Sequence[Details]) -> None:
    if not replicas:
        return
    _ = texts()
    st.subheader(_("Replicas"))
    lines = [
        f"**{plain(str(one['name']))}** {plain(str(one.get('state') or ''))} · "
        f"{time_or_dash(one.get('lag_seconds'))}"
        for one in replicas
    ]
    st.markdown("  \n".join(lines))
