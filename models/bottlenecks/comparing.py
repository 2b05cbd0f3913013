"""Whether one set of values is larger than another: a test that no outlier decides."""

from collections.abc import Sequence
from math import erfc, sqrt


def one_sided_p(larger: Sequence[float], smaller: Sequence[float]) -> float:
    """Mann-Whitney: how likely such values are if `larger` tends to be no larger.

    By the normal distribution, corrected for ties and continuity; fair from about four values
    on each side (Mann & Whitney, 1947; Lehmann, "Nonparametrics", 1975, 1.5).

    >>> round(one_sided_p([5, 6, 7, 8], [1, 2, 3, 4]), 3), one_sided_p([1, 1], [1, 1])
    (0.015, 1.0)
    """
    ranks, tied = _ranks([*larger, *smaller])
    n, m = len(larger), len(smaller)
    total = n + m
    if not n or not m:
        return 1.0
    u = sum(ranks[:n]) - n * (n + 1) / 2
    variance = n * m / 12 * (total + 1 - tied / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return 0.5 * erfc((u - n * m / 2 - 0.5) / sqrt(2 * variance))


def _ranks(values: Sequence[float]) -> tuple[list[float], float]:
    """Mean ranks, and the sum of t³ - t over groups of t equal values."""
    places = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    tied = 0.0
    first = 0
    while first < len(places):
        last = first
        while last + 1 < len(places) and values[places[last + 1]] == values[places[first]]:
            last += 1
        for place in places[first : last + 1]:
            ranks[place] = (first + last) / 2 + 1
        size = last - first + 1
        tied += size**3 - size
        first = last + 1
    return ranks, tied


def holding(p_values: Sequence[float], wrong_share: float) -> list[bool]:
    """Which claims hold when at most that share of them may be wrong (Benjamini & Hochberg, 1995).

    >>> holding([0.01, 0.04, 0.5], 0.05)
    [True, False, False]
    """
    places = sorted(range(len(p_values)), key=p_values.__getitem__)
    count = max(
        (n for n, at in enumerate(places, 1) if p_values[at] <= wrong_share * n / len(places)),
        default=0,
    )
    kept = set(places[:count])
    return [place in kept for place in range(len(p_values))]
