"""How calls ended, written down by a thread of its own while their answers are already used.

Whoever waits for an answer would else wait for the ledger too: 0.1 ms, or for as long as another
process writes. Until it is written a call counts at its worst case (ADR 0019).
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Behind:
    """In the order in which they were told. Of one process: a child makes its own after a fork."""

    def __init__(self) -> None:
        # Its thread is joined at the end of a program, and of a child of multiprocessing.
        self._pool = ThreadPoolExecutor(1, "sallim-behind")
        self._last: Future[object] | None = None
        self._telling = threading.Lock()

    @property
    def waits(self) -> bool:
        """Whether something is not written yet."""
        return self._last is not None and not self._last.done()

    def later(self, write: Callable[..., object], *told: object) -> None:
        """At the end of a program, when no thread begins any more, here and now."""
        with self._telling:
            try:
                self._last = self._pool.submit(write, *told)
            except RuntimeError:
                pass
            else:
                return
        write(*told)

    def catch_up(self) -> None:
        """Wait until all is written that was told before."""
        with self._telling:
            last = self._last
        if last is not None:
            wait([last])

    def close(self) -> None:
        """What is told later is written at once."""
        self._pool.shutdown()
