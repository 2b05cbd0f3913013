"""The status matrix: one badge a part, one line a kind; below it what needs a look, in words."""

from collections.abc import Mapping, Sequence

import streamlit as st

from models.matrix import PAGES, ROWS, Cell, Look
from pages.parts.status import FINE, HIGH, UNKNOWN, WATCH, badge
from pages.parts.texts import plain, texts, told

LOOKS = {
    Look.BAD: HIGH,
    Look.WATCH: WATCH,
    Look.UNKNOWN: UNKNOWN,
    Look.FINE: FINE,
    Look.OFF: ("gray", "◌"),
}
SHOWN_MAX = 24


def draw_matrix(matrix: Mapping[str, Sequence[Cell]]) -> None:
    """What fires stands in words above it already, among the answers."""
    if not matrix:
        return
    _ = texts()
    st.subheader(_("Everything at a glance"))
    st.markdown("  \n".join(_row(row, cells) for row, cells in matrix.items()))
    cells = [cell for row in matrix.values() for cell in row if cell.look is Look.WATCH]
    lines = [line for cell in cells if (line := _why(cell))]
    if lines:
        st.markdown("  \n".join(lines))


def _row(row: str, cells: Sequence[Cell]) -> str:
    """Badges in one line, the worst first; a link to where more is told."""
    badges = " ".join(badge(LOOKS[cell.look], _inside(cell.name)) for cell in cells[:SHOWN_MAX])
    more = f" +{len(cells) - SHOWN_MAX}" if len(cells) > SHOWN_MAX else ""
    return f"**[{told(ROWS[row])}](/{PAGES[row]})** {badges}{more}"


def _inside(name: str) -> str:
    """A name inside a badge: its brackets must not end it."""
    return plain(name.replace("[", "(").replace("]", ")"))


def _why(cell: Cell) -> str | None:
    if cell.why is None:
        return None
    return f"{badge(LOOKS[cell.look], _inside(cell.name))} {told(cell.why)}"


def bad_lines(matrix: Mapping[str, Sequence[Cell]]) -> list[str]:
    """What fires and is told nowhere else."""
    return [
        line
        for cells in matrix.values()
        for cell in cells
        if cell.look is Look.BAD and not cell.told_elsewhere and (line := _why(cell))
    ]
