"""The picture of a month: what was spent by day against the caps, and what happened. Plain SVG."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from tests.month.chronicle import Chronicle
from tests.month.clock import SEOUL
from tests.month.plan import BEGINS, BURST, BURSTS, DAY_SECONDS, ENDS, RATES, ROLL

WIDTH, HEIGHT = 1_000, 560
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 30, 170
MOST_WON = 27_000
TOTAL, API, CAP, GRID, TEXT = "#2563eb", "#d97706", "#b91c1c", "#e5e7eb", "#374151"
STYLE = 'font-family="system-ui, sans-serif" font-size="12"'
Point = tuple[float, float]


def picture(month: Chronicle) -> str:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {STYLE}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_grid(),
    ]
    for name, color in (("total", TOTAL), ("api", API)):
        spent = [(look["at"], look[name][0]) for look in month.looks]
        caps = [(look["at"], look[name][2]) for look in month.looks]
        parts.append(_line(_steps(caps), color, 'stroke-width="1.5"'))
        parts.append(_line(_steps([(at, cap * 0.95) for at, cap in caps]), color, _dashed()))
        parts.append(_line(spent, color, 'stroke-width="2.5"'))
    parts += [*_told(month), *_legend(), *_events(month), "</svg>"]
    return "\n".join(parts) + "\n"


def _x(at: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at - BEGINS) / (ENDS - BEGINS)


def _y(won: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * won / MOST_WON


def _grid() -> list[str]:
    parts = []
    for won in range(0, MOST_WON, 5_000):
        parts.append(_line([(BEGINS, won), (ENDS, won)], GRID, 'stroke-width="1"'))
        parts.append(_text(LEFT - 8, _y(won) + 4, f"{won:,}", "end"))
    for number in range(0, 32, 3):
        at = BEGINS + number * DAY_SECONDS
        day = datetime.fromtimestamp(at, SEOUL)
        parts.append(_text(_x(at), HEIGHT - BOTTOM + 18, f"{day.month}/{day.day}", "middle"))
    parts.append(_text(LEFT, TOP - 12, "won spent in the month, Asia/Seoul", "start"))
    return parts


def _told(month: Chronicle) -> list[str]:
    """The lines of both that were told, with their percent."""
    parts = []
    for bucket, kind, percent, at in month.alerts["told_at"]:
        if kind != "threshold" or bucket not in ("total", "api"):
            continue
        spent = max(look[bucket][0] for look in month.looks if look["at"] <= at)
        color = TOTAL if bucket == "total" else API
        x, y = _x(at), _y(spent)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>')
        parts.append(_text(x + 5, y + 16, f"{percent} %", "start", color))
    return parts


def _legend() -> list[str]:
    said = (("total", TOTAL), ("APIs", API))
    parts = [
        _text(LEFT + 14 + 80 * place, TOP + 14, f"— {name}", "start", color)
        for place, (name, color) in enumerate(said)
    ]
    return [
        *parts,
        _text(LEFT + 174, TOP + 14, "thin: caps, dashed: 95 % of them, ●: told", "start"),
    ]


def _events(month: Chronicle) -> list[str]:
    """Numbers in the picture, and what they are below it."""
    happened = [(at, what) for at, what in month.happened]
    happened += [(at, f"{name} ×{BURST} for an hour") for name, at in BURSTS.items()]
    happened += [(_day(day), f"a dollar is {won:,.1f} won") for day, won in RATES[1:]]
    happened += [(month.raised["until"], "the raise ends"), (ROLL, "the new month begins")]
    parts = []
    for number, (at, what) in enumerate(sorted(happened), 1):
        x, row, column = _x(at), (number - 1) % 7, (number - 1) // 7
        top, bottom = TOP + 22, HEIGHT - BOTTOM
        parts.append(
            f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="#9ca3af" '
            'stroke-dasharray="2 4"/>'
        )
        parts.append(_text(x, TOP + 34 + 13 * (number % 3), str(number), "middle", CAP))
        moment = datetime.fromtimestamp(at, SEOUL)
        told = f"{number}  {moment:%m-%d %H:%M}  {what}"
        parts.append(_text(LEFT + column * 470, HEIGHT - BOTTOM + 44 + row * 17, told, "start"))
    return parts


def _day(day: int) -> float:
    return BEGINS + (day - 1) * DAY_SECONDS


def _steps(points: Sequence[Point]) -> list[Point]:
    """A cap holds until another one does."""
    found: list[Point] = []
    for at, won in points:
        if found and found[-1][1] != won:
            found.append((at, found[-1][1]))
        found.append((at, won))
    return found


def _dashed() -> str:
    return 'stroke-width="1" stroke-dasharray="6 4" opacity="0.7"'


def _line(points: Sequence[Point], color: str, more: str) -> str:
    path = " ".join(f"{_x(at):.1f},{_y(won):.1f}" for at, won in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" {more}/>'


def _text(x: float, y: float, text: str, anchor: str, color: str = TEXT) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{escape(text)}</text>'
    )
