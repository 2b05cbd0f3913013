"""The analyses: taken in at the door, brought from the ledger to the store, put in order."""

import logging
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.sampling import Clocks
from data.jobs import MICROSECONDS, ROWS_A_BATCH, Folding, fold_step
from models.messages import Message, say
from models.tiers import DAY_SECONDS, HOUR_SECONDS
from sallim.ledger import Ledger, LedgerError, from_wire
from sallim.ledger.errors import ledger_error

log = logging.getLogger(__name__)

BATCHES_A_STEP = 5
ABANDON_EVERY_SECONDS = 60.0
FORGET_EVERY_SECONDS = float(HOUR_SECONDS)
KEPT_SECONDS = 90 * DAY_SECONDS
UNHEARD_SECONDS = DAY_SECONDS
"""A job of another machine that says nothing for so long is given up."""


class Jobs:
    """`step` is for the store's loop alone, `take` for any thread.

    The agent makes no ledger while nobody needs one.
    """

    def __init__(self, path: Path, store: Folding, clocks: Clocks) -> None:
        self.problem: Message | None = None
        self._path = path
        self._store = store
        self._clocks = clocks
        self._lock = threading.Lock()
        self._opened: Ledger | None = None
        self._abandoned_at = self._forgot_at = float("-inf")

    def take(self, told: Sequence[Mapping[str, object]]) -> int:
        """Write down what came to the door; how many jobs told something new.

        Raises ValueError that names the job and the column, LedgerError.
        """
        columns = [from_wire(job) for job in told]
        return self._ledger().record_jobs(columns, self._now_us())

    def step(self) -> None:
        """Bring over what is new. Raises StoreError; a ledger's trouble becomes `problem`."""
        try:
            if not self._is_there():
                self.problem = None
                return
            ledger = self._ledger()
            self._put_in_order(ledger)
            for _ in range(BATCHES_A_STEP):
                if fold_step(ledger, self._store) < ROWS_A_BATCH:
                    break
        except (LedgerError, TypeError, ValueError) as trouble:
            # The last two: another program wrote what no ledger holds, say a text for a number.
            if self.problem is None:
                log.error("%s", trouble)
            self.problem = say("the analyses are not read: {reason}", reason=str(trouble))
        else:
            self.problem = None

    def _put_in_order(self, ledger: Ledger) -> None:
        """Jobs whose process is gone are abandoned; what the store has is not kept for ever."""
        now = self._clocks.monotonic()
        if now - self._abandoned_at >= ABANDON_EVERY_SECONDS:
            self._abandoned_at = now
            ledger.abandon(self._now_us(), self._now_us() - UNHEARD_SECONDS * MICROSECONDS)
        if now - self._forgot_at >= FORGET_EVERY_SECONDS:
            self._forgot_at = now
            folded = self._store.watermark(f"jobs:{ledger.ledger_id}")
            ledger.forget(self._now_us() - KEPT_SECONDS * MICROSECONDS, folded)

    def _is_there(self) -> bool:
        try:
            return self._path.exists()
        except PermissionError as error:  # Its folder was made by somebody else.
            raise ledger_error(str(self._path), error) from error

    def _ledger(self) -> Ledger:
        with self._lock:
            if self._opened is None:
                self._opened = Ledger.open(self._path)
            return self._opened

    def _now_us(self) -> int:
        return int(self._clocks.wall() * MICROSECONDS)
