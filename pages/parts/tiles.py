"""Tiles: a value, its last minutes, and how much it can be trusted."""

from collections.abc import Iterable

import streamlit as st

from models.messages import Message, say
from models.monitoring import State
from models.tiles import Tile, sparkline
from pages.parts.formats import age, size, value_of
from pages.parts.status import COLOURS, ICONS, WORDS
from pages.parts.texts import plain, plurals, texts, told
from pages.parts.words import in_words

TILES_SECONDS = 2
SPARK_POINTS = 30
SPARK_STEP_SECONDS_MAX = 10
NO_VALUE = "–"
EXPLAINED: dict[str, Message] = {
    "pressure": say(
        "Share of the time in which work waited for the CPU, memory or the disks, whichever is "
        "worst. Near 0% nothing waits."
    ),
}


def draw_tiles(tiles: Iterable[Tile]) -> None:
    with st.grid(columns="auto", min_column_width=150):
        for tile in tiles:
            draw_tile(tile)


def draw_tile(tile: Tile) -> None:
    """Present, stale, error and absent look different; zero is a value like any other."""
    fresh = tile.state is State.PRESENT
    explained = tile.reason or EXPLAINED.get(tile.key)
    st.metric(
        told(tile.title),
        NO_VALUE if tile.value is None else value_of(tile.unit, tile.value),
        delta=_detail(tile),
        delta_color="blue" if fresh else COLOURS[tile.state],
        delta_arrow="off",
        help=None if explained is None else told(explained),
        border=True,
        height="stretch",
        chart_data=sparkline(tile, SPARK_POINTS, SPARK_STEP_SECONDS_MAX) if fresh else None,
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
    _ = texts()
    if tile.limit is not None:
        return _("of {whole}").format(whole=_whole(tile))
    return plain(in_words(tile.note)) or None


def _whole(tile: Tile) -> str:
    ngettext = plurals()
    limit = tile.limit or 0.0
    if tile.key == "cpu":
        return ngettext("{n} CPU", "{n} CPUs", round(limit)).format(n=f"{limit:g}")
    return size(limit)
