"""The ensemble: the median of those models that were good lately (forecasting.md 6.3)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.forecasts.shapes import Values

THRESHOLD = 1.5
"""On eight models; forecasting.md 6.5 found no difference from 1.3 to 1.6 on six."""
FADING = 0.85
"""The weight of each origin beside the next newer one, 9 h later."""


class Kept(NamedTuple):
    """`members` are those whose median is the forecast, `errors` that median's in the backtest.

    `left_out` were more wrong than THRESHOLD times the best.
    """

    members: tuple[str, ...]
    left_out: tuple[str, ...]
    errors: Values


def kept_of(errors: Mapping[str, Values]) -> Kept:
    """`errors` by model, of shape [origins, horizon], NaN where there is no truth; not empty.

    Where no origin has a truth nothing can be told apart: all are kept.
    """
    scores = {name: score(rows) for name, rows in errors.items()}
    limit = THRESHOLD * min(scores.values())
    kept = tuple(name for name in errors if scores[name] <= limit)
    left_out = tuple(name for name in errors if name not in kept)
    return Kept(kept, left_out, median_of([errors[name] for name in kept]))


def score(rows: Values) -> float:
    """Mean absolute error, newest origin first; what is newer counts more."""
    weights = np.broadcast_to(FADING ** np.arange(len(rows))[:, None], rows.shape)
    at = np.isfinite(rows)
    return float(np.average(np.abs(rows[at]), weights=weights[at])) if at.any() else 0.0


def median_of(rows: Sequence[Values]) -> Values:
    return np.asarray(np.median(np.array(rows), axis=0), dtype=np.float64)
