"""What watching an n8n costs: 2,000 runs at once, and a day of ticks at the usual intervals.

    python -m bench.n8n_ingest [--quick]

n8n is the tests' stand-in in a process of its own, so that only the collector's work is counted.
The clock is turned, not waited for: CPU is what the thread used, whatever else the machine does.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.collectors.n8n import House, N8nCollector
from bench import processes
from bench.report import Figure, percentile, report
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from models.settings.n8n import N8n as Settings
from models.workflows.known import Known
from tests.standins.n8n import N8n

AT_ONCE = 2000
WORKFLOWS = 30
TICK_SECONDS = 10
RUNS_A_TICK = 5
INGEST_SECONDS_MAX = 1.0
OWN_MS_MAX = 50.0
WEEKS_SECONDS = 35 * 86_400
RUNS_KEPT = 2000
"""As EXECUTIONS_DATA_PRUNE_MAX_COUNT of n8n (10,000 unless it is set)."""


def serve(pipe: Connection) -> None:
    """The stand-in; takes (now, count) and makes so many runs at that time."""
    clock = {"now": 0.0}
    with N8n(clock=lambda: clock["now"] or time.time()) as n8n:
        for number in range(WORKFLOWS):
            n8n.workflow(f"Workflow {number}", padding=20_000)
        pipe.send((n8n.url, n8n.key))
        while (order := pipe.recv()) is not None:
            clock["now"], count = order
            for number in range(count):
                status = "error" if number % 50 == 49 else "success"
                workflow = f"wf{number % WORKFLOWS + 1}"
                n8n.run(workflow, status, seconds=3.0, node="HTTP", error="502 Bad Gateway")
            prune(n8n)
            pipe.send(count)


def prune(n8n: N8n) -> None:
    """The oldest go: without this, the stand-in's lists grow by the square over a day."""
    for execution_id in list(n8n.executions)[:-RUNS_KEPT]:
        n8n.prune(execution_id)


class Watched:
    """The collector beside the stand-in, on a clock that is turned."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        url, key = pipe.recv()
        self.now = time.time()
        starts = [self.now - 1800.0 * n for n in range(WEEKS_SECONDS // 1800, 0, -1)]
        known = Known(0, starts={f"wf{n + 1}": starts for n in range(WORKFLOWS)})
        house = House(ZoneInfo("Asia/Seoul"), lambda: self.now)
        self._collector = N8nCollector(Settings(url=url), key, house, known)

    def runs(self, count: int) -> None:
        self._pipe.send((self.now, count))
        self._pipe.recv()

    def tick(self):
        self.now += TICK_SECONDS
        return self._collector.collect(self.now)


@contextmanager
def watched() -> Iterator[Watched]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Watched(ours)
    finally:
        ours.send(None)
        process.join(10)


def ingest(store: Store) -> list[Figure]:
    """From the first question to the last row in the store."""
    with watched() as n8n:
        n8n.tick()
        n8n.runs(AT_ONCE)
        taken: set[str] = set()
        wall = storing = own = 0.0
        while len(taken) < AT_ONCE:
            began, cpu = time.perf_counter(), time.thread_time()
            records = n8n.tick().records
            own += time.thread_time() - cpu
            read = time.perf_counter()
            store.record(records)
            storing += time.perf_counter() - read
            wall += time.perf_counter() - began
            taken |= {r.execution_id for r in records if hasattr(r, "execution_id")}
    return [
        Figure(f"{AT_ONCE:,} runs read, counted and stored", wall, "s", INGEST_SECONDS_MAX),
        Figure("  of it the collector's own work (CPU)", own, "s"),
        Figure("  of it storing", storing, "s"),
    ]


def ticks(count: int) -> list[Figure]:
    """The collector's own work, a tick after the other."""
    own_ms = []
    with watched() as n8n:
        n8n.tick()
        for _ in range(count):
            n8n.runs(RUNS_A_TICK)
            began = time.thread_time()
            n8n.tick()
            own_ms.append(1000 * (time.thread_time() - began))
    share = sum(own_ms) / 1000 / (count * TICK_SECONDS)
    return [
        Figure("own work of a tick, median", percentile(own_ms, 0.5), "ms"),
        Figure("own work of a tick, p99", percentile(own_ms, 0.99), "ms", OWN_MS_MAX),
        Figure("own work of a tick, worst", max(own_ms), "ms"),
        Figure("share of one core at the usual intervals", 100 * share, "%"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.n8n_ingest",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--quick", action="store_true", help="300 ticks, not a day of them")
    count = 300 if parser.parse_args().quick else 86_400 // TICK_SECONDS
    processes.go_first()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.make()
        store = Store.open(home, StoreLimits(free_min_bytes=0), time.time())
        try:
            figures = ingest(store)
        finally:
            store.close()
    return report("bench.n8n_ingest", [*figures, *ticks(count)])


if __name__ == "__main__":
    raise SystemExit(main())
