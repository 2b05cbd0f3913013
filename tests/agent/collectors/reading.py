"""What a collector brought, in a shape that is easily asked."""

from models.monitoring import Harvest, Reading


def values(answer: list[Reading] | Harvest) -> dict[str, float | None]:
    """By name and the labels but the source: "postgresql.backends state=idle"."""
    readings = answer.readings if isinstance(answer, Harvest) else answer
    return {_key(reading): reading.value for reading in readings}


def _key(reading: Reading) -> str:
    labels = [f"{name}={value}" for name, value in reading.labels if name != "source"]
    return " ".join([reading.name, *labels])
