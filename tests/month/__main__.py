"""A month in fast motion: `python -m tests.month FILE [--short]` writes what was seen of it.

A process of its own, since the clock of the whole process is that of the month.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.month.clock import live_by
from tests.month.plan import BEGINS, SHORT, WHOLE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--short", action="store_true", help="steps of three hours, fewer calls")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="month") as name:
        folder = Path(name)
        clock = live_by(folder / "clock")
        clock.set(BEGINS)
        from tests.month.living import lived

        began = time.monotonic()
        chronicle = lived(folder, clock, SHORT if told.short else WHOLE)
        chronicle.seconds = time.monotonic() - began
    chronicle.write(told.file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
