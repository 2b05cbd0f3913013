"""Reading a file that may be damaged, in a process of its own (child.py).

DuckDB can end the process that reads such a file (signal 11). Of a child, that is one more way in
which the file is damaged; of the agent it would be the end, at every start anew.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import duckdb

from data.children import ROOT, whole_lines
from data.ops.verify import NOTHING, Findings
from models.errors import StoreError

COMMAND = (sys.executable, "-m", "data.ops.child")
SILENCE_SECONDS_MAX = 300.0
"""For one step, on the slowest of disks."""
OF_THE_FILE = {
    signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP,
    signal.SIGPROF,
}  # fmt: skip
"""Signals that a process brings upon itself. SIGPROF: a step computed without end (steps.py)."""


class ReaderEnded(duckdb.Error):
    """The file ended the process that was reading it, in the step `step`."""

    def __init__(self, number: int, step: str) -> None:
        name = signal.Signals(number).name
        super().__init__(f"DuckDB ended with {name} at the step: {step}")
        self.step = step


def look_apart(path: Path) -> Findings:
    """Read all of a file without changing a byte of it.

    Raises duckdb.Error when it is damaged, StoreError when the reading was ended from outside.
    """
    if not path.exists():
        return NOTHING
    return Findings.from_json(_ask(path, None, 0.0, ()))


def copy_apart(target: Path, source: Path, now: float, fatal: Sequence[str]) -> None:
    """Copy what can be read of `source` into `target`, without the steps in `fatal`.

    A target that a child left unfinished is taken up where it stands. Raises ReaderEnded, and
    otherwise as `look_apart` does.
    """
    _ask(source, target, now, fatal)


def _ask(source: Path, target: Path | None, now: float, fatal: Sequence[str]) -> Any:
    request = {
        "parent": os.getpid(),
        "source": str(source.absolute()),
        "target": target and str(target.absolute()),
        "now": now,
        "fatal": list(fatal),
    }
    try:
        child = subprocess.Popen(  # noqa: S603  # our own program, no shell
            [*COMMAND, json.dumps(request)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
    except OSError as error:
        raise StoreError(
            f"{source}: no process could be started to read it ({error.strerror}). Make room in "
            "memory, or allow more processes, and start again."
        ) from error
    assert child.stdout is not None, "it was asked for"
    with child.stdout:
        try:
            return _answer_of(child, child.stdout, source)
        finally:
            child.kill()
            child.wait()


def _answer_of(child: subprocess.Popen[bytes], pipe: IO[bytes], source: Path) -> Any:
    step = "starting"
    for line in _lines(pipe, source):
        said = json.loads(line)
        if "answer" in said:
            return said["answer"]
        if "error" in said:
            kind, text = said["error"]
            raise getattr(duckdb, kind, duckdb.Error)(text)
        step = said["step"]
    code = child.wait()
    if -code in OF_THE_FILE:
        raise ReaderEnded(-code, step)
    if code < 0:
        raise StoreError(
            f"{source}: the process that was reading it was killed from outside (signal {-code}), "
            "as happens when memory is short. The file is as it was. Make room in memory, and "
            "start again."
        )
    raise StoreError(
        f"{source}: the process that was reading it ended with code {code}; what it said stands "
        "above. The file is as it was. Start again; if that does not help, install again."
    )


def _lines(pipe: IO[bytes], source: Path) -> Iterator[bytes]:
    try:
        yield from whole_lines(pipe.fileno(), SILENCE_SECONDS_MAX)
    except (TimeoutError, ValueError) as silence:
        raise StoreError(
            f"{source}: reading it gave {silence}. The file is as it was. Look for errors of the "
            "disk (dmesg), and start again."
        ) from silence
