"""Letting go of the files of a ledger before a fork.

SQLite's account of its locks must not be copied to a child, and no lock may be held by a thread
that the child has not.
"""

from __future__ import annotations

import os
import threading
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Forked(Protocol):
        def before_fork(self) -> None: ...
        def after_fork_in_parent(self) -> None: ...
        def after_fork_in_child(self) -> None: ...


opening = threading.RLock()
"""For whoever opens a file."""
_all: weakref.WeakSet[Forked] = weakref.WeakSet()
_held: list[Forked] = []
"""Those that wait for a fork to be over."""


def watch(file: Forked) -> None:
    """It is told of every fork, for as long as it lives."""
    _all.add(file)


def _before_fork() -> None:
    # In this order, like `_opened`: first the lock of a file, then the one for opening.
    _held[:] = list(_all)
    for file in _held:
        file.before_fork()
    opening.acquire()


def _after_fork_in_parent() -> None:
    opening.release()
    for file in _held:
        file.after_fork_in_parent()
    _held.clear()


def _after_fork_in_child() -> None:
    opening.release()
    for file in _held:
        file.after_fork_in_child()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
