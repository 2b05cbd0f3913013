"""Is this workflow silent? What has to be known before that may be asked."""

from typing import NamedTuple

from models.messages import Message, say
from models.workflows.payloads import Workflow
from models.workflows.runs import RunLog
from models.workflows.silence import Calendar, Expectation, Habit, Rule, expect, learn

RELEARN_SECONDS = 3600.0


class Silence(NamedTuple):
    """`why_not` says why it cannot be judged; then `silent` is False and means nothing.

    `expected_gap_seconds` is the usual time from the last run to the next at that time of the
    week, `since_at` when it was over too long.
    """

    silent: bool
    expected_gap_seconds: float | None = None
    since_at: float | None = None
    why_not: Message | None = None


class Watched:
    """One workflow: its runs, what n8n says of it, and what was learned of its habits."""

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self.info: Workflow | None = None
        self.active_since: float | None = None
        """When it was seen to be switched on again: before that nothing was expected of it."""
        self.counted = False
        """Whether n8n's counters tell of each run, also of those that are in no list."""
        self._habit: Habit | Message | None = None
        self._learned = (-1, 0.0)
        self._expectation: Expectation | None = None

    def describe(self, info: Workflow, now: float) -> None:
        if self.info is not None and info.active and not self.info.active:
            self.active_since = now
        self.info = info

    def wants_to_learn(self, now: float) -> bool:
        """True where a habit could have changed; it costs milliseconds, so not at each run."""
        if self.info is None or not self.info.active:
            return False
        version, at = self._learned
        is_due = self._habit is None or now - at >= RELEARN_SECONDS
        return is_due and version != self.log.version

    def learn(self, calendar: Calendar, rule: Rule, now: float) -> None:
        self._habit = learn(self.log.starts, calendar, rule)
        self._learned = (self.log.version, now)
        self._expectation = None

    def silence(self, calendar: Calendar, rule: Rule, now: float | None) -> Silence:
        """`now` is when the executions were last read; None before the first time."""
        why_not = self._why_not(now)
        last_run_at = max(filter(None, (self.log.last_run_at, self.active_since)), default=None)
        habit = self._habit
        if why_not is not None or last_run_at is None or now is None:
            return Silence(False, why_not=why_not or say("no run of it was seen yet"))
        if not isinstance(habit, Habit):
            return Silence(False, why_not=habit or say("its habits were not learned yet"))
        known = self._expectation
        if known is None or known.last_run_at != last_run_at:
            known = self._expectation = expect(habit, last_run_at, calendar, rule)
        if known.silent_from is None:
            return Silence(False, why_not=say("no run is expected in the next weeks"))
        is_silent = now >= known.silent_from
        return Silence(is_silent, known.gap_seconds, known.silent_from if is_silent else None)

    def _why_not(self, now: float | None) -> Message | None:
        info = self.info
        if now is None:
            return say("its executions were not read yet")
        if info is None:
            return say("it is not in n8n's list of workflows")
        if info.archived:
            return say("it is archived")
        if not info.active:
            return say("it is not active")
        if info.saves_successes or self.counted:
            return None
        return say("n8n keeps no successful runs of it, and its metrics do not count them")
