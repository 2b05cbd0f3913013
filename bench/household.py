"""The agent over a whole household at its default intervals: what watching everything costs.

    python -m bench.household --seconds 300

One n8n (the tests' stand-in, 30 workflows, a run every second), one real PostgreSQL, one real
Redis, ten endpoints, three scrape targets (a real node_exporter), one real probe that pushes to
the agent's listener. The peer in the same run is that node_exporter, which only answers. A
collector's own work is the CPU time of its thread: what it waits for its source is not its own.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bench.processes import ROOT, agent, cpu_seconds, free_port, memory_bytes
from bench.report import Figure, percentile, report
from data.home import Home
from data.reader import Reader
from data.tokens import PUSH, create
from tests.household import Household, running_household
from tests.servers.node_exporter import node_exporter

MEGABYTE = 1_000_000
SETTLE_SECONDS = 60.0
LOOK_SECONDS = 5.0
WORKFLOWS = 30
WORK_MS_MAX = 50.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--quick", action="store_true", help="60 seconds")
    chosen = parser.parse_args()
    seconds = 60.0 if chosen.quick else chosen.seconds
    with tempfile.TemporaryDirectory(prefix="sallim-bench-") as folder:
        return report("bench.household", measured(Home(Path(folder) / "home"), seconds))


def measured(home: Home, seconds: float) -> list[Figure]:
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(running_household(home))
        exporter = stack.enter_context(node_exporter())
        port = _more_settings(home, exporter.url)
        for number in range(WORKFLOWS - len(house.n8n.workflows)):
            house.n8n.workflow(f"workflow {number}")
        os.environ.update(house.environ)
        pid = stack.enter_context(agent(home.path))
        probe = stack.enter_context(_probe(home, port))
        _live(house, SETTLE_SECONDS, defaultdict(list))
        durations: defaultdict[str, list[float]] = defaultdict(list)
        began = {each: cpu_seconds(each) for each in (pid, probe, exporter.pid)}
        started = time.monotonic()
        _live(house, seconds, durations)
        elapsed = time.monotonic() - started
        shares = {
            each: 100 * (cpu_seconds(each) - before) / elapsed for each, before in began.items()
        }
        series = Reader(home).columns("SELECT count(*) AS n FROM series")["n"][0]
        return [
            Figure("agent: CPU of a core", shares[pid], "%", 1.5),
            Figure("agent: PSS", memory_bytes(pid, "Pss") / MEGABYTE, "MB", 110),
            Figure("agent: series", float(series), ""),
            *(
                Figure(
                    f"{kind}: p99 of its own work",
                    1000 * percentile(found, 0.99),
                    "ms",
                    WORK_MS_MAX,
                )
                for kind, found in sorted(durations.items())
            ),
            Figure("probe: CPU of a core", shares[probe], "%", 0.3),
            Figure("probe: PSS", memory_bytes(probe, "Pss") / MEGABYTE, "MB", 40),
            Figure("node_exporter, asked by three: CPU of a core", shares[exporter.pid], "%"),
        ]


def _more_settings(home: Home, exporter_url: str) -> int:
    """Two more targets, and the listener that the probe pushes to."""
    port = free_port()
    file = home.path / "sallim.toml"
    targets = "".join(
        f'[[scrape]]\nname = "box-{number}"\nurl = "{exporter_url}"\n' for number in (2, 3)
    )
    file.write_text(f'{file.read_text()}{targets}[server]\nlisten = "127.0.0.1:{port}"\n')
    return port


@contextlib.contextmanager
def _probe(home: Home, port: int) -> Iterator[int]:
    token = home.path / "token"
    token.touch(mode=0o600)
    token.write_text(create(home, "bench", time.time(), [PUSH]))
    command = [sys.executable, "-m", "agent", "probe", "--to", f"http://127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--name", "rented", "--spool", str(home.path / "spool")],
        cwd=ROOT,
        env={**os.environ, "SALLIM_TOKEN_FILE": str(token)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)


def _live(house: Household, seconds: float, durations: defaultdict[str, list[float]]) -> None:
    """Runs of workflows and a queue that moves; how long each source took, now and then."""
    reader = Reader(house.home)
    workflows = list(house.n8n.workflows)
    end, turn = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        house.n8n.run(workflows[turn % len(workflows)], seconds=0.4)
        house.redis.run("RPUSH", "q:transcribe", f"video-{turn}")
        house.redis.run("LTRIM", "q:transcribe", "-20", "-1")
        turn += 1
        if turn % int(LOOK_SECONDS) == 0:
            for source in (reader.health() or {"sources": ()})["sources"]:
                durations[source["name"].partition(":")[0]].append(source["work_seconds"])
        time.sleep(1.0)


if __name__ == "__main__":
    sys.exit(main())
