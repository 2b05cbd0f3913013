"""The process that reads a file of which nothing is known yet: `python -m data.ops.child REQUEST`.

DuckDB can end its process over a file that is damaged in a bad way; here, that is not the agent.
REQUEST is JSON; answers are lines of JSON: each step, then `answer` or `error`. See apart.py.
"""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from data.lean import stay_lean

if __name__ == "__main__":
    stay_lean()

# What follows loads duckdb, which must not find what stay_lean() bars.
import duckdb

from data.ops.copying import Copying
from data.ops.steps import Steps
from data.ops.verify import look

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4


def main(request: Mapping[str, Any]) -> None:
    """Do what is asked, and end without closing anything: a damaged file may not survive that."""
    _live_and_die_with(request["parent"])
    lines = _only_our_lines()
    steps = Steps(lambda step: _say(lines, "step", step), request["fatal"])
    try:
        answer = _answer(request, steps)
    except (duckdb.Error, ValueError, OverflowError) as error:
        # Nonsense that reads like data is damage, too: no text (UnicodeDecodeError), no date.
        kind = type(error).__name__ if isinstance(error, duckdb.Error) else "Error"
        _say(lines, "error", [kind, str(error)])
    else:
        _say(lines, "answer", answer)
    os._exit(0)


def _answer(request: Mapping[str, Any], steps: Steps) -> object:
    source = Path(request["source"])
    if request["target"] is None:
        return look(source, steps).as_json()
    Copying(Path(request["target"]), source, steps, request["now"]).run()
    return True


def _live_and_die_with(parent: int) -> None:
    """Outlive the parent by nothing; leave Ctrl-C to it; leave no core of each death behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _only_our_lines() -> TextIO:
    """Standard output as it was; what others print from now on goes to standard error."""
    ours = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return ours


def _say(lines: TextIO, key: str, value: object) -> None:
    print(json.dumps({key: value}, separators=(",", ":")), file=lines, flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
