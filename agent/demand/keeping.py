"""What comes back of a work, as the store keeps it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.demand.shapes import Done, Forecast, Work

if TYPE_CHECKING:
    from data.ops.demand import DemandBatch


def batch_of(done: Done, work: Work) -> "DemandBatch":
    """Of one that has an answer. Raises KeyError, TypeError, ValueError for what is none."""
    from data.ops.demand import DemandBatch, KeptFit, MonthForecast

    answer = done.answer
    if not isinstance(answer, Mapping):
        raise TypeError(f"{done.key} ({done.kind}) has no table for an answer")
    if done.kind == "daily":
        return DemandBatch(forecasts=[("daily", _forecast(answer, done))])
    if done.kind == "refresh":
        return DemandBatch(forecasts=[("refresh", _forecast(answer, done))])
    document = json.dumps(answer, ensure_ascii=False)
    if done.kind == "short":
        return DemandBatch(fits=[KeptFit(done.key, "short", work.now, document)])
    start_at, end_at = int(work.args["start_at"]), int(work.args["end_at"])
    return DemandBatch(months=[MonthForecast(done.key, start_at, end_at, work.now, document)])


def _forecast(answer: Mapping[str, Any], done: Done) -> Forecast:
    return Forecast.from_json(answer)._replace(cpu_seconds=done.cpu_seconds)
