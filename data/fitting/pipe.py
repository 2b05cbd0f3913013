"""The child at the other end of a pipe: a work in, progress and an answer out, or why it ended."""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from data.children import ROOT, whole_lines
from models.demand.shapes import Done, Work
from models.messages import Message, say

CLOSING_SECONDS = 5.0

Tell = Callable[[str, float, Message], None]
"""The key of a work, which part of it (0 to 1) is done, and what is next."""


class Ended(Exception):
    """There is no child any more that could answer; `reason` is for people."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Child:
    """For one thread, but for `kill`. Raises Ended when it cannot be started.

    `silence_seconds` is how long it may say nothing, or not read, while it is asked.
    """

    def __init__(self, command: Sequence[str], silence_seconds: float) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, no shell
                [*command, str(os.getpid())],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            raise Ended(
                say(
                    "no process could be started to fit ({reason}): make room in memory, or allow "
                    "more processes",
                    reason=error.strerror or type(error).__name__,
                )
            ) from error
        assert self._process.stdin is not None, "it was asked for"
        assert self._process.stdout is not None, "it was asked for"
        self._silence_seconds = silence_seconds
        self._into, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._into.fileno(), False)
        self._lines = whole_lines(self._out.fileno(), self._silence_seconds)

    def ask(self, work: Work, tell: Tell) -> Done:
        """Raises Ended."""
        try:
            self._send(json.dumps(work.as_json(), separators=(",", ":")).encode() + b"\n")
            return self._answer(work, tell)
        except TimeoutError as silence:
            raise Ended(
                say(
                    "the process that fits gave no sign of life for {seconds} s, and was ended",
                    seconds=f"{self._silence_seconds:g}",
                )
            ) from silence
        except BrokenPipeError:
            raise Ended(self._last_words(work)) from None

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
            try:
                said = json.loads(line)
            except ValueError:
                # A library wrote past Python before our lines were apart.
                continue
            if "done" in said:
                return Done.from_json(said["done"])
            key, part, what = said["progress"]
            tell(key, part, Message.from_json(what))
        raise Ended(self._last_words(work))

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
