"""Other machines: what their probes push goes to the store and to the screen, once."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from agent.live import LiveBoard
from agent.sampling import Clocks
from data.control import Control
from data.ops.samples import storable
from data.registry import forget_machine, keep_machine, keep_push, machines, pushes
from models import machines as rules
from models.errors import IntakeRefused
from models.machines import Machine, MachineState, Pushed, after_push, refusal
from models.messages import say
from models.monitoring import Reading, Row, SourceState
from models.pushing import FORMAT, Bucket, Push
from models.redaction import redact

log = logging.getLogger(__name__)

MACHINES_MAX = 200
SERIES_MAX = 5000
"""Of one machine, as of one collector."""
BOARD_SECONDS = 900.0
NO_SUCH_STATE = "state is {state!r}; it takes on, off or forget"


class Keeping(Protocol):
    """What is needed of the store."""

    @property
    def control(self) -> Control: ...
    def write(self, rows: Sequence[Row], now: float, mark: tuple[str, int] | None = None) -> int:
        """Commit rows and, in the same transaction, how far the mark's source was read."""

    def watermark(self, source: str) -> int: ...


class Machines:
    """Thread-safe; what it shows is read without waiting for a push that is being stored.

    A push is stored once: its rows and the number of its last bucket are one transaction in
    DuckDB, then control remembers the number, then the probe is told. A crash in between leaves
    a number in DuckDB that is asked for when the run is heard of again.
    """

    def __init__(self, store: Keeping, board: LiveBoard, clocks: Clocks, own: str) -> None:
        self.listening_since = clocks.wall()
        self.sources: Callable[[], Iterable[SourceState]] = list
        """The hub's own sources: a scraped exporter is a machine, too."""
        self._store = store
        self._board = board
        self._clocks = clocks
        self._own = own
        self._lock = threading.Lock()
        self._kept = {machine.name: machine for machine in machines(store.control)}
        self._remembered = {(p.machine, p.run): p.last_seq for p in pushes(store.control)}
        self._last_seqs: dict[tuple[str, str], int] = {}
        self._series: dict[str, set[int]] = {}
        self._problems: dict[str, tuple[str, ...]] = {}

    def push(self, push: Push, token: str) -> dict[str, object]:
        """Raises IntakeRefused, and StoreError while nothing can be stored."""
        with self._lock:
            now = self._clocks.wall()
            known = self._kept.get(push.machine)
            reason = refusal(known, push, token, self._own, now)
            if reason is not None:
                raise IntakeRefused(reason, 409)
            if known is None and len(self._kept) >= MACHINES_MAX:
                raise IntakeRefused(_too_many_machines(), 409)
            if push.is_check:
                # Not remembered: anybody with a token may ask about any name.
                return self._answer(self._stored_seq(push.machine, push.run))
            self._store_push(push, known, token, now)
            self._problems[push.machine] = tuple(redact(each) for each in push.problems)
            return self._answer(self._last_seqs[push.machine, push.run])

    def _answer(self, stored: int) -> dict[str, object]:
        """The hub's clock stands in it, so that a probe can set its own right."""
        return {"stored": stored, "at": self._clocks.wall(), "format": FORMAT, "hub": self._own}

    def states(self) -> list[MachineState]:
        """Every machine there is, with what its probe complains of."""
        states = rules.all_states(
            self._kept.values(),
            self.sources(),
            self._own,
            self._clocks.wall(),
            self.listening_since,
        )
        return [rules.with_problems(each, self._problems.get(each.name, ())) for each in states]

    def switch(self, name: str, state: str) -> None:
        """A person says that a machine is off, on, or to be forgotten. Raises IntakeRefused."""
        if state not in (rules.ON, rules.OFF, "forget"):
            raise IntakeRefused(NO_SUCH_STATE.format(state=state))
        with self._lock:
            known = self._kept.get(name) or self._scraped(name)
            if known is None:
                raise IntakeRefused(self._unknown(name), 404)
            kept = dict(self._kept)
            if state == "forget":
                forget_machine(self._store.control, name)
                kept.pop(name, None)
            else:
                kept[name] = rules.switched(known, state, self._clocks.wall())
                keep_machine(self._store.control, kept[name])
            self._kept = kept

    def _store_push(self, push: Push, known: Machine | None, token: str, now: float) -> None:
        key = (push.machine, push.run)
        is_known_run = key in self._last_seqs or key in self._remembered
        last = self._last_seq(push.machine, push.run)
        fresh = [
            bucket._replace(rows=tuple(self._taken(push.machine, bucket, now)))
            for bucket in push.buckets
            if bucket.seq > last
        ]
        upto = fresh[-1].seq if fresh else last
        missing = upto - last - len(fresh)
        lost = missing if is_known_run else min(missing, push.dropped)
        rows = [row for bucket in fresh for row in bucket.rows]
        if rows:
            self._store.write(rows, now, (_mark(push.machine, push.run), upto))
        self._last_seqs[key] = upto
        machine = after_push(known, push, token, lost, now)
        keep_push(self._store.control, machine, Pushed(push.machine, push.run, upto, now))
        if known is None or known.state != machine.state:
            log.info("machine %s is %s (token %s)", machine.name, machine.state, token)
        self._kept = {**self._kept, machine.name: machine}
        self._show(push.machine, fresh, now)

    def _last_seq(self, machine: str, run: str) -> int:
        """The number up to which a run is stored; once, DuckDB is asked what control may lack."""
        last = self._last_seqs.get((machine, run))
        if last is None:
            last = self._last_seqs[machine, run] = self._stored_seq(machine, run)
        return last

    def _stored_seq(self, machine: str, run: str) -> int:
        last = self._last_seqs.get((machine, run), self._remembered.get((machine, run), 0))
        return max(last, self._store.watermark(_mark(machine, run)))

    def _taken(self, machine: str, bucket: Bucket, now: float) -> list[Row]:
        """The rows of a bucket without those of too many series or of a day that is to come or
        long gone, and without what the store could not hold: the screen shows what is kept.
        """
        if not -rules.PAST_SECONDS_MAX <= bucket.at - now <= rules.FUTURE_SECONDS_MAX:
            return []
        known = self._series.setdefault(machine, set())
        taken = []
        for row in filter(storable, bucket.rows):
            number = hash(row.series)
            if number not in known:
                if len(known) >= SERIES_MAX:
                    continue
                known.add(number)
            taken.append(row)
        return taken

    def _show(self, machine: str, buckets: Iterable[Bucket], now: float) -> None:
        for bucket in buckets:
            end = min(bucket.at + 10.0, now)
            if end > now - BOARD_SECONDS:
                readings = [
                    Reading(r.series.name, r.value.mean, r.series.labels) for r in bucket.rows
                ]
                self._board.add(machine, readings, end)

    def _scraped(self, name: str) -> Machine | None:
        names = {source.machine for source in self.sources() if source.kind == rules.SCRAPE}
        if name not in names - {self._own}:
            return None
        return rules.unheard(name, rules.SCRAPE, self._clocks.wall())

    def _unknown(self, name: str) -> str:
        names = ", ".join(sorted(self._kept)) or "none"
        return f"no machine named {name!r} reports to this hub; it knows: {names}"


def _reading(row: Row) -> Reading:
    return Reading(row.series.name, row.value.mean, row.series.labels)


def _mark(machine: str, run: str) -> str:
    """Under which name DuckDB keeps how far a run is stored."""
    return f"push:{run}:{machine}"


def _too_many_machines() -> str:
    message = say(
        "this hub knows {count} machines already: forget some with "
        "`.venv/bin/python -m agent machines forget NAME`",
        count=MACHINES_MAX,
    )
    return str(message)
