"""A loop on a thread of its own that does one thing again and again, and outlives its failures."""

import logging
import threading
from collections.abc import Callable

from agent.sampling import Clocks

log = logging.getLogger(__name__)


class Ticking:
    """`step` begins anew so long after it has ended; a daemon, so it never holds back the end."""

    def __init__(
        self, name: str, step: Callable[[], None], period_seconds: float, clocks: Clocks
    ) -> None:
        self.name = name
        self.period_seconds = period_seconds
        self.ticked_at = clocks.monotonic()
        self._step = step
        self._clocks = clocks
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """End it after the step that runs; False if that did not end in time."""
        self._stopped.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._step()
            except Exception:
                log.exception("%s failed and will run again when next due", self.name)
            self.ticked_at = self._clocks.monotonic()
            self._stopped.wait(self.period_seconds)
