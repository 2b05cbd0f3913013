"""What a collector brought or why it did not, in a shape that is easily asked."""

import pytest

from models.errors import SourceRefused, SourceUnreachable
from models.monitoring import Collector, Harvest, Reading


def refusal(collector: Collector) -> str:
    with pytest.raises(SourceRefused) as refused:
        collector.collect(0.0)
    return str(refused.value)


def away(collector: Collector, monotonic_seconds: float = 0.0) -> str:
    with pytest.raises(SourceUnreachable) as unreachable:
        collector.collect(monotonic_seconds)
    return str(unreachable.value)


def values(answer: list[Reading] | Harvest) -> dict[str, float | None]:
    """By name and the labels but the source: "postgresql.backends state=idle"."""
    readings = answer.readings if isinstance(answer, Harvest) else answer
    return {_key(reading): reading.value for reading in readings}


def _key(reading: Reading) -> str:
    labels = [f"{name}={value}" for name, value in reading.labels if name != "source"]
    return " ".join([reading.name, *labels])
