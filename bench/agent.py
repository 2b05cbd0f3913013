"""What the agent costs its machine with nobody watching, beside Glances, node_exporter, netdata.

    python -m bench.agent [--seconds 120] [--rounds 1] [--quick]

All run at the same time, so that they share whatever else the machine does: once an agent without
settings, and once one that reads everything every 10 s, on a machine with 70 services. Then that
one lives through an hour of ticks at once and answers 100 questions: its memory. The figures and
how to read them stand in bench/README.md.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench import peers, processes
from bench.memory import Grown, after_an_hour, home_with
from bench.peers import Running
from bench.report import Figure, report
from bench.services import services
from bench.usage import Usage, usage_of_tree
from data.home import Home
from data.reader import Reader

WARM_UP_SECONDS = 30.0
LAST_BATCH_SECONDS = 13.0
"""How long after the measuring the last rows reach the store."""

CPU_PERCENT_MAX = 0.5
SHARE_OF_GLANCES_MAX = 0.5
PSS_MB_MAX = 100.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one program used in `seconds`, and how many values it brought meanwhile."""

    name: str
    seconds: float
    used: Usage
    values: int

    @property
    def cpu_percent(self) -> float:
        return 100 * self.used.cpu_seconds / self.seconds

    @property
    def cpu_us_per_value(self) -> float:
        return 1e6 * self.used.cpu_seconds / self.values


AS_IT_COMES = "Sallim's agent as it comes"
FULL = "Sallim's agent, all at 10 s"
SERVICES = 70
FULL_SETTINGS = """[collectors.processes]
interval_seconds = 10
top_n = 100
series_max = 400
"""


@contextlib.contextmanager
def agent_as_it_comes(folder: Path) -> Iterator[Running]:
    with _agent(folder / "as-it-comes", AS_IT_COMES, "") as running:
        yield running


@contextlib.contextmanager
def full_agent(folder: Path) -> Iterator[Running]:
    with _agent(folder / "full", FULL, FULL_SETTINGS) as running:
        yield running


@contextlib.contextmanager
def _agent(folder: Path, name: str, settings: str) -> Iterator[Running]:
    """Values: rows of ten seconds in its store."""
    home = home_with(folder, settings)
    with processes.agent(home.path) as pid:
        yield Running(name, pid, lambda since, until: rows(home, since, until))


def rows(home: Home, since: float, until: float) -> int:
    moments = [datetime.fromtimestamp(at, UTC).isoformat() for at in (since, until)]
    sql = (
        "SELECT count(*) AS n FROM samples "
        "WHERE taken_at >= CAST(? AS TIMESTAMPTZ) AND taken_at < CAST(? AS TIMESTAMPTZ)"
    )
    return int(Reader(home).columns(sql, moments)["n"][0])


Start = Callable[[Path], AbstractContextManager[Running]]
STARTS: tuple[Start, ...] = (
    full_agent,
    agent_as_it_comes,
    peers.glances,
    peers.node_exporter,
    peers.netdata,
)


def side_by_side(starts: Sequence[Start], warm_up: float, seconds: float) -> list[Cost]:
    """Start them in that order, let them settle, measure all over the same time."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sallim-bench-")))
        stack.enter_context(services(folder, SERVICES))
        running = [stack.enter_context(start(folder)) for start in starts]
        time.sleep(warm_up)
        since, before = time.time(), [usage_of_tree(program.pid) for program in running]
        time.sleep(seconds)
        until, after = time.time(), [usage_of_tree(program.pid) for program in running]
        time.sleep(LAST_BATCH_SECONDS)
        values = [program.values(since, until) for program in running]
    return [
        Cost(program.name, until - since, new.since(old), count)
        for program, old, new, count in zip(running, before, after, values, strict=True)
    ]


def rounds(count: int, warm_up: float, seconds: float) -> list[Cost]:
    """All rounds together, one cost a program; every second round starts them in reverse."""
    sums: dict[str, Cost] = {}
    for index in range(count):
        starts = STARTS if index % 2 == 0 else STARTS[::-1]
        for cost in side_by_side(starts, warm_up, seconds):
            before = sums.get(cost.name)
            sums[cost.name] = cost if before is None else together(before, cost)
    return list(sums.values())


def together(one: Cost, two: Cost) -> Cost:
    used = one.used.joined(two.used)
    return Cost(one.name, one.seconds + two.seconds, used, one.values + two.values)


def show(costs: Sequence[Cost]) -> None:
    width = max(len(cost.name) for cost in costs)
    head = ("% of core", "µs/value", "values", "PSS MB", "RSS MB", "kB/min", "wakes/s")
    print(f"{'':{width}}  " + "  ".join(f"{title:>9}" for title in head))
    for cost in costs:
        used = cost.used
        cells = (
            f"{cost.cpu_percent:.3f}",
            f"{cost.cpu_us_per_value:.1f}",
            f"{cost.values:,}",
            f"{used.pss_bytes / 1e6:.1f}",
            f"{used.rss_bytes / 1e6:.1f}",
            f"{used.written_bytes / 1000 / cost.seconds * 60:.0f}",
            f"{used.switches / cost.seconds:.1f}",
        )
        print(f"{cost.name:{width}}  " + "  ".join(f"{cell:>9}" for cell in cells))


def figures(costs: Sequence[Cost], grown: Grown) -> list[Figure]:
    by_name = {cost.name: cost for cost in costs}
    full, plain, glances = by_name[FULL], by_name[AS_IT_COMES], by_name[peers.GLANCES_NAME]
    share = full.cpu_us_per_value / glances.cpu_us_per_value
    return [
        Figure("as it comes: CPU", plain.cpu_percent, "% of a core", CPU_PERCENT_MAX),
        Figure("all at 10 s: CPU", full.cpu_percent, "% of a core", CPU_PERCENT_MAX),
        Figure("all at 10 s: CPU a value, of Glances'", share, "", SHARE_OF_GLANCES_MAX),
        Figure("all at 10 s: values every 10 s", 10 * full.values / full.seconds, ""),
        Figure("after an hour: PSS", grown.before_bytes / 1e6, "MB", PSS_MB_MAX),
        Figure("after 100 questions more: PSS", grown.after_bytes / 1e6, "MB", PSS_MB_MAX),
        Figure("after both: rows in the store", grown.rows, ""),
        Figure("after both: numpy, pandas, pyarrow loaded", len(grown.barred), "", 0),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.agent")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long each round measures")
    parser.add_argument("--rounds", type=int, default=1, help="the order alternates")
    parser.add_argument("--quick", action="store_true", help="half of the time, rougher")
    options = parser.parse_args()
    share = 0.5 if options.quick else 1.0
    peers.fetch()
    costs = rounds(options.rounds, WARM_UP_SECONDS * share, options.seconds * share)
    show(costs)
    return report("bench.agent", figures(costs, after_an_hour(FULL_SETTINGS, SERVICES)))


if __name__ == "__main__":
    raise SystemExit(main())
