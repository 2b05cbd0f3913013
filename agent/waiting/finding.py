"""Taking in what was refused: out of what the store knows already, so nobody is asked twice."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

from agent.asking import Asking
from agent.sampling import Clocks
from data.control import Control
from data.ops.refused import Failed, refused_executions, refused_jobs, usual_micro
from data.waiting import items, take_in
from models.tiers import DAY_SECONDS
from models.waiting.asking import is_over
from models.waiting.item import JOBS, RUNNING, WAITING, WaitingItem, id_of
from models.waiting.proving import SKEW_SECONDS
from models.waiting.recognising import MARK, recognise

BACK_SECONDS = 31.0 * DAY_SECONDS
"""What failed longer ago is not taken in any more; of a month that is over nobody waits."""
LATE_SECONDS = 3_600.0
"""How much later than a run's end what it said may come to the store."""
USUAL_DAYS = 30.0


class Finding:
    """`step` is for one thread. Raises StoreError."""

    def __init__(self, control: Control, store: Asking, clocks: Clocks) -> None:
        self.left_out = 0
        """How many had no room at the last look."""
        self._control = control
        self._store = store
        self._clocks = clocks
        self._since: float | None = None
        self._said: dict[str, str] = {}

    def step(self) -> None:
        now = self._clocks.wall()
        since = now - BACK_SECONDS if self._since is None else self._since - LATE_SECONDS
        executions = self._store.read(partial(refused_executions, mark=MARK, since=since))
        jobs = self._store.read(partial(refused_jobs, mark=MARK, since=since))
        self._said = {each.run_id: each.said for each in jobs}
        fresh = self._new([*executions, *jobs], now, items(self._control))
        self.left_out = take_in(self._control, fresh) if fresh else 0
        # What had no room is looked for again.
        self._since = None if self.left_out else now

    def said_by(self, job_id: str, error: str) -> str:
        """What a job failed of: a stage of it may have said more than itself."""
        return self._said.get(job_id, error)

    def _new(
        self, found: Iterable[Failed], now: float, known: Iterable[WaitingItem]
    ) -> list[WaitingItem]:
        usual: dict[tuple[str, str], int] = {}
        lanes: dict[tuple[str, str], list[WaitingItem]] = defaultdict(list)
        for item in known:
            lanes[item.lane].append(item)
        fresh = []
        for failed in sorted(found, key=lambda each: each.at):
            refusal = recognise(failed.said)
            lane = (failed.source, failed.kind)
            if refusal is None or any(is_same(item, failed) for item in lanes[lane]):
                continue
            if lane not in usual:
                usual[lane] = self._usual_micro(failed, now)
            # What tried something again is no work of its own.
            run_id = failed.retry_of or failed.run_id
            item = WaitingItem(
                item_id=id_of(failed.source, run_id),
                source=failed.source,
                kind=failed.kind,
                name=failed.name,
                execution_id=run_id,
                key=failed.key,
                since=failed.at,
                code=refusal.code,
                bucket_id=refusal.bucket_id,
                priority=refusal.priority,
                needed_micro=refusal.needed_micro,
                estimated_micro=usual[lane] or refusal.needed_micro,
                state=WAITING,
                tries=0,
                asked="",
                request_id="",
                step="",
                step_id="",
                begun_at=0.0,
                rerun_id="",
                problem="",
                changed_at=failed.at,
            )
            lanes[lane].append(item)
            fresh.append(item)
        return fresh

    def _usual_micro(self, failed: Failed, now: float) -> int:
        kinds = [] if failed.source == JOBS else [failed.kind, failed.name]
        since = now - USUAL_DAYS * DAY_SECONDS
        return self._store.read(partial(usual_micro, kinds=kinds, name=failed.name, since=since))


def is_same(item: WaitingItem, failed: Failed) -> bool:
    """Whether that run was of work that is known: itself, or what tried it again."""
    if item.execution_id in (failed.run_id, failed.retry_of):
        return True
    if item.is_n8n:
        return bool(failed.retry_of) and failed.retry_of == item.rerun_id
    is_going = not is_over(item)
    if item.key:
        in_its_time = is_going or item.since <= failed.at <= item.changed_at
        return item.key == failed.key and in_its_time
    # Without a key, only what ended while it ran again was a run of it.
    began = 0.0 < item.begun_at - SKEW_SECONDS <= failed.at
    return not failed.key and began and (item.state == RUNNING or failed.at <= item.changed_at)
