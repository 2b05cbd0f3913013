"""Series that the agent does not forecast: any metric of the store, and files of points.

For a command that fits one of them: of no use to the agent, which stays small.
"""

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from data.monitoring import Answers, history, machines, series_of
from models.demand.shapes import HOUR_SECONDS, Measured
from models.errors import NoForecast
from models.forecasts.history_points import How, points_to_measured
from models.messages import say
from models.tiers import DAY_SECONDS, MINUTE, TEN_MINUTES, Resolution

NOT_ADDITIVE = frozenset({"1", "s", "Cel"})
"""Units of which two series together have no sum: shares, times, degrees."""
FILE_BYTES_MAX = 500_000_000
MILLISECONDS_FROM = 1e11
"""Seconds beyond are of the year 5138: then it is milliseconds that are meant."""


def metric_hours(reader: Answers, name: str, span: tuple[float, float]) -> Measured:
    """Of a metric by its hours, over all machines and labels: the sum, of shares the mean.

    Raises NoForecast where there is none, AgentSilent and QueryRefused.
    """
    known = [each for machine in machines(reader) for each in series_of(reader, machine, [name])]
    tier = MINUTE if span[1] - span[0] <= MINUTE.kept_seconds else TEN_MINUTES
    traces = history(reader, known, *span, Resolution(tier, HOUR_SECONDS))
    if not traces:
        raise NoForecast(
            say(
                "{name} is no target and no metric that was stored in these {days} days",
                name=name,
                days=round((span[1] - span[0]) / DAY_SECONDS),
            )
        )
    by_hour: dict[int, list[float]] = {}
    for trace in traces:
        for at, mean in zip(trace.at.tolist(), trace.mean.tolist(), strict=True):
            by_hour.setdefault(int(at), []).append(mean)
    is_sum = traces[0].unit not in NOT_ADDITIVE
    first, last = min(by_hour), min(max(by_hour), int(span[1]) // HOUR_SECONDS * HOUR_SECONDS - 1)
    hours = range(first, last + 1, HOUR_SECONDS)
    values = (
        sum(by_hour[hour]) / (1 if is_sum else len(by_hour[hour])) if hour in by_hour else None
        for hour in hours
    )
    return Measured(first, HOUR_SECONDS, tuple(values))


def file_points(path: Path, how: How, zone: ZoneInfo) -> Measured:
    """Of a CSV(.gz) with `timestamp,value`, by hours; by days where its points are days apart.

    A moment is epoch seconds or ISO 8601, without an offset in that zone. Raises NoForecast for
    what is no such file, OSError for what cannot be read.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise NoForecast(
            say("{path} is larger than {size} MB", path=str(path), size=FILE_BYTES_MAX // 10**6)
        )
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        try:
            points = [*_points(file, path, zone)]
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile) as error:
            raise NoForecast(
                say("{path} is no CSV of points: {reason}", path=str(path), reason=str(error))
            ) from error
    if not points:
        raise NoForecast(say("{path} has no points: its lines are timestamp,value", path=str(path)))
    times = [at for at, _ in points]
    step = (max(times) - min(times)) / max(len(set(times)) - 1, 1)
    seconds = DAY_SECONDS if step > DAY_SECONDS / 2 else HOUR_SECONDS
    return points_to_measured(times, [value for _, value in points], seconds, how)


def _points(file: TextIO, path: Path, zone: ZoneInfo) -> Iterator[tuple[float, float | None]]:
    """The first line may be a head; of the others each must be a moment and a value."""
    for number, row in enumerate(csv.reader(file), start=1):
        if not row or (number == 1 and not _is_number(row[-1])):
            continue
        try:
            yield _moment(row[0], zone), float(row[1]) if row[1].strip() else None
        except (ValueError, IndexError, OverflowError) as error:
            raise NoForecast(
                say(
                    "{path}, line {number}: {row} is no timestamp,value",
                    path=str(path),
                    number=number,
                    row=",".join(row)[:60],
                )
            ) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _moment(text: str, zone: ZoneInfo) -> float:
    if _is_number(text):
        at = float(text)
        return at / 1_000 if abs(at) > MILLISECONDS_FROM else at
    told = datetime.fromisoformat(text.strip())
    return (told if told.tzinfo else told.replace(tzinfo=zone)).timestamp()
