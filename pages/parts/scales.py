"""How the values of a chart are written on its axis. Pure."""

from typing import NamedTuple

import numpy as np

from models.panels import Chart, Form

BINARY = ("B", "KiB", "MiB", "GiB", "TiB")


class Scale(NamedTuple):
    """Values are divided by `divisor` and followed by `suffix`; the axis ends at `top`."""

    divisor: float
    suffix: str
    top: float
    tickformat: str


def scale_of(chart: Chart) -> Scale:
    peak = max((float(trace.high.max()) for _, trace in chart.lines), default=0.0)
    match chart.form:
        case Form.RATIO:
            # A calm machine must look calm: the axis never ends below a tenth.
            return Scale(1, "", 1.0 if peak > 0.4 else max(0.1, peak * 1.2), ".3~p")
        case Form.BYTES_PER_SECOND:
            return _scale_of_bytes(peak, "/s")
        case Form.BYTES:
            return _scale_of_bytes(peak, "")
        case Form.SECONDS:
            return _scale_of_seconds(peak)
        case form:
            return _plain_scale(form, peak)


def _plain_scale(form: Form, peak: float) -> Scale:
    suffix, least, tickformat = {
        Form.CELSIUS: (" °C", 60.0, ".3~r"),
        Form.WATT: (" W", 10.0, ".3~r"),
        Form.FLAG: ("", 1.05, ".3~p"),
        Form.PER_SECOND: (" /s", 1.0, ",.3~r"),
    }.get(form, ("", 1.0, ",.3~r"))
    return Scale(1, suffix, least if form is Form.FLAG else max(peak * 1.1, least), tickformat)


def _scale_of_bytes(peak: float, ending: str) -> Scale:
    power = min(int(np.log2(max(peak, 1.0)) // 10), len(BINARY) - 1)
    top = max(peak * 1.1, 1.0) / 1024.0**power
    return Scale(1024.0**power, f" {BINARY[power]}{ending}", top, ",.3~r")


def _scale_of_seconds(peak: float) -> Scale:
    if peak < 1:
        return Scale(0.001, " ms", max(peak * 1100, 0.1), ",.3~r")
    return Scale(1, " s", peak * 1.1, ",.3~r")
