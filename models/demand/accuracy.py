"""How good forecasts were: what was said of an hour against what came true.

One pass over pairs, oldest or newest first; nothing is kept of a pair but sums.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.demand.shapes import QUANTILES
from models.tiers import DAY_SECONDS

WINDOWS_DAYS = (1, 7, 28)
WHOLE_DAY = 0
"""Stands in `ahead` for all steps of the day that a forecast looks ahead."""
AHEADS = (1, 24, WHOLE_DAY)
LOW95, LOW80, HIGH80, HIGH95 = (QUANTILES.index(q) for q in (0.025, 0.1, 0.9, 0.975))
MEASURED = "measured"
"""The one mark of a truth that counts."""


class Truth(NamedTuple):
    """What came true of one step; in the order of the columns of `truths`.

    `mark`: measured, filled, starved (refused for want of money), missing.
    """

    target: str
    begun_at: int
    step_seconds: int
    value: float | None
    mark: str = MEASURED


class Pair(NamedTuple):
    """What was forecast of a step, and what came true. `band` stands in the order of QUANTILES."""

    ahead: int
    begun_at: int
    mean: float
    band: tuple[float, ...]
    naive: float
    truth: float


class Accuracy(NamedTuple):
    """In the order of the columns of `accuracies`; shares are of 1, None where nothing is known.

    `ahead` is the step that was judged (1: the next one), or WHOLE_DAY. `steps` says of how many.
    `skill` is 1 - its mean absolute error over that of the seasonal naive at the same steps.
    `pinball` is in the unit of the series. `bias` is forecast minus truth over truth: above 0 it
    says too much.
    """

    target: str
    made_at: int
    days: int
    ahead: int
    steps: int
    one_minus_wape: float | None
    naive_one_minus_wape: float | None
    noise_floor: float | None
    skill: float | None
    coverage80: float | None
    coverage95: float | None
    pinball: float | None
    bias: float | None
    drifted: bool


def accuracies(
    target: str,
    pairs: Iterable[Pair],
    now: int,
    noise_floor: float | None = None,
    drifted: bool = False,
) -> list[Accuracy]:
    """One for each of WINDOWS_DAYS and AHEADS that has a pair; forecasting.md 4.1 and 9.4.

    `now` is UTC epoch seconds: a window holds the steps that began within so many days before.
    """
    tallies = {(days, ahead): _Tally() for days in WINDOWS_DAYS for ahead in AHEADS}
    for pair in pairs:
        for days in WINDOWS_DAYS:
            if now - days * DAY_SECONDS <= pair.begun_at < now:
                tallies[days, pair.ahead].add(pair)
    return [
        tally.accuracy(target, now, key, noise_floor, drifted)
        for key, tally in tallies.items()
        if tally.steps
    ]


def accuracy_of(known: Sequence[Accuracy], days: int, ahead: int) -> Accuracy | None:
    """The newest of that window."""
    found = [each for each in known if (each.days, each.ahead) == (days, ahead)]
    return max(found, key=lambda each: each.made_at, default=None)


class _Tally:
    """Sums over pairs; of the pinball over the five quantiles of forecasting.md 4.1."""

    def __init__(self) -> None:
        self.steps = 0
        self._error = self._naive_error = self._truth = self._over = self._pinball = 0.0
        self._within80 = self._within95 = 0

    def add(self, pair: Pair) -> None:
        band, truth, mean = pair.band, pair.truth, pair.mean
        self.steps += 1
        self._error += abs(mean - truth)
        self._naive_error += abs(pair.naive - truth)
        self._truth += abs(truth)
        self._over += mean - truth
        self._within80 += band[LOW80] <= truth <= band[HIGH80]
        self._within95 += band[LOW95] <= truth <= band[HIGH95]
        self._pinball += (
            pinball(0.025, band[LOW95], truth)
            + pinball(0.1, band[LOW80], truth)
            + pinball(0.5, mean, truth)
            + pinball(0.9, band[HIGH80], truth)
            + pinball(0.975, band[HIGH95], truth)
        ) / 5

    def accuracy(
        self,
        target: str,
        now: int,
        key: tuple[int, int],
        noise_floor: float | None,
        drifted: bool,
    ) -> Accuracy:
        truth = self._truth
        return Accuracy(
            target=target,
            made_at=now,
            days=key[0],
            ahead=key[1],
            steps=self.steps,
            one_minus_wape=1 - self._error / truth if truth else None,
            naive_one_minus_wape=1 - self._naive_error / truth if truth else None,
            noise_floor=noise_floor,
            skill=1 - self._error / self._naive_error if self._naive_error else None,
            coverage80=self._within80 / self.steps,
            coverage95=self._within95 / self.steps,
            pinball=self._pinball / self.steps,
            bias=self._over / truth if truth else None,
            drifted=drifted,
        )


def pinball(q: float, said: float, truth: float) -> float:
    """The loss of a quantile: least on average where it is the true one.

    >>> pinball(0.9, 8.0, 10.0), pinball(0.9, 12.0, 10.0)
    (1.8, 0.19999999999999996)
    """
    return q * (truth - said) if truth >= said else (1 - q) * (said - truth)
