"""A household that does not exist, for `make demo`: two machines as a pure function of time.

One small server is always on; a rented GPU machine comes for the working day and for batches of
videos, and its series end and begin with it. The same moment always has the same values, so the
filler's history and the agent's next sample meet without a seam.
"""

from typing import Any

from models.demo import rented, vps
from models.demo.signals import Clock, Signal
from models.monitoring import SeriesKey

VPS = "vps"
RENTED = "gpu-rented"
MACHINES = (VPS, RENTED)


def is_on(machine: str, t: Signal, xp: Any) -> Signal:
    """True at the moments at which the machine exists; UTC epoch seconds, float or array."""
    return rented.is_on(Clock(t, xp)) if machine == RENTED else (t >= 0)


def values(machine: str, t: Signal, xp: Any) -> dict[SeriesKey, Signal]:
    """Every series of the machine at the moment `t`, or at all moments of an array.

    `xp` is the module to compute with: `math` for a float, `numpy` for an array. What a machine
    would show while it is off is in there too: ask `is_on`.
    """
    series = rented.series if machine == RENTED else vps.series
    named = series(Clock(t, xp))
    return {SeriesKey(machine, name, labels): value for (name, labels), value in named.items()}
