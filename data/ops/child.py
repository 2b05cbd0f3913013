"""The process that reads a file of which nothing is known yet: `python -m data.ops.child REQUEST`.

DuckDB can end its process over a file that is damaged in a bad way; here, that is not the agent.
REQUEST is JSON; answers are lines of JSON: each step, then `answer` or `error`. See apart.py.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.lean import stay_lean

if __name__ == "__main__":
    stay_lean()

# What follows loads duckdb, which must not find what stay_lean() bars.
import duckdb

from data.children import live_and_die_with, only_our_lines, say_line
from data.ops.copying import Copying
from data.ops.steps import Steps
from data.ops.verify import look


def main(request: Mapping[str, Any]) -> None:
    """Do what is asked, and end without closing anything: a damaged file may not survive that."""
    live_and_die_with(request["parent"])
    lines = only_our_lines()
    steps = Steps(lambda step: say_line(lines, "step", step), request["fatal"])
    try:
        answer = _answer(request, steps)
    except (duckdb.Error, ValueError, OverflowError) as error:
        # Nonsense that reads like data is damage, too: no text (UnicodeDecodeError), no date.
        kind = type(error).__name__ if isinstance(error, duckdb.Error) else "Error"
        say_line(lines, "error", [kind, str(error)])
    else:
        say_line(lines, "answer", answer)
    os._exit(0)


def _answer(request: Mapping[str, Any], steps: Steps) -> object:
    source = Path(request["source"])
    if request["target"] is None:
        return look(source, steps).as_json()
    Copying(Path(request["target"]), source, steps, request["now"]).run()
    return True


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
