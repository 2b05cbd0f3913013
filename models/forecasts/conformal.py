"""Bands from the errors of the backtest: how far off the forecast was is how far it may be."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from models.demand.shapes import QUANTILES
from models.forecasts.shapes import Values

NEIGHBOURS = 2
LEAST_SCALE = 1e-9


class Widths(NamedTuple):
    """`scale`: typical error of each step; `factors`: how many of it are each of QUANTILES.

    Those below the middle are negative.
    """

    scale: tuple[float, ...]
    factors: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        return {"scale": list(self.scale), "factors": list(self.factors)}

    @classmethod
    def from_json(cls, shape: Mapping[str, Any]) -> "Widths":
        return cls(tuple(shape["scale"]), tuple(shape["factors"]))


def growth(steps: int, horizon: int) -> Values:
    """How errors grow with the step, as a random walk does in part (forecasting.md 6.4)."""
    roots = np.sqrt(np.arange(1, steps + 1))
    return np.asarray(0.5 + 0.5 * roots / roots[:horizon].mean(), dtype=np.float64)


def widths_of(errors: Values) -> Widths:
    """Split conformal, symmetric, on errors scaled by step (forecasting.md 6.4).

    `errors` of shape [origins, horizon]; NaN where there is no truth. An upper quantile p is the
    upper end of the band of 2p - 1.
    """
    sizes = np.abs(errors)
    horizon = sizes.shape[1]
    overall = float(np.nanmean(sizes)) if np.isfinite(sizes).any() else 0.0
    near = [
        sizes[:, max(step - NEIGHBOURS, 0) : step + NEIGHBOURS + 1].ravel()
        for step in range(horizon)
    ]
    local = np.array([np.nanmean(part) if np.isfinite(part).any() else overall for part in near])
    by_growth = growth(horizon, horizon)
    scale = np.maximum(0.5 * local + 0.5 * overall * by_growth / by_growth.mean(), LEAST_SCALE)
    scaled = (sizes / scale).ravel()
    scaled = scaled[np.isfinite(scaled)]
    return Widths(tuple(scale.tolist()), factors_of(scaled, len(errors)))


def factors_of(scaled: Values, origins: int) -> tuple[float, ...]:
    """Few origins say little about the rare: each band reads a quantile further out for that."""
    factors = []
    for q in QUANTILES:
        level = abs(2 * q - 1)
        reach = min(1.0, level * (1 + 1 / max(origins, 1)))
        far = float(np.quantile(scaled, reach)) if level > 0 and len(scaled) else 0.0
        factors.append(far if q > 0.5 else -far)
    return tuple(factors)


def bands_around(means: Values, widths: Widths, widen: float) -> Values:
    """Shape [len(QUANTILES), steps], never crossing; steps beyond the horizon are extrapolated."""
    steps, horizon = len(means), len(widths.scale)
    scale = np.array(widths.scale)
    if steps > horizon:
        by_growth = growth(steps, horizon)
        scale = np.concatenate([scale, scale[-1] * by_growth[horizon:] / by_growth[horizon - 1]])
    reach = np.array(widths.factors)[:, None] * scale[:steps] * widen
    return np.asarray(means + reach, dtype=np.float64)
