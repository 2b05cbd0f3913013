"""The real agent, which also notes what each round of each collector took.

    python -m bench.timed_agent HOME ROUNDS

One line a round in the file ROUNDS: name, milliseconds of CPU of the collector's thread (its own
work), milliseconds by the clock (with the waiting for its source). Nothing else differs from
`python -m agent run`.
"""

import sys
import time
from pathlib import Path

from data.lean import stay_lean

stay_lean()

# What follows loads duckdb, which must not find what stay_lean() bars.
from agent.__main__ import main as run_agent  # noqa: E402
from agent.sampling import Runner  # noqa: E402


def main() -> int:
    home, rounds = sys.argv[1:]
    plain = Runner.collect_once
    with Path(rounds).open("a", buffering=1) as told:

        def timed(runner: Runner) -> None:
            cpu, clock = time.thread_time_ns(), time.monotonic_ns()
            plain(runner)
            own, whole = time.thread_time_ns() - cpu, time.monotonic_ns() - clock
            told.write(f"{runner.collector.name} {own / 1e6} {whole / 1e6}\n")

        Runner.collect_once = timed  # type: ignore[method-assign]
        return run_agent(["run", "--home", home])


if __name__ == "__main__":
    sys.exit(main())
