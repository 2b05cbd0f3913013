"""Forecasts by statsforecast and Prophet, run by the Python of the peers' own environment.

    PYTHON bench/forecast_peers.py PEER < questions > answers

A question is a line of JSON, {"values": [...], "steps": 24}; so is its answer: {"means", "bands",
"cpu_seconds"} or {"failed"}. The first question of a process is asked twice, so that no time counts
that is spent once only. Times are of the process and of its children (Stan is one).
"""

import json
import logging
import resource
import sys
import warnings
from collections.abc import Callable

import numpy as np

Answer = tuple[np.ndarray, list[np.ndarray]]
DAY, WEEK = 24, 168
SAMPLES = 1_000


def by_statsforecast(model: object, values: np.ndarray, steps: int) -> Answer:
    told = model.forecast(y=values, h=steps, level=[80, 95])
    return told["mean"], [told[name] for name in ("lo-95", "lo-80", "hi-80", "hi-95")]


def sf_dot(values: np.ndarray, steps: int) -> Answer:
    from statsforecast.models import DynamicOptimizedTheta

    return by_statsforecast(DynamicOptimizedTheta(season_length=DAY), values, steps)


def sf_autotheta(values: np.ndarray, steps: int) -> Answer:
    from statsforecast.models import AutoTheta

    return by_statsforecast(AutoTheta(season_length=DAY), values, steps)


def sf_autoets(values: np.ndarray, steps: int) -> Answer:
    from statsforecast.models import AutoETS

    return by_statsforecast(AutoETS(season_length=DAY), values, steps)


def sf_mstl(values: np.ndarray, steps: int) -> Answer:
    from statsforecast.models import MSTL

    return by_statsforecast(MSTL(season_length=_seasons(values)), values, steps)


def sf_mstl_arima(values: np.ndarray, steps: int) -> Answer:
    from statsforecast.models import MSTL, AutoARIMA

    model = MSTL(season_length=_seasons(values), trend_forecaster=AutoARIMA())
    return by_statsforecast(model, values, steps)


def _seasons(values: np.ndarray) -> list[int]:
    """A week must be known twice."""
    return [DAY, WEEK] if len(values) > 2 * WEEK else [DAY]


def prophet(values: np.ndarray, steps: int) -> Answer:
    """Ten terms for the day and a looser trend: the better of eight settings over 1 h and 24 h."""
    import pandas as pd
    from prophet import Prophet

    moments = pd.date_range("2024-01-01", periods=len(values) + steps, freq="h")
    model = Prophet(
        daily_seasonality=10,
        weekly_seasonality=len(values) >= 2 * WEEK,
        yearly_seasonality=False,
        changepoint_prior_scale=0.5,
        uncertainty_samples=0,
    )
    model.fit(pd.DataFrame({"ds": moments[: len(values)], "y": values}))
    ahead = pd.DataFrame({"ds": moments[len(values) :]})
    means = model.predict(ahead)["yhat"].to_numpy()
    model.uncertainty_samples = SAMPLES
    drawn = model.predictive_samples(ahead)["yhat"]
    return means, list(np.quantile(drawn, [0.025, 0.1, 0.9, 0.975], axis=1))


PEERS: dict[str, Callable[[np.ndarray, int], Answer]] = {
    "sf_dot": sf_dot,
    "sf_autotheta": sf_autotheta,
    "sf_autoets": sf_autoets,
    "sf_mstl": sf_mstl,
    "sf_mstl_arima": sf_mstl_arima,
    "prophet": prophet,
}


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def answer(peer: Callable[[np.ndarray, int], Answer], question: dict) -> dict:
    np.random.seed(7)
    values, steps = np.array(question["values"], dtype=float), int(question["steps"])
    began = cpu_seconds()
    try:
        means, bands = peer(values, steps)
    except Exception as problem:  # noqa: BLE001 - what a peer cannot do is told, not passed on
        return {"failed": f"{type(problem).__name__}: {problem}"[:200]}
    seconds = cpu_seconds() - began
    if not np.all(np.isfinite([means, *bands])):
        return {"failed": "not finite"}
    shape = {"means": list(map(float, means)), "bands": [list(map(float, row)) for row in bands]}
    return {**shape, "cpu_seconds": seconds}


def main() -> None:
    warnings.simplefilter("ignore")
    for name in ("cmdstanpy", "prophet", "prophet.plot"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    peer = PEERS[sys.argv[1]]
    is_first = True
    for line in sys.stdin:
        question = json.loads(line)
        if is_first:
            answer(peer, question)
            is_first = False
        print(json.dumps(answer(peer, question)), flush=True)


if __name__ == "__main__":
    main()
