"""What became of work that waits or runs again, as the store saw it, by few questions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from agent.asking import Asking
from agent.sampling import Clocks
from agent.waiting.finding import Finding
from data.control import Control
from data.ops.refused import later_jobs, retries
from data.waiting import change, items
from models.tiers import DAY_SECONDS
from models.waiting.asking import is_over
from models.waiting.item import RUNNING, WaitingItem
from models.waiting.proving import SKEW_SECONDS, LaterRun, judged

JUDGED_SECONDS = 31.0 * DAY_SECONDS
"""What has not changed for longer is not looked after any more."""


class Judging:
    """`step` is for one thread. Raises StoreError."""

    def __init__(self, control: Control, store: Asking, clocks: Clocks, finding: Finding) -> None:
        self._control = control
        self._store = store
        self._clocks = clocks
        self._finding = finding

    def step(self, tries_max: int) -> None:
        now = self._clocks.wall()
        lots: dict[tuple[str, str], list[WaitingItem]] = defaultdict(list)
        for item in items(self._control):
            if not is_over(item) and now - item.changed_at <= JUDGED_SECONDS:
                lots[(item.source, "") if item.is_n8n else item.lane].append(item)
        for lot in lots.values():
            runs = self._runs_of(lot)
            for item in lot:
                after = judged(item, _own(item, runs), now, tries_max)
                if after != item:
                    change(self._control, item, after)

    def earlier(self, item: WaitingItem) -> set[str]:
        """Runs that tried an execution again before this time."""
        runs = self._retries(item.source, [item.execution_id])
        return {run.run_id for run in runs if run.at < item.begun_at - SKEW_SECONDS}

    def _runs_of(self, lot: Sequence[WaitingItem]) -> dict[str, list[LaterRun]]:
        """Of work of one n8n, or of one analysis."""
        found: dict[str, list[LaterRun]] = defaultdict(list)
        if lot[0].is_n8n:
            for run in self._retries(lot[0].source, [item.execution_id for item in lot]):
                found[run.of].append(run)
            return found
        runs = [item.begun_at - SKEW_SECONDS for item in lot if item.state == RUNNING]
        moments = runs + [item.since for item in lot if item.key]
        if not moments:
            return found
        itself = {item.execution_id for item in lot}
        ask = partial(later_jobs, name=lot[0].kind, since=min(moments))
        for run in self._store.read(ask):
            if run.run_id not in itself:
                error = self._finding.said_by(run.run_id, run.error)
                found[run.of].append(run._replace(error=error))
        return found

    def _retries(self, source: str, execution_ids: Sequence[str]) -> list[LaterRun]:
        return self._store.read(partial(retries, source=source, execution_ids=execution_ids))


def _own(item: WaitingItem, runs: Mapping[str, Sequence[LaterRun]]) -> Sequence[LaterRun]:
    """Of an analysis without a key, only a run that began with us is one of its own."""
    if item.is_n8n:
        return runs.get(item.execution_id, ())
    found = runs.get(item.key, ())
    if item.key:
        return found
    begun_at = item.begun_at - SKEW_SECONDS
    return [run for run in found if item.state == RUNNING and run.at >= begun_at]
