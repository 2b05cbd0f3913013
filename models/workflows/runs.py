"""The runs of one workflow, counted: what its series and its line on the page are made of."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from models.monitoring import Execution
from models.workflows.payloads import BY_HAND, ENDED, FAILED, UNKNOWN

HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
HISTORY_SECONDS = 35 * DAY_SECONDS
THINNED_SECONDS = 300.0
"""Of starts closer than this the first one stays: habits are told by minutes, not by bursts."""

DURATIONS_MAX = 500
MOMENTS_MAX = 10_000
FAILURES_MAX = 5


class Failure(NamedTuple):
    """A run that failed; `error` is empty where nobody asked n8n for its text."""

    execution_id: str
    failed_at: float
    error: str


class Summary(NamedTuple):
    """Counts of the last hour and day; seconds and the rate are None where nothing tells them.

    `success_rate` leaves out what was canceled. `wait_seconds` is the 95th percentile of the time
    between queued and started, known only of runs that were seen in the queue.
    """

    runs_hour: int
    successes_hour: int
    failures_hour: int
    runs_day: int
    failures_day: int
    success_rate: float | None
    median_seconds: float | None
    p95_seconds: float | None
    wait_seconds: float | None
    last_success_at: float | None
    last_run_at: float | None
    streak: int


class RunLog:
    """Every run is added once, when it has ended; its start as soon as it is known."""

    def __init__(self, starts: Iterable[float] = (), last_success_at: float | None = None) -> None:
        self.starts = array("d", sorted(starts))
        self.version = 0
        """Grows with every start that counts, so that who learned from them knows when to again."""
        self.last_success_at = last_success_at
        self.last_run_at = self.starts[-1] if self.starts else None
        self.failures: deque[Failure] = deque(maxlen=FAILURES_MAX)
        self._ended = array("d")
        self._succeeded = array("d")
        self._failed = array("d")
        self._failed_since: list[float] = []
        self._durations: deque[float] = deque(maxlen=DURATIONS_MAX)
        self._waits: deque[float] = deque(maxlen=DURATIONS_MAX)
        self._sorted: tuple[list[float], list[float]] | None = None

    def start(self, execution: Execution) -> None:
        """Take the start of a run; once or more often makes no difference."""
        at = execution.started_at
        if at is None or execution.mode in BY_HAND:
            return
        if self.last_run_at is None or at > self.last_run_at:
            self.last_run_at = at
        if execution.mode == "retry":
            return  # A person's second try tells nothing of when the workflow starts by itself.
        self._learn(at)

    def end(self, execution: Execution) -> None:
        """Take a run that has ended. Which one does not matter, but each must come only once."""
        if execution.status not in ENDED or execution.mode in BY_HAND:
            return
        at = execution.stopped_at or execution.started_at or execution.seen_at
        self._measure(execution)
        if execution.status == UNKNOWN:
            return
        _insert(self._ended, at)
        if execution.status == "success":
            _insert(self._succeeded, at)
            self.last_success_at = max(at, self.last_success_at or at)
            self._failed_since = [f for f in self._failed_since if f > at]
        elif execution.status in FAILED:
            _insert(self._failed, at)
            self.tell(Failure(execution.execution_id, at, execution.error))
            if self.last_success_at is None or at > self.last_success_at:
                insort(self._failed_since, at)
                del self._failed_since[:-MOMENTS_MAX]

    def tell(self, failure: Failure) -> None:
        """Keep a failure among the last ones; what is known of it already is replaced."""
        others = [known for known in self.failures if known.execution_id != failure.execution_id]
        newest = sorted([*others, failure], key=lambda known: known.failed_at)
        self.failures = deque(newest[-FAILURES_MAX:], maxlen=FAILURES_MAX)

    def prove(self, at: float, *, success: bool, learn: bool) -> None:
        """n8n's counters saw it run; `learn` where its runs are in no list."""
        self.last_run_at = max(at, self.last_run_at or at)
        if success:
            self.last_success_at = max(at, self.last_success_at or at)
            self._failed_since.clear()
        if learn:
            self._learn(at)

    def summary(self, now: float) -> Summary:
        for moments in (self._ended, self._succeeded, self._failed):
            del moments[: bisect_right(moments, now - DAY_SECONDS)]
        del self.starts[: bisect_right(self.starts, now - HISTORY_SECONDS)]
        hour = now - HOUR_SECONDS
        judged = len(self._succeeded) + len(self._failed)
        durations, waits = self._in_order()
        return Summary(
            runs_hour=_since(self._ended, hour),
            successes_hour=_since(self._succeeded, hour),
            failures_hour=_since(self._failed, hour),
            runs_day=len(self._ended),
            failures_day=len(self._failed),
            success_rate=len(self._succeeded) / judged if judged else None,
            median_seconds=quantile(durations, 0.5),
            p95_seconds=quantile(durations, 0.95),
            wait_seconds=quantile(waits, 0.95),
            last_success_at=self.last_success_at,
            last_run_at=self.last_run_at,
            streak=len(self._failed_since),
        )

    def _learn(self, at: float) -> None:
        place = bisect_left(self.starts, at)
        near = self.starts[max(0, place - 1) : place + 1]
        if all(abs(at - other) >= THINNED_SECONDS for other in near):
            self.starts.insert(place, at)
            self.version += 1

    def _measure(self, execution: Execution) -> None:
        queued, started, stopped = execution.queued_at, execution.started_at, execution.stopped_at
        if execution.status == "success" and started is not None and stopped is not None:
            self._durations.append(max(0.0, stopped - started))
        if queued is not None and started is not None:
            self._waits.append(max(0.0, started - queued))
        self._sorted = None

    def _in_order(self) -> tuple[list[float], list[float]]:
        if self._sorted is None:
            self._sorted = (sorted(self._durations), sorted(self._waits))
        return self._sorted


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Linear between the two nearest; None of nothing.

    >>> quantile([1.0, 2.0, 4.0], 0.5), quantile([1.0, 3.0], 0.75), quantile([], 0.5)
    (2.0, 2.5, None)
    """
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _insert(moments: "array[float]", at: float) -> None:
    moments.insert(bisect_right(moments, at), at)
    if len(moments) > MOMENTS_MAX:
        del moments[0]


def _since(moments: "array[float]", since: float) -> int:
    return len(moments) - bisect_right(moments, since)
