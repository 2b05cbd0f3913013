"""The agent over a whole household at its default intervals: what watching everything costs.

    python -m bench.household --seconds 300

One n8n (the tests' stand-in, 30 workflows, a run every second), one real PostgreSQL, one real
Redis, ten endpoints, three scrape targets (a real node_exporter), one real probe that pushes to
the agent's listener. Peers in the same run are Glances, which stores what it sees of this machine
in a CSV, and that node_exporter, which only answers. A collector's own work is the CPU time of its
thread in a round; by the clock a round also waits for its source and for its turn on the processor.
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

from bench import peers
from bench.agent import LAST_BATCH_SECONDS, rows
from bench.processes import ROOT, agent, free_port
from bench.report import Figure, percentile, report
from bench.usage import usage_of_tree
from data.home import Home
from data.reader import Reader
from data.tokens import PUSH, create
from tests.household import Household, running_household
from tests.servers.node_exporter import node_exporter

MEGABYTE = 1_000_000
SETTLE_SECONDS = 60.0
WORKFLOWS = 30
OWN_MS = 50.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--quick", action="store_true", help="60 seconds")
    chosen = parser.parse_args()
    seconds = 60.0 if chosen.quick else chosen.seconds
    peers.fetch_glances()
    with tempfile.TemporaryDirectory(prefix="sallim-bench-") as folder:
        return report("bench.household", measured(Path(folder), seconds))


def measured(folder: Path, seconds: float) -> list[Figure]:
    home, rounds = Home(folder / "home"), folder / "rounds"
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(running_household(home))
        exporter = stack.enter_context(node_exporter())
        port = _more_settings(home, exporter.url)
        for number in range(WORKFLOWS - len(house.n8n.workflows)):
            house.n8n.workflow(f"workflow {number}")
        os.environ.update(house.environ)
        pid = stack.enter_context(agent(home.path, rounds))
        probe = stack.enter_context(_probe(home, port))
        glances = stack.enter_context(peers.glances(folder))
        _live(house, SETTLE_SECONDS)
        settled = len(rounds.read_text().splitlines())
        programs = (pid, probe, exporter.pid, glances.pid)
        before = [usage_of_tree(program) for program in programs]
        since = time.time()
        _live(house, seconds)
        until = time.time()
        used = [
            usage_of_tree(program).since(old) for program, old in zip(programs, before, strict=True)
        ]
        took = _by_kind(rounds.read_text().splitlines()[settled:])
        _live(house, LAST_BATCH_SECONDS)
        values = rows(home, since, until), glances.values(since, until)
        series = Reader(home).columns("SELECT count(*) AS n FROM series")["n"][0]
    whole, small, shown, other = used
    a_value = [1e6 * each.cpu_seconds / n for each, n in zip((whole, other), values, strict=True)]
    return [
        Figure("agent: CPU of a core", 100 * whole.cpu_seconds / (until - since), "%", 1.5),
        Figure("agent: PSS", whole.pss_bytes / MEGABYTE, "MB", 110),
        Figure("agent: RSS", whole.rss_bytes / MEGABYTE, "MB"),
        Figure("agent: series", float(series), ""),
        Figure("agent: values in ten seconds", 10 * values[0] / seconds, ""),
        Figure("agent: CPU a value", a_value[0], "µs"),
        Figure("Glances: CPU a value", a_value[1], "µs"),
        Figure("Glances: CPU of a core", 100 * other.cpu_seconds / seconds, "%"),
        *_of_rounds(took),
        Figure("probe: CPU of a core", 100 * small.cpu_seconds / seconds, "%", 0.3),
        Figure("probe: PSS", small.pss_bytes / MEGABYTE, "MB", 40),
        Figure(
            "node_exporter, asked by three: CPU of a core", 100 * shown.cpu_seconds / seconds, "%"
        ),
    ]


def _by_kind(lines: list[str]) -> dict[str, list[tuple[float, float]]]:
    """Own work and time by the clock of each round, milliseconds."""
    took: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in lines:
        name, own_ms, whole_ms = line.rsplit(" ", 2)
        took[name.partition(":")[0]].append((float(own_ms), float(whole_ms)))
    return took


def _of_rounds(took: dict[str, list[tuple[float, float]]]) -> Iterator[Figure]:
    for kind, rounds in sorted(took.items()):
        own, whole = zip(*rounds, strict=True)
        yield Figure(f"{kind}: own work, p99 of {len(own)}", percentile(own, 0.99), "ms", OWN_MS)
        yield Figure("  by the clock, median", percentile(whole, 0.5), "ms")
        yield Figure("  by the clock, p99", percentile(whole, 0.99), "ms")


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


def _live(house: Household, seconds: float) -> None:
    """Runs of workflows and a queue that moves, every second."""
    workflows = list(house.n8n.workflows)
    end, turn = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        house.n8n.run(workflows[turn % len(workflows)], seconds=0.4)
        house.redis.run("RPUSH", "q:transcribe", f"video-{turn}")
        house.redis.run("LTRIM", "q:transcribe", "-20", "-1")
        turn += 1
        time.sleep(1.0)


if __name__ == "__main__":
    sys.exit(main())
