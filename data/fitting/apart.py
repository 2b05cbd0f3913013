"""Fits apart: works go to a child (child.py) one by one, and each comes back done or with a reason.

For the agent, the app and the command alike. A child that dies takes one work with it, never the
others; nothing here waits for ever.
"""

import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from data.fitting.pipe import Child, Ended, Tell
from models.demand.shapes import Done, Work
from models.messages import Message, say

COMMAND = (sys.executable, "-m", "data.fitting.child")
CHILDREN_MAX = 3
"""A first one, and twice a new one."""


class Patience(NamedTuple):
    """How long a child may be silent. It ends a fit that takes more of the CPU than it may itself;
    this is for one that does not even compute.
    """

    silence_seconds: float = 300.0


PATIENCE = Patience()


def nobody(key: str, part: float, what: Message) -> None:
    """For fits that nobody waits for."""


class Fitting:
    """One series of works. `run` is for one thread, which must outlive it; `cancel` for any."""

    def __init__(
        self,
        tell: Tell = nobody,
        patience: Patience = PATIENCE,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._tell = tell
        self._patience = patience
        self._command = command
        self._turn = threading.Lock()
        self._cancelled = False
        self._child: Child | None = None
        self._children = 0

    def cancel(self) -> None:
        """End it now: `run` gives nothing more."""
        with self._turn:
            self._cancelled = True
            if self._child is not None:
                self._child.kill()

    def run(self, works: Iterable[Work]) -> Iterator[Done]:
        """In their order; each is asked for when the one before is done. Never raises for a fit."""
        try:
            for work in works:
                done = self._done(work)
                if self._cancelled:
                    return
                yield done
        finally:
            self._end()

    def _done(self, work: Work) -> Done:
        try:
            return self._living().ask(work, self._tell)
        except Ended as ended:
            self._end()
            return Done(work.key, work.kind, None, ended.reason)

    def _living(self) -> "Child":
        with self._turn:
            if self._cancelled:
                raise Ended(say("the fits were called off"))
            if self._child is None:
                if self._children == CHILDREN_MAX:
                    raise Ended(
                        say(
                            "not fit: the process that fits ended {count} times", count=CHILDREN_MAX
                        )
                    )
                self._children += 1
                self._child = Child(self._command, self._patience.silence_seconds)
            return self._child

    def _end(self) -> None:
        with self._turn:
            if self._child is not None:
                self._child.end()
                self._child = None


def fit(
    works: Iterable[Work], tell: Tell = nobody, patience: Patience = PATIENCE
) -> Iterator[Done]:
    """As `Fitting.run`, where nobody calls it off."""
    return Fitting(tell, patience).run(works)
