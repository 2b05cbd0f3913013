"""The thread on which the outbox works."""

import logging
import threading

from agent.outbox.sending import PERIOD_SECONDS, Outbox
from agent.sampling import Clocks

log = logging.getLogger(__name__)


class OutboxLoop:
    """`ticked_at` is on the monotonic clock; a worker that is started or ended takes its time."""

    period_seconds = 10.0

    def __init__(self, outbox: Outbox, clocks: Clocks) -> None:
        self.ticked_at = clocks.monotonic()
        self._outbox = outbox
        self._clocks = clocks
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        self.ticked_at = self._clocks.monotonic()
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """What is being sent then goes once more after the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
        self._outbox.close()

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD_SECONDS):
            try:
                self._outbox.step()
            except Exception:
                # One message that nobody foresaw must not keep all others.
                log.exception("the outbox: a round failed")
            self.ticked_at = self._clocks.monotonic()
