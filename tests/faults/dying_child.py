"""data/ops/child.py, ended by itself at a step of the test's choice, as a damaged file ends it.

`dying_child.py STEP HOW [STEP HOW ...] REQUEST`: STEP is a regular expression; a range of rows has
a name for each vector in it, `rows of TABLE at ROW`. HOW is a signal's name, or `exit`, `hang` or
`spin`.
"""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.ops import child, copying
from data.ops.steps import Steps

RANGE = re.compile(r"rows (\d+) to (\d+) of (\w+)")


class DyingSteps(Steps):
    def take(self, step, **limits):
        taken = super().take(step, **limits)
        for pattern, how in zip(sys.argv[1:-1:2], sys.argv[2:-1:2], strict=True):
            if taken and any(re.fullmatch(pattern, name) for name in names_of(step)):
                end(how)
        return taken


def names_of(step):
    found = RANGE.fullmatch(step)
    if found is None:
        return [step]
    start, stop, table = int(found[1]), int(found[2]), found[3]
    return [f"rows of {table} at {row}" for row in range(start, stop, copying.ROWS_LEAST)]


def end(how):
    if how == "exit":
        os._exit(1)
    if how == "spin":
        signal.setitimer(signal.ITIMER_PROF, 0.05)
        while True:
            pass
    if how == "hang":
        time.sleep(1_000)
    os.kill(os.getpid(), signal.Signals[how])


if __name__ == "__main__":
    child.Steps = DyingSteps
    child.main(json.loads(sys.argv[-1]))
