"""Figures of the money, as plain dicts. Days are texts of the house's zone: Plotly leaves those.

Amounts become floats here, where they are drawn and nowhere else; what a pointer reads is text.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models.costs.burn_shapes import BurnDown
from models.costs.shapes import Point
from pages.parts.charts import Figure
from pages.parts.formats import krw
from pages.parts.shapes import faint

BURN_PIXELS, BARS_PIXELS = 360, 320
CAP_COLOUR, EVEN_COLOUR = "#D55E00", "#7F7F7F"
INSIDE, ABOVE = {"x": 0, "yanchor": "top"}, {"yanchor": "bottom"}
OUTSIDE, OUTSIDE_PIXELS = {"x": 1, "yanchor": "middle"}, 36
"""Labels of neighbours stand at alternate ends: those of the cap and of 95 % would overlap."""
THRESHOLDS = (Decimal("0.95"), Decimal("0.9"), Decimal("0.8"), Decimal("0.7"))
MORE = ("#D55E00", "#56B4E9", "#8C6D31", "#7F7F7F")
"""Shades for names beyond the first four."""
NAMES_MAX = 7
TICKS = 6
BASE: Figure = {
    "margin": {"l": 8, "r": 8, "t": 8, "b": 36},
    "showlegend": True,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    "hovermode": "x unified",
    "uirevision": "kept",
    "dragmode": False,
}
MONEY_AXIS = {"rangemode": "tozero", "nticks": 6, "tickprefix": "₩", "tickformat": ",~r"}


class BurnTexts(NamedTuple):
    """In the reader's language."""

    settled: str
    unverified: str
    spent: str
    even: str
    expected: str
    band: str
    cap: str


def burn_figure(burn: BurnDown, zone: ZoneInfo, colours: Sequence[str], texts: BurnTexts) -> Figure:
    """Spent by each day, the even line, how it may go on, and the cap."""
    bucket = burn.bucket
    begin, end = _local(bucket.start, zone), _local(bucket.end, zone)
    cap = float(bucket.cap_won)
    past = [point for point in burn.points if point.spent_won is not None]
    x = [begin, *(_local(point.until, zone) for point in past)]
    spent = [Decimal(0), *(point.spent_won or Decimal(0) for point in past)]
    settled = [Decimal(0)] + [(p.spent_won or Decimal(0)) - p.unverified_won for p in past]
    data = [
        _line([begin, end], [Decimal(0), bucket.cap_won], texts.even)
        | {"line": {"color": EVEN_COLOUR, "width": 1.5, "dash": "dot"}, "hoverinfo": "skip"},
        *_band(burn, (x[-1], spent[-1]), zone, colours, texts),
    ]
    data[0].pop("hovertemplate")
    if settled != spent:
        under = _line(x, settled, texts.settled)
        data += [
            under | {"line": {"color": colours[0], "width": 1}},
            _line(x, spent, texts.unverified)
            | {
                "customdata": [krw(a - b) for a, b in zip(spent, settled, strict=True)],
                "line": {"width": 0, "color": colours[1]},
                "fill": "tonexty",
                "fillpattern": {"shape": "/", "fgcolor": colours[1], "size": 6},
            },
        ]
    data.append(_line(x, spent, texts.spent) | {"line": {"color": colours[0], "width": 3}})
    highest = max([cap, *(float(point.high_won) for point in burn.ahead), float(max(spent))])
    layout = BASE | {
        "height": BURN_PIXELS,
        "margin": {**BASE["margin"], "r": OUTSIDE_PIXELS},
        "shapes": [
            _level(cap, CAP_COLOUR, 2, "solid"),
            *(_level(cap * float(part), EVEN_COLOUR, 0.5, "dot") for part in THRESHOLDS),
        ],
        "annotations": [
            _label(cap, f"■ {texts.cap.format(won=krw(bucket.cap_won))}", INSIDE | ABOVE),
            *(
                _label(cap * float(part), f"{part:.0%}", place)
                for part, place in zip(THRESHOLDS, cycle((OUTSIDE, INSIDE)), strict=False)
            ),
        ],
        "xaxis": {
            "type": "date",
            "range": [begin, end],
            "tickformat": "%m/%d",
            "hoverformat": "%Y-%m-%d",
            "nticks": 8,
            "fixedrange": True,
        },
        "yaxis": MONEY_AXIS
        | {"range": [0, highest * 1.08 or 1], "automargin": True, "fixedrange": True},
    }
    return {"data": data, "layout": layout}


def bars_figure(
    lines: Sequence[tuple[str, Sequence[Point]]], zone: ZoneInfo, colours: Sequence[str]
) -> Figure:
    """What each name cost in each unit of time, one on the other, by the same units for all."""
    x = [_local(point.since, zone)[:10] for point in lines[0][1]] if lines else []
    shades = [*colours, *(shade for shade in MORE if shade not in colours)]
    data = [
        {
            "type": "bar",
            "x": x,
            "y": [float(point.won) for point in points],
            "name": _html(name),
            "marker": {"color": shades[place % len(shades)]},
            "customdata": [krw(point.won) for point in points],
            "hovertemplate": "%{customdata}",
        }
        for place, (name, points) in enumerate(lines)
    ]
    ticks = x[:: max(1, -(-len(x) // TICKS))]
    monthly = len(x) > 1 and all(at.endswith("-01") for at in x)
    layout = BASE | {
        "height": BARS_PIXELS,
        "barmode": "relative",
        "xaxis": {
            "type": "category",
            "tickmode": "array",
            "tickvals": ticks,
            "ticktext": [at[:7] if monthly else f"{at[5:7]}/{at[8:]}" for at in ticks],
            "fixedrange": True,
        },
        "yaxis": MONEY_AXIS | {"automargin": True, "fixedrange": True},
    }
    return {"data": data, "layout": layout}


def _band(
    burn: BurnDown,
    last: tuple[str, Decimal],
    zone: ZoneInfo,
    colours: Sequence[str],
    texts: BurnTexts,
) -> list[dict[str, Any]]:
    """From what is spent now on: low and high as a band, the middle as a dashed line."""
    if not burn.ahead:
        return []
    x = [last[0], *(_local(point.until, zone) for point in burn.ahead)]
    low = [last[1], *(point.low_won for point in burn.ahead)]
    middle = [last[1], *(point.middle_won for point in burn.ahead)]
    high = [last[1], *(point.high_won for point in burn.ahead)]

    colour = colours[1]
    hidden = {"line": {"width": 0, "color": colour}, "hoverinfo": "skip"}
    lower = _line(x, low, "") | hidden | {"showlegend": False}
    upper = _line(x, high, texts.band) | hidden
    upper |= {"fill": "tonexty", "fillcolor": faint(colour)}
    for line in (lower, upper):
        line.pop("hovertemplate")
    dashed = {"line": {"color": colour, "width": 2, "dash": "dash"}}
    return [lower, upper, _line(x, middle, texts.expected) | dashed]


def _line(x: Sequence[str], won: Sequence[Decimal], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": [float(amount) for amount in won],
        "name": name,
        "customdata": [krw(amount) for amount in won],
        "hovertemplate": "%{customdata}",
    }


def _level(y: float, colour: str, width: float, dash: str) -> dict[str, Any]:
    place = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below"}
    return place | {"line": {"color": colour, "width": width, "dash": dash}}


def _label(y: float, text: str, place: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "text": text,
        "showarrow": False,
        "font": {"size": 10},
        **place,
    }


def _local(moment: float, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(moment, UTC).astimezone(zone):%Y-%m-%d %H:%M}"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
