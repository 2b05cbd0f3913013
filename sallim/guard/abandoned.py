"""Streams that nobody closed: settled by a thread of their own when they are collected.

The collector runs anywhere, also in the middle of a transaction of the ledger, so nothing is
written there. `SimpleQueue.put` may be called from it (queue, Python 3.7).
"""

from __future__ import annotations

import os
import queue
import threading
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_thread_pid = 0
_starting = threading.Lock()


def watch() -> None:
    """Have the thread run; called when a stream begins, never by the collector."""
    global _thread_pid  # noqa: PLW0603 it belongs to the process
    if _thread_pid != os.getpid():
        with _starting:
            if _thread_pid != os.getpid():
                _thread_pid = os.getpid()
                threading.Thread(target=_run, name="sallim-abandoned", daemon=True).start()


def later(end: Callable[[], None]) -> None:
    """Done soon, on another thread; safe to call from `__del__`."""
    _waiting.put(end)


def flush() -> None:
    """What waits, now and here: at the end of a program."""
    while True:
        try:
            end = _waiting.get_nowait()
        except queue.Empty:
            return
        with suppress(Exception):
            end()


def _run() -> None:
    while True:
        end = _waiting.get()
        # Nobody is there to be told; the call stays open and counts.
        with suppress(Exception):
            end()


def _forget_after_fork() -> None:
    global _waiting, _starting
    _waiting, _starting = queue.SimpleQueue(), threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
