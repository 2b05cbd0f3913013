"""The tab `databases`: how each one is, what it does now, and its history."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.monitoring import SourceState
from models.panels import DATABASE_PANELS
from models.spans import Span
from models.views import View
from pages.parts.formats import size
from pages.parts.history import Scene, draw_history
from pages.parts.postgres import draw_postgres
from pages.parts.status import source_line
from pages.parts.texts import texts
from pages.parts.values import (
    NO_VALUE,
    draw_plain_tiles,
    draw_rows,
    rate_or_dash,
    share_or_dash,
    size_or_dash,
    time_or_dash,
)

Details = Mapping[str, Any]


def databases_of(view: View) -> list[SourceState]:
    if view.live is None:
        return []
    order = list(DATABASE_PANELS)
    found = [source for source in view.live.sources if source.kind in DATABASE_PANELS]
    return sorted(found, key=lambda source: (order.index(source.kind), source.name))


def draw_database_now(source: SourceState, detail: Details, now: float) -> None:
    """How it is, and what it does at this moment."""
    st.markdown(source_line(source))
    if not detail:
        return
    draw = {"postgres": draw_postgres, "redis": _draw_redis, "sqlite": _draw_sqlite}
    draw[source.kind](detail, now)


def draw_database_history(source: SourceState, span: Span, *, paused: bool) -> None:
    instance = source.instance
    scene = Scene(
        source.machine,
        DATABASE_PANELS[source.kind],
        span,
        lambda key: dict(key.labels).get("source") == instance,
    )
    draw_history(scene, source.name.replace(":", "-"), paused=paused)


def _draw_redis(detail: Details, _now: float) -> None:
    _ = texts()
    memory, most = detail.get("memory_bytes"), detail.get("memory_max_bytes")
    draw_plain_tiles(
        [
            (_("Memory"), size_or_dash(memory)),
            *([(_("Memory limit"), size(most))] if most else []),
            (_("Clients"), str(detail.get("clients", NO_VALUE))),
            (_("Commands"), rate_or_dash(detail.get("ops_per_second"))),
            (_("Keys found"), share_or_dash(detail.get("hit_rate"))),
        ]
    )
    queues = detail.get("queues", ())
    if queues:
        draw_rows(
            {
                _("Queue"): [queue["name"] for queue in queues],
                _("Waiting"): [queue["length"] for queue in queues],
            },
            key=f"queues-{detail.get('version')}",
            alt=_("Queues and how many wait in each"),
        )


def _draw_sqlite(detail: Details, _now: float) -> None:
    _ = texts()
    draw_plain_tiles(
        [
            (_("Size"), size_or_dash(detail.get("bytes"))),
            (_("Write-ahead log"), size_or_dash(detail.get("wal_bytes"))),
            (_("Empty pages"), share_or_dash(detail.get("free_share"))),
            (_("Answer time"), time_or_dash(detail.get("response_seconds"))),
        ]
    )
