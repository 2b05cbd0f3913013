"""What forecasts are worth: forecasting.md 4.1 and 4.7. Arrays in, figures out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from bench.forecast_protocol import LEVELS, Answer, Window

RESAMPLES, SEED = 4_000, 7


class Scores(NamedTuple):
    """Of one method at one horizon: an entry for each series."""

    mase: np.ndarray
    accuracy: np.ndarray
    covered80: np.ndarray
    covered95: np.ndarray
    pinball: np.ndarray
    cpu_ms: np.ndarray


class Compared(NamedTuple):
    """Our error beside another's: how much more (-0.1: 10 % less), its interval of 95 %."""

    more: float
    low: float
    high: float
    better: int
    series: int


def pinball(actual: np.ndarray, quantile: np.ndarray, level: float) -> np.ndarray:
    """Loss of a quantile; at .5 it is half of the absolute error.

    >>> pinball(np.array([1.0, 3.0]), np.array([2.0, 2.0]), 0.9).round(3)
    array([0.1, 0.9])
    """
    over = actual - quantile
    return np.maximum(level * over, (level - 1) * over)


def scores(windows: Sequence[Window], answers: Sequence[Answer], steps: int) -> Scores:
    """Over the first `steps`; windows of one series stand together."""
    rows: dict[int, list[tuple[Window, Answer]]] = {}
    for window, answer in zip(windows, answers, strict=True):
        rows.setdefault(window.series, []).append((window, answer))
    figures = [_row(pairs, steps) for pairs in rows.values()]
    return Scores(*np.array(figures).T)


def _row(pairs: list[tuple[Window, Answer]], steps: int) -> tuple[float, ...]:
    actual = np.stack([window.actual[:steps] for window, _ in pairs])
    means = np.stack([answer.means[:steps] for _, answer in pairs])
    bands = np.stack([answer.bands[:, :steps] for _, answer in pairs])
    scale = np.array([[window.scale] for window, _ in pairs])
    errors = np.abs(actual - means)
    losses = [pinball(actual, bands[:, row], level) for row, level in enumerate(LEVELS)]
    losses.append(pinball(actual, means, 0.5))
    low95, low80, high80, high95 = (bands[:, row] for row in range(len(LEVELS)))
    total = np.sum(np.abs(actual))
    return (
        float(np.mean(errors / scale)),
        100 * (1 - float(np.sum(errors) / total)) if total > 0 else float("nan"),
        float(np.mean((low80 <= actual) & (actual <= high80))),
        float(np.mean((low95 <= actual) & (actual <= high95))),
        float(np.mean(np.stack(losses) / scale)),
        float(np.median([1_000 * answer.cpu_seconds for _, answer in pairs])),
    )


def relative(mase: np.ndarray, naive: np.ndarray) -> float:
    """relMAE: the geometric mean over series of MASE beside the seasonal naive's.

    >>> round(relative(np.array([1.0, 4.0]), np.array([2.0, 2.0])), 6)
    1.0
    """
    return float(np.exp(np.mean(_log_ratios(mase, naive))))


def _log_ratios(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(ours, 1e-9)) - np.log(np.maximum(theirs, 1e-9))


def compared(ours: np.ndarray, theirs: np.ndarray) -> Compared:
    """Bootstrap over series of the mean log ratio of MASE, percentile interval, fixed seed."""
    ratios = _log_ratios(ours, theirs)
    picks = np.random.default_rng(SEED).integers(0, len(ratios), (RESAMPLES, len(ratios)))
    low, high = np.percentile(ratios[picks].mean(axis=1), [2.5, 97.5])
    more, low, high = (float(np.expm1(each)) for each in (ratios.mean(), low, high))
    return Compared(more, low, high, int(np.sum(ours < theirs)), len(ratios))


def ranks(mases: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Mean place of each method by MASE; equals share their places.

    >>> ranks({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 2.0])})
    {'a': 1.25, 'b': 1.75}
    """
    table = np.stack(list(mases.values()))
    below = (table[None, :, :] < table[:, None, :]).sum(axis=1)
    equal = (table[None, :, :] == table[:, None, :]).sum(axis=1)
    places = (below + (equal + 1) / 2).mean(axis=1)
    return dict(zip(mases, map(float, places), strict=True))


def median_of(members: Sequence[Sequence[Answer]]) -> list[Answer]:
    """The ensemble of several methods: the median of each number, the sum of their times."""
    return [
        Answer(
            np.median([each.means for each in row], axis=0),
            np.median([each.bands for each in row], axis=0),
            sum(each.cpu_seconds for each in row),
        )
        for row in zip(*members, strict=True)
    ]
