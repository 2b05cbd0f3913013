"""Few names out of many: what a figure can show apart, and the rest of them together."""

from collections.abc import Sequence
from typing import NamedTuple

from models.costs.shapes import NOTHING, Point


class Line(NamedTuple):
    """One name over time; None is the rest together."""

    name: str | None
    points: Sequence[Point]


def lines_of(points: Sequence[Point], most: int) -> list[Line]:
    """The dearest names first; what is beyond `most` becomes one line at the end.

    >>> from decimal import Decimal
    >>> points = [Point(name, 0, 9, Decimal(won), 1) for name, won in zip("abc", (1, 5, 2))]
    >>> [(line.name, sum(point.won for point in line.points)) for line in lines_of(points, 2)]
    [('b', Decimal('5')), (None, Decimal('3'))]
    """
    by_name: dict[str, list[Point]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    names = sorted(by_name, key=lambda name: (-sum(point.won for point in by_name[name]), name))
    kept = names if len(names) <= most else names[: most - 1]
    lines = [Line(name, by_name[name]) for name in kept]
    rest = [by_name[name] for name in names[len(kept) :]]
    if rest:
        lines.append(Line(None, [_together(same) for same in zip(*rest, strict=True)]))
    return lines


def _together(points: Sequence[Point]) -> Point:
    won = sum((point.won for point in points), NOTHING)
    return points[0]._replace(name="", won=won, calls=sum(point.calls for point in points))
