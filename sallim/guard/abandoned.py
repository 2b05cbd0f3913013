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

NAME = "sallim-abandoned"
FLUSH_SECONDS = 10.0
"""As long as a gateway is waited for."""

_waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_thread_pid = 0
_starting = threading.Lock()


def watch() -> None:
    """Have the thread run; called when a stream begins, never by the collector."""
    global _thread_pid  # noqa: PLW0603 it belongs to the process
    if _thread_pid != os.getpid():
        with _starting:
            if _thread_pid != os.getpid():
                # Where there is no room for a thread, the end of the program does its work.
                with suppress(RuntimeError):
                    threading.Thread(target=_run, name=NAME, daemon=True).start()
                    _thread_pid = os.getpid()


def later(end: Callable[[], None]) -> None:
    """Done soon, on another thread; safe to call from `__del__`."""
    _waiting.put(end)


def flush() -> None:
    """What waits, now and here, and what the thread has begun: at the end of a program."""
    while True:
        try:
            end = _waiting.get_nowait()
        except queue.Empty:
            break
        with suppress(Exception):
            end()
    if _thread_pid == os.getpid() and threading.current_thread().name != NAME:
        # It ends with the program, in the middle of whatever it does.
        idle = threading.Event()
        _waiting.put(idle.set)
        idle.wait(FLUSH_SECONDS)


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
