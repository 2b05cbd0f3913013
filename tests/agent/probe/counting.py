"""A real probe whose only source counts: each number is told once, so a loss or a double shows.

    python -m tests.agent.probe.counting --to URL --name NAME --spool DIR --told FILE [--first 1]

Buckets are of one second instead of ten, so that an outage of a minute is sixty of them. Every
number that was collected is written to FILE before it is folded.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from agent.logs import start_logging
from agent.notify import Notifier
from agent.probe.hub import Hub
from agent.probe.running import Options, Probe
from agent.probe.wiring import Chosen
from data.credentials import secret
from data.spool import Spool
from models.monitoring import Reading, Timing

SERIES = 20
INTERVAL_SECONDS = 0.25


class Counting:
    """`probe.count` grows by one at each reading, in each of its series."""

    name = "counting"

    def __init__(self, first: int, told: Path) -> None:
        self._next = first
        self._told = told.open("a")

    def collect(self, monotonic_seconds):
        number, self._next = self._next, self._next + 1
        print(number, file=self._told, flush=True)
        return [Reading("probe.count", number, (("n", str(n)),)) for n in range(SERIES)]


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--to", "--name", "--spool", "--told"):
        parser.add_argument(name, required=True)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--spool-bytes", type=int, default=64_000_000)
    given = parser.parse_args()
    start_logging("info", sys.stderr)
    counting = Counting(given.first, Path(given.told))
    probe = Probe(
        Options(given.name, INTERVAL_SECONDS, bucket_seconds=1),
        Hub(given.to, secret("SALLIM_TOKEN", os.environ)),
        Spool(Path(given.spool), given.spool_bytes),
        Notifier(None),
        lambda *_: [Chosen(counting, Timing(INTERVAL_SECONDS, 5.0, 100))],
    )
    signal.signal(signal.SIGTERM, lambda *_: probe.stop())
    probe.run()


if __name__ == "__main__":
    main()
