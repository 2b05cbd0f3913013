"""What a chart shows, as a table for a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.csv_text import harmless
from models.traces import Trace

HEADER = ("time", "machine", "metric", "labels", "unit", "mean", "min", "max")


def csv_of(traces: Iterable[Trace], zone: ZoneInfo) -> bytes:
    """One row a bucket, times with their offset. UTF-8 with the mark that Excel asks for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for trace in traces:
        writer.writerows(_rows(trace, zone))
    return text.getvalue().encode("utf-8-sig")


def _rows(trace: Trace, zone: ZoneInfo) -> Iterator[tuple[str, ...]]:
    labels = ", ".join(f"{name}={value}" for name, value in trace.key.labels)
    series = (trace.key.machine, trace.key.name, labels, trace.unit)
    fixed = tuple(harmless(text) for text in series)
    columns = (trace.at.tolist(), trace.mean.tolist(), trace.low.tolist(), trace.high.tolist())
    for at, *values in zip(*columns, strict=True):
        moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
        yield (moment.isoformat(timespec="seconds"), *fixed, *(f"{v:.6g}" for v in values))
