"""What pages ask the store about forecasts, and how good they were.

Everything raises AgentSilent and QueryRefused. A span is [since, until) in UTC epoch seconds.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from data.demand_sql import (
    ACCURACIES,
    BAND,
    HOURS,
    LATEST,
    MONTH,
    MONTH_ENDS,
    PLANS,
    accuracy_of_row,
    forecast_of,
    pairs_question,
    plan_of,
)
from data.rows import Answers, rows_of
from models.costs.month_judged import Projected, projected_of
from models.demand.accuracy import Accuracy
from models.demand.shapes import HOUR_SECONDS, QUANTILES, Forecast, Measured
from models.scaling.shapes import Plan

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

Span = tuple[float, float]


class Past(NamedTuple):
    """What was forecast of past steps and what came true: arrays of one length, oldest first.

    `at` is when each step began (UTC epoch seconds). `truth` is NaN where nothing was measured,
    or money was missing.
    """

    at: "Numbers"
    mean: "Numbers"
    low80: "Numbers"
    high80: "Numbers"
    low95: "Numbers"
    high95: "Numbers"
    naive: "Numbers"
    truth: "Numbers"


def latest(reader: Answers, target: str) -> Forecast | None:
    """The newest forecast, without its state; None before the first."""
    rows = rows_of(reader.columns(LATEST, [target]))
    return forecast_of(rows[0]) if rows else None


def past(reader: Answers, target: str, span: Span, ahead: int = 1) -> Past:
    """For each step of a span the newest forecast that was made at least `ahead` steps before.

    `ahead` 1: just before the step began. Steps that nobody forecast are left out.
    """
    columns = reader.columns(*pairs_question(target, span, ahead))
    edges = (BAND[QUANTILES.index(q)] for q in (0.1, 0.9, 0.025, 0.975))
    names = ("begun", "mean", *edges, "naive", "truth")
    return Past(*(columns[name].astype(float) for name in names))


def accuracies(reader: Answers, target: str) -> list[Accuracy]:
    """The newest of each window and step ahead; see `accuracy_of`."""
    return [accuracy_of_row(row) for row in rows_of(reader.columns(ACCURACIES, [target]))]


def measured_hours(reader: Answers, target: str, span: Span) -> Measured:
    """Truths of whole steps; None where nothing was measured, or money was missing.

    Steps are hours, of spending days: as wide as the newest of them.
    """
    rows = rows_of(reader.columns(HOURS, [target, *span]))
    if not rows:
        return Measured(int(span[0]), HOUR_SECONDS, ())
    step = int(rows[-1]["step_seconds"])
    known = {int(row["begun"]): row["value"] for row in rows if row["step_seconds"] == step}
    moments = range(min(known), max(known) + step, step)
    return Measured(moments[0], step, tuple(known.get(at) for at in moments))


def plans(reader: Answers, pool: str, span: Span) -> list[Plan]:
    """Oldest first, the one first that was in force when the span began; each until the next."""
    return [plan_of(row) for row in rows_of(reader.columns(PLANS, [pool, *span]))]


def month_document(reader: Answers, bucket_id: str, start_at: int) -> tuple[int, str] | None:
    """The newest of the period that begins then: when it was made, and its JSON."""
    rows = rows_of(reader.columns(MONTH, [bucket_id, start_at]))
    return (int(rows[0]["made_at"]), rows[0]["document"]) if rows else None


def projections(reader: Answers, bucket_id: str, start_at: int) -> list[Projected]:
    """All that were kept of the period that begins then, oldest first."""
    rows = rows_of(reader.columns(MONTH_ENDS, [bucket_id, start_at]))
    found = [
        projected_of(int(row["made_at"]), row["end"], int(row["naive_micro"] or 0)) for row in rows
    ]
    return [each for each in found if each is not None]
