"""Chance that is the same for ever: the demo's dice."""

from math import floor, sin


def chance(*seeds: float) -> float:
    """A number in [0, 1), the same for ever.

    >>> chance(1, 2) == chance(1, 2), 0 <= chance(3) < 1
    (True, True)
    """
    x = sin(sum((n + 1) * 12.9898 * (seed % 9_973) for n, seed in enumerate(seeds))) * 43_758.5453
    return x - floor(x)
