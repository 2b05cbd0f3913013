"""What is left of a budget, told in what it buys."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from models.costs.shapes import NOTHING, AnalysisCost


class Enough(NamedTuple):
    """So many more of it, at what one costs now."""

    name: str
    number: int
    each_won: Decimal


def enough_for(left_won: Iterable[Decimal], analyses: Iterable[AnalysisCost]) -> list[Enough]:
    """Of each analysis whose price is known; the least that is left decides.

    >>> video = AnalysisCost("video", Decimal(30), 9, 3, 3, None, None)
    >>> [one.number for one in enough_for([Decimal(105), Decimal(900)], [video])]
    [10]
    """
    left = max(min(left_won, default=NOTHING), NOTHING)
    return [
        Enough(one.analysis, int((left / each).to_integral_value(ROUND_FLOOR)), each)
        for one in analyses
        if (each := one.won_a_success)
    ]
