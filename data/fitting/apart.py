"""Fits apart: works go to a child (child.py) one by one, and each comes back done or with a reason.

For the agent, the app and the command alike. A child that dies takes one work with it, never the
others; nothing here waits for ever.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from data.children import ROOT, whole_lines
from models.demand.shapes import Done, Work
from models.messages import Message, say

COMMAND = (sys.executable, "-m", "data.fitting.child")
CHILDREN_MAX = 3
"""A first one, and twice a new one."""
CLOSING_SECONDS = 5.0

Tell = Callable[[str, float, Message], None]
"""The key of a work, which part of it (0 to 1) is done, and what is next."""


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
        self._child: _Child | None = None
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
        except _Ended as ended:
            self._end()
            return Done(work.key, work.kind, None, ended.reason, is_early=ended.is_untried)

    def _living(self) -> "_Child":
        with self._turn:
            if self._cancelled:
                raise _Ended(say("the fits were called off"))
            if self._child is None:
                if self._children == CHILDREN_MAX:
                    raise _Ended(
                        say(
                            "not fit: the process that fits ended {count} times", count=CHILDREN_MAX
                        ),
                        is_untried=True,
                    )
                self._children += 1
                self._child = _Child(self._command, self._patience)
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


class _Ended(Exception):
    """`is_untried`: it was the fault of others, so nothing is said of this work."""

    def __init__(self, reason: Message, *, is_untried: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.is_untried = is_untried


def _said(line: bytes) -> Done | tuple[str, float, Message] | None:
    """What comes of a work, or how far it is. None: a library wrote past Python before our lines
    were apart.
    """
    try:
        said = json.loads(line)
        if "done" in said:
            return Done.from_json(said["done"])
        key, part, what = said["progress"]
        return str(key), float(part), Message.from_json(what)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


class _Child:
    """Raises _Ended when it cannot be started."""

    def __init__(self, command: Sequence[str], patience: Patience) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [*command, str(os.getpid())],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise _Ended(
                say(
                    "no process could be started to fit ({reason}): make room in memory, or allow "
                    "more processes",
                    reason=error.strerror or type(error).__name__,
                )
            ) from error
        assert self._process.stdin is not None, "it was asked for"
        assert self._process.stdout is not None, "it was asked for"
        self._silence_seconds = patience.silence_seconds
        self._into, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._into.fileno(), False)
        self._lines = whole_lines(self._out.fileno(), self._silence_seconds)

    def ask(self, work: Work, tell: Tell) -> Done:
        """Raises _Ended."""
        try:
            self._send(json.dumps(work.as_json(), separators=(",", ":")).encode() + b"\n")
            return self._answer(work, tell)
        except TimeoutError as silence:
            raise _Ended(
                say(
                    "the process that fits gave no sign of life for {seconds} s, and was ended",
                    seconds=f"{self._silence_seconds:g}",
                )
            ) from silence
        except ValueError as endless:
            raise _Ended(
                say("the process that fits gave an answer without end, and was ended")
            ) from endless
        except BrokenPipeError:
            raise _Ended(self._last_words(work)) from None

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._into.close()
        self._out.close()

    def _send(self, text: bytes) -> None:
        """A child that does not read must not hold us: a pipe takes only so much."""
        waiting = select.poll()
        waiting.register(self._into.fileno(), select.POLLOUT)
        left = memoryview(text)
        until = time.monotonic() + self._silence_seconds
        while left:
            if not waiting.poll(max(0.0, until - time.monotonic()) * 1_000):
                raise TimeoutError
            left = left[os.write(self._into.fileno(), left) :]

    def _answer(self, work: Work, tell: Tell) -> Done:
        for line in self._lines:
            said = _said(line)
            if isinstance(said, Done):
                return said
            if said is not None:
                tell(*said)
        raise _Ended(self._last_words(work))

    def _last_words(self, work: Work) -> Message:
        """Why it ended, or closed its pipe."""
        try:
            code = self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            return say("the process that fits closed its pipe; what it said stands in the log")
        if code == -signal.SIGPROF:
            return say(
                "the fit did not end within {seconds} s: choose another model, or a shorter span",
                seconds=f"{work.seconds_max:g}",
            )
        if code < 0:
            return say(
                "the process that fits ended (signal {number}), as happens when memory is short",
                number=-code,
            )
        return say(
            "the process that fits ended with code {code}; what it said stands in the log",
            code=code,
        )
