"""Which executions are new: pages come newest first, and what runs is missing from them.

n8n leaves executions out of its list while they run. One that starts and ends between two looks
has an id below others that were seen before it: it would be lost behind a plain watermark. So ids
that are missing (`holes`) are looked for again in the next rounds.
"""

from collections.abc import Iterable, Sequence

from models.workflows.payloads import UNKNOWN, Page, Run, number_of

FIRST_RUNS_MAX = 2000
FIRST_SECONDS = 7 * 86_400
RUNS_MAX = 10_000
"""The most that one round takes; what n8n did while nobody looked is bounded too."""

HOLE_ROUNDS = 3
HOLES_MAX = 1000
FIRST_HOLES = 250
PLAIN_IDS_MAX = 2000

State = tuple[str, bool]


class Feed:
    """Remembers what was handed over. A round may take several polls; nothing of it is handed
    over before its end, so that the watermark in the store never passes what is not there.
    """

    def __init__(self, watermark: int | None, runs: Iterable[Run]) -> None:
        self._floor = watermark
        self._holes: dict[int, int] = {}
        self._handed: dict[str, State] = {}
        self._round: dict[str, Run] = {}
        self._changes: list[Run] = []
        self.open: dict[str, Run] = {}
        self.cursor: str | None = None
        """Where the round goes on; None where a round begins."""
        self.was_cut = False
        """Whether a round found more than it may take, so that older runs are left out."""
        for run in runs:
            self._handed[run.id] = _state(run)
            if run.is_open:
                self.open[run.id] = run

    @property
    def watermark(self) -> int | None:
        """Every execution up to this id was handed over, or is gone."""
        if self._floor is None:
            return None
        return min([self._floor, *(hole - 1 for hole in self._holes)])

    def take(self, page: Page, now: float) -> bool:
        """Take one page of the round; whether the next page (at `cursor`) belongs to it too."""
        if self.cursor is None:
            self.was_cut = False
        bottom = self.watermark
        numbers = [run.number for run in page.runs]
        fresh = [run for run in page.runs if not self._is_old(run, bottom)]
        self._round.update((run.id, run) for run in fresh)
        reached = bottom is not None and any(n is not None and n <= bottom for n in numbers)
        if not (reached or not fresh or page.next_cursor is None or self._is_enough(fresh, now)):
            self.cursor = page.next_cursor
            return True
        self._finish(bottom)
        return False

    def see(self, run: Run) -> None:
        """Take one state of one execution, whichever question it answers."""
        run = _first_seen(run, self.open.get(run.id))
        if run.is_open:
            self.open[run.id] = run
        else:
            self.open.pop(run.id, None)
        if self._handed.get(run.id) != _state(run):
            self._handed[run.id] = _state(run)
            self._changes.append(run)

    def vanished(self, execution_id: str, now: float) -> None:
        """n8n no longer knows an execution that had not ended: pruned, or not kept on purpose."""
        run = self.open[execution_id]
        self.see(run._replace(execution=run.execution._replace(status=UNKNOWN, seen_at=now)))

    def not_listed(self, listed: Iterable[str]) -> list[str]:
        """Ids of executions that had not ended and are in none of the lists."""
        return sorted(self.open.keys() - set(listed), key=lambda i: (len(i), i))

    def changes(self) -> list[Run]:
        """What changed since the last call, each change once, oldest first."""
        changes, self._changes = self._changes, []
        return changes

    def _is_old(self, run: Run, bottom: int | None) -> bool:
        if run.id in self._round:
            return True
        number = run.number
        if number is None:
            return self._handed.get(run.id) == _state(run)
        return bottom is not None and number <= bottom

    def _is_enough(self, fresh: Sequence[Run], now: float) -> bool:
        if self._floor is not None:
            self.was_cut = len(self._round) >= RUNS_MAX
            return self.was_cut
        oldest = fresh[-1].execution.started_at
        is_past = oldest is not None and oldest < now - FIRST_SECONDS
        return is_past or len(self._round) >= FIRST_RUNS_MAX

    def _finish(self, bottom: int | None) -> None:
        found = {n for run in self._round.values() if (n := run.number) is not None}
        for run in reversed(self._round.values()):
            self.see(run)
        self._round, self.cursor = {}, None
        top = max(found, default=self._floor)
        self._look_for_holes(found, top)
        self._floor = top if self._floor is None or top is None else max(top, self._floor)
        self._forget(bottom)

    def _look_for_holes(self, found: set[int], top: int | None) -> None:
        self._holes = {
            hole: rounds - 1
            for hole, rounds in self._holes.items()
            if rounds > 1 and hole not in found and str(hole) not in self.open
        }
        if top is None:
            return
        # Before the first round all is history; only what may run just now can be missing from it.
        floor = max(0, top - FIRST_HOLES) if self._floor is None else self._floor
        if top - floor > HOLES_MAX + len(found):
            return
        for number in range(floor + 1, top):
            if number not in found and str(number) not in self._handed:
                self._holes[number] = HOLE_ROUNDS

    def _forget(self, bottom: int | None) -> None:
        """Below the watermark nothing is read again, apart from what has not ended."""
        plain = [i for i in self._handed if number_of(i) is None and i not in self.open]
        gone = set(plain[:-PLAIN_IDS_MAX])
        for execution_id in list(self._handed):
            number = number_of(execution_id)
            is_below = number is not None and bottom is not None and number <= bottom
            if (is_below or execution_id in gone) and execution_id not in self.open:
                del self._handed[execution_id]


def _first_seen(run: Run, before: Run | None) -> Run:
    """With the moment from which it waited, as far as anybody saw it wait."""
    moments = [r.execution.queued_at for r in (before, run) if r is not None]
    queued_at = min((moment for moment in moments if moment is not None), default=None)
    return run._replace(execution=run.execution._replace(queued_at=queued_at))


def _state(run: Run) -> State:
    """What makes a change worth telling: an end is told once, whatever else becomes known of it."""
    return run.execution.status, run.is_open and run.execution.started_at is None
