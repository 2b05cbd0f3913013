"""What is known of a metric besides its values."""

from typing import NamedTuple


class Metric(NamedTuple):
    """`unit` is a UCUM code as the conventions write it; `text` is English, one phrase."""

    unit: str
    text: str
