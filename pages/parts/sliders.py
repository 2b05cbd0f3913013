"""Sliders whose values stand in the address, so that what was tried can be shared."""

import math
from typing import NamedTuple

import streamlit as st

from pages.parts.choices import keep_in_address


class Range(NamedTuple):
    """Of a slider: what it may be, and what it is when the address says nothing."""

    low: float
    high: float
    usual: float
    step: float

    def at(self, text: str) -> float:
        """The value that an address says, within the slider and on one of its steps.

        >>> growth = Range(-90, 400, 0, 10)
        >>> [growth.at(text) for text in ("50", "9000", "", "-1e9", "a lot", "nan", "54")]
        [50, 400, 0, -90, 0, 0, 50]
        """
        try:
            value = float(text)
        except ValueError:
            return self.usual
        if math.isnan(value):
            return self.usual
        inside = min(max(value, self.low), self.high)
        on_step = self.low + round((inside - self.low) / self.step) * self.step
        return _whole(min(on_step, self.high), self.step)

    def text(self, value: float) -> str:
        """As it stands in the address.

        >>> Range(0.5, 2, 1, 0.05).text(1.15), Range(0, 10, 0, 1).text(3.0)
        ('1.15', '3')
        """
        return f"{_whole(value, self.step):.10g}"

    def centred(self) -> "Range":
        """With its usual value on a step, and inside."""
        usual = min(max(self.usual, self.low), self.high)
        return self._replace(usual=_whole(usual, self.step))


def _whole(value: float, step: float) -> float:
    """Whole numbers stay whole: a slider takes one kind of number only."""
    return round(value) if float(step).is_integer() else round(value, 6)


def slider(
    label: str, name: str, limits: Range, *, key: str, shown: str = "%d", about: str = ""
) -> float:
    """Drawn from `?name=` where nobody has moved it yet; its usual value stands in no address."""
    whole = float(limits.step).is_integer()
    kind = int if whole else float
    first = kind(limits.at(st.query_params.get(name, "")))
    value = st.slider(
        label,
        kind(limits.low),
        kind(limits.high),
        None if key in st.session_state else first,
        kind(limits.step),
        format=shown,
        help=about or None,
        key=key,
    )
    keep_in_address(name, limits.text(value), limits.text(limits.usual))
    return float(value)
