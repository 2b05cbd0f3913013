"""A forecast as lines of CSV and of JSON."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from models.demand.shapes import QUANTILES, Forecast

Writes = Callable[[Forecast, ZoneInfo], Iterator[str]]


def csv_lines(forecast: Forecast, zone: ZoneInfo) -> Iterator[str]:
    """`at` is when a step begins, in the zone of the house."""
    yield ",".join(["at", "mean", *(_name(q) for q in QUANTILES)]) + "\n"
    for step, at in enumerate(_moments(forecast, zone)):
        numbers = (forecast.means[step], *(row[step] for row in forecast.bands))
        yield ",".join([at, *(f"{number:.6g}" for number in numbers)]) + "\n"


def json_lines(forecast: Forecast, zone: ZoneInfo) -> Iterator[str]:
    """Shape: {"series", "model", "members", "why", "made_at", "step_seconds", "steps": [{"at",
    "mean", "quantiles": {"0.1": ...}}]}; `made_at` is UTC epoch seconds.
    """
    steps = [
        {
            "at": at,
            "mean": forecast.means[step],
            "quantiles": {
                str(q): row[step] for q, row in zip(QUANTILES, forecast.bands, strict=True)
            },
        }
        for step, at in enumerate(_moments(forecast, zone))
    ]
    shape = {
        "series": forecast.target,
        "model": forecast.model,
        "members": list(forecast.members),
        "why": str(forecast.why),
        "made_at": forecast.made_at,
        "step_seconds": forecast.step_seconds,
        "steps": steps,
    }
    yield json.dumps(shape, ensure_ascii=False, indent=1) + "\n"


LINES: Mapping[str, Writes] = MappingProxyType({"csv": csv_lines, "json": json_lines})


def _moments(forecast: Forecast, zone: ZoneInfo) -> Iterator[str]:
    for step in range(len(forecast.means)):
        at = forecast.start_at + step * forecast.step_seconds
        yield datetime.fromtimestamp(at, zone).isoformat()


def _name(q: float) -> str:
    """As q10, and q2.5."""
    return f"q{100 * q:g}"
