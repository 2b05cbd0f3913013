"""Demand that is made, not measured: by the minute and by five minutes."""

import random
from math import pi, sin

from models.demand.shapes import Measured
from models.scaling.rules import Rules
from models.scaling.simulate import Trace

START = 1_763_856_000
"""A midnight of UTC."""
DAY_MINUTES = 1_440


def day_and_night(days, mean=100.0, noise=0.1, seed=1):
    """Minutes: high by day, low by night."""
    dice = random.Random(seed)  # noqa: S311
    return [
        max(mean * (1 + 0.6 * sin(2 * pi * minute / DAY_MINUTES)) * dice.gauss(1, noise), 0.0)
        for minute in range(days * DAY_MINUTES)
    ]


def steps(minutes, start=START):
    found = [max(minutes[at : at + 5]) for at in range(0, len(minutes), 5)]
    return Measured(start, 300, tuple(found))


def trace(demand, begin=1, end=None):
    return Trace(demand, begin, len(demand) if end is None else end, START)


def pool(**more):
    return Rules(**{"name": "gpu", "capacity": 20.0, "instances_max": 20, **more})
