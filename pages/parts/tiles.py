"""Tiles: a value, its last minutes, and how much it can be trusted."""

from collections.abc import Iterable

import streamlit as st

from models.messages import Message, say
from models.monitoring import State
from models.tiles import Tile, sparkline
from pages.parts.formats import age, value_of
from pages.parts.status import COLOURS, ICONS, WORDS
from pages.parts.texts import plain, told

TILES_SECONDS = 2
SPARK_POINTS = 30
SPARK_STEP_SECONDS = 10
NO_VALUE = "–"
PARTS: dict[str, Message] = {"cpu": say("CPU"), "memory": say("memory"), "io": say("disks")}


def draw_tiles(tiles: Iterable[Tile]) -> None:
    with st.grid(columns="auto", min_column_width=150):
        for tile in tiles:
            draw_tile(tile)


def draw_tile(tile: Tile) -> None:
    """Present, stale, error and absent look different; zero is a value like any other."""
    fresh = tile.state is State.PRESENT
    st.metric(
        told(tile.title),
        NO_VALUE if tile.value is None else value_of(tile.unit, tile.value),
        delta=_detail(tile),
        delta_color="blue" if fresh else COLOURS[tile.state],
        delta_arrow="off",
        help=None if tile.reason is None else told(tile.reason),
        border=True,
        height="stretch",
        chart_data=sparkline(tile, SPARK_POINTS, SPARK_STEP_SECONDS) if fresh else None,
        chart_type="area",
    )


def _detail(tile: Tile) -> str | None:
    if tile.state is State.PRESENT:
        return _note(tile)
    parts = [f"{ICONS[tile.state]} {told(WORDS[tile.state])}"]
    if tile.age_seconds is not None:
        parts.append(told(age(tile.age_seconds)))
    return " · ".join(parts)


def _note(tile: Tile) -> str | None:
    if tile.note in PARTS:
        return told(PARTS[tile.note])
    return plain(tile.note) or None
