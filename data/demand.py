"""What pages ask the store about forecasts, and how good they were.

Everything raises AgentSilent and QueryRefused. A span is [since, until) in UTC epoch seconds.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from data.rows import Answers
from models.demand.accuracy import Accuracy
from models.demand.shapes import Forecast, Measured
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
    raise NotImplementedError


def past(reader: Answers, target: str, span: Span, ahead: int = 1) -> Past:
    """For each step of a span the newest forecast that was made at least `ahead` steps before.

    `ahead` 1: just before the step began.
    """
    raise NotImplementedError


def accuracies(reader: Answers, target: str) -> list[Accuracy]:
    """The newest of each window and step ahead; see `accuracy_of`."""
    raise NotImplementedError


def accuracy_history(reader: Answers, target: str, days: int, ahead: int) -> list[Accuracy]:
    """All that are kept of one window, oldest first."""
    raise NotImplementedError


def measured_hours(reader: Answers, target: str, span: Span) -> Measured:
    """Truths of whole steps; None where nothing was measured, or money was missing."""
    raise NotImplementedError


def plans(reader: Answers, pool: str, span: Span) -> list[Plan]:
    """Oldest first: each stands until the next."""
    raise NotImplementedError


def month_document(reader: Answers, bucket_id: str, start_at: int) -> tuple[int, str] | None:
    """The newest of the period that begins then: when it was made, and its JSON."""
    raise NotImplementedError
