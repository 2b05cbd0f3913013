"""Whether a forecast errs more than it did, or to one side: then it is fitted anew, at once.

Three sums (CUSUM; Page, Continuous inspection schemes, 1954) over the errors in units of the
error of the backtest: of their size, of too low and of too high. A sum grows by what lies above
its allowance, never falls below zero, and raises the alarm above its limit. A single error counts
four at most, so that no spike alone is a drift. Allowances and limits are from a simulation of
months of errors: less than one false alarm in 720 hours for normal, Laplace and t(3) errors, for
errors that follow one another (0.3) and for errors that are larger by day; errors twice as large
are found within a day, a bias of 1.5 within 13 hours (in the median).
"""

from collections.abc import Sequence

from models.messages import Message, say

SIZE_ALLOWED, SIZE_LIMIT = 1.5, 12.0
BIAS_ALLOWED, BIAS_LIMIT = 1.0, 8.0
COUNTS_MAX = 4.0
KEPT = 1.25
"""A sum is kept below so many limits: so a forecast that is good again soon counts as good."""


def drift(errors: Sequence[float | None], reference: float) -> Message | None:
    """Why a forecast drifts at the last of its errors; None: it does not.

    `errors` are truth minus forecast, one step ahead, oldest first; None where there is no truth.
    Give those of the last seven days, or those since it was last fitted for a drift. `reference`
    is the mean absolute error of the same forecast in its backtest.
    """
    unit = reference if reference > 0 else 1e-12
    size = low = high = 0.0
    for error in errors:
        if error is None:
            continue
        scaled = max(-COUNTS_MAX, min(COUNTS_MAX, error / unit))
        size = _sum(size, abs(scaled) - SIZE_ALLOWED, SIZE_LIMIT)
        low = _sum(low, scaled - BIAS_ALLOWED, BIAS_LIMIT)
        high = _sum(high, -scaled - BIAS_ALLOWED, BIAS_LIMIT)
    if low > BIAS_LIMIT:
        return say("for hours it has been forecast too low: it is fitted anew")
    if high > BIAS_LIMIT:
        return say("for hours it has been forecast too high: it is fitted anew")
    if size > SIZE_LIMIT:
        return say("for hours it has erred more than in its backtest: it is fitted anew")
    return None


def drifted(errors: Sequence[float | None], reference: float) -> bool:
    """Whether `drift` finds one.

    >>> drifted([1.0, -0.5] * 50, 1.0), drifted([3.0] * 6, 1.0)
    (False, True)
    """
    return drift(errors, reference) is not None


def _sum(before: float, growth: float, limit: float) -> float:
    return min(KEPT * limit, max(0.0, before + growth))
