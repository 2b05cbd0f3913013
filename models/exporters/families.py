"""What is kept of an exporter under its own names: gauges, counters as growth, histograms."""

import math
from collections.abc import Hashable, Iterable, Mapping

from models.exporters.lines import Sample, Text
from models.exporters.quantiles import grown, quantile
from models.monitoring import Labels, Reading
from models.rates import Rates

QUANTILES = (0.5, 0.95)
BOUND = "le"
SOURCE = "source"


class Families:
    """Keeps the last counts of one exporter. Pure but for that memory."""

    def __init__(self, source: str, renamed: Mapping[str, str]) -> None:
        self._source = (SOURCE, source)
        self._renamed = renamed
        self._rates = Rates()
        self._buckets: dict[tuple[str, Labels], dict[float, float]] = {}

    def readings(self, text: Text, monotonic_seconds: float) -> list[Reading]:
        """A counter comes as its growth per second, a histogram as its median, its 95th
        percentile, and the growth per second of its count. Each series once.
        """
        found: dict[tuple[str, Labels], Reading] = {}
        buckets: dict[tuple[str, Labels], dict[float, float]] = {}
        counters: set[Hashable] = set()
        for sample in text.samples:
            kind = _part(sample.name, text.kinds)
            if kind == "left out":
                continue
            name, labels = self._identity(sample)
            if kind == "bucket":
                _note_bucket(buckets, name.removesuffix("_bucket"), labels, sample.value)
                continue
            value = sample.value
            if kind == "counter" and value is not None:
                counters.add((name, labels))
                value = self._rates.per_second((name, labels), value, monotonic_seconds)
            found.setdefault((name, labels), Reading(name, value, labels))
        self._rates.forget_all_but(counters)
        return [*found.values(), *self._quantiles(buckets)]

    def _identity(self, sample: Sample) -> tuple[str, Labels]:
        name = self._renamed.get(sample.name, sample.name)
        others = [pair for pair in sample.labels if pair[0] != SOURCE]
        return name, tuple(sorted([*others, self._source]))

    def _quantiles(
        self, buckets: dict[tuple[str, Labels], dict[float, float]]
    ) -> Iterable[Reading]:
        before, self._buckets = self._buckets, buckets
        for (name, labels), now in buckets.items():
            growth = grown(before.get((name, labels)), now)
            for share in QUANTILES:
                value = None if growth is None else quantile(growth, share)
                at = tuple(sorted([*labels, ("quantile", f"{share:g}")]))
                yield Reading(name, value, at)


def _part(name: str, kinds: Mapping[str, str]) -> str:
    """What a sample is of its family: "gauge", "counter", "bucket" or "left out"."""
    kind = kinds.get(name)
    if kind in ("histogram", "summary"):
        return "gauge"  # a quantile of a summary stands under the family's own name
    base, underscore, end = name.rpartition("_")
    if end == "created" and (base in kinds or f"{base}_total" in kinds):
        return "left out"
    of_family = kinds.get(base) if underscore else None
    if of_family in ("histogram", "summary") and kind is None:
        parts = {"bucket": "bucket", "count": "counter", "sum": "left out"}
        return parts.get(end, "gauge")
    if kind == "counter" or (kind in (None, "untyped", "unknown") and end == "total"):
        return "counter"
    return "gauge"


def _note_bucket(
    buckets: dict[tuple[str, Labels], dict[float, float]],
    name: str,
    labels: Labels,
    count: float | None,
) -> None:
    bound = next((value for label, value in labels if label == BOUND), "")
    try:
        upper = float(bound)
    except ValueError:
        return
    if count is not None and not math.isnan(upper):
        key = (name, tuple(pair for pair in labels if pair[0] != BOUND))
        buckets.setdefault(key, {}).setdefault(upper, count)
