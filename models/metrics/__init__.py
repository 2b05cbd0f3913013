"""Every metric by name: unit and meaning, in the words of OpenTelemetry where it has them.

Ratios are 0 to 1, sizes are bytes, times are seconds: formatting is the pages' matter. What the
conventions count as a counter (`system.disk.io`) is kept as its growth per second, so the unit
says `By/s`. `machine.*`, `*.linux.pressure.*`, `hw.gpu.throttle` and `agent.*` are our own.

What a scraped exporter calls its values is not ours to list: such names are kept as they are,
and their unit is what the name says by Prometheus' own rules.
"""

from models.metrics import databases, exporters, house, machine, money, n8n, scaling, services
from models.metrics.metric import Metric

AREAS = (databases, exporters, house, machine, money, n8n, scaling, services)
"""One file an area; each name stands in one of them."""

METRICS: dict[str, Metric] = {
    name: metric for area in AREAS for name, metric in area.METRICS.items()
}

_SUFFIXES = {
    "_bytes": "By",
    "_seconds": "s",
    "_milliseconds": "ms",
    "_ratio": "1",
    "_perc": "1",
    "_celsius": "Cel",
    "_watts": "W",
    "_joules": "J",
}


def unit_of(name: str) -> str:
    """The unit of a metric of ours, else what a name of an exporter tells; "" when it does not.

    Counters of exporters are kept as their growth per second.

    >>> unit_of("system.disk.io"), unit_of("node_network_receive_bytes_total"), unit_of("up")
    ('By/s', 'By/s', '')
    """
    known = METRICS.get(name)
    return known.unit if known is not None else _told_by(name)


def text_of(name: str) -> str:
    """What a metric means, in English; the name itself where an exporter gave it."""
    known = METRICS.get(name)
    return known.text if known is not None else name


def _told_by(name: str) -> str:
    base = name.removesuffix("_total")
    unit = next((unit for suffix, unit in _SUFFIXES.items() if base.endswith(suffix)), "")
    return unit if base == name else f"{unit or '1'}/s"
