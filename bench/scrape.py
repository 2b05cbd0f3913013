"""What a scrape and a check cost the agent, beside their peers in the same run.

    python -m bench.scrape [--quick]

CPU time of the thread that asks, kernel included; what is asked runs in a process of its own. The
rounds of all take turns; of each the middle one counts. Every scrape is a whole one: asked, read,
made into readings.
"""

import argparse
import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from agent.collectors.endpoints import EndpointCollector
from agent.collectors.scrape import ScrapeCollector
from agent.folding import Folder
from agent.live import LiveBoard
from agent.records import RecordQueue
from agent.sampling import Audience, Clocks, Runner, Sinks
from bench.processes import free_port, memory_bytes
from bench.report import Figure, percentile, report
from models.monitoring import Timing
from models.settings.endpoint import Endpoint
from models.settings.scrape import Scrape

ROUNDS = 5
LIMIT_MS = 3.0
EXPORTER = "/usr/bin/prometheus-node-exporter"
ENDPOINTS = 10
INTERVAL_SECONDS = 1.0


class Taken(NamedTuple):
    """Milliseconds of CPU time of one round."""

    median: float
    p99: float


def measured(once: Callable[[], object], runs: int) -> Taken:
    for _ in range(max(3, runs // 10)):
        once()
    took = []
    for _ in range(runs):
        before = time.thread_time_ns()
        once()
        took.append((time.thread_time_ns() - before) / 1e6)
    return Taken(percentile(took, 0.5), percentile(took, 0.99))


def ours(url: str) -> Callable[[], object]:
    collector = ScrapeCollector(Scrape(url=url), {})
    return lambda: collector.collect(time.monotonic())


def whole_parse(url: str) -> Callable[[], object]:
    """Everything read by prometheus_client, over a connection that stays open, too."""
    parts = httpx.URL(url)
    connection = http.client.HTTPConnection(parts.host, parts.port)

    def once() -> int:
        connection.request("GET", parts.path)
        text = connection.getresponse().read().decode()
        return sum(len(family.samples) for family in text_string_to_metric_families(text))

    return once


def checked(url: str) -> Callable[[], object]:
    collector = EndpointCollector(Endpoint(url=url))
    return lambda: collector.collect(time.monotonic())


def by_httpx(url: str) -> Callable[[], object]:
    """A connection of its own for every check, as the time to connect is part of the answer."""

    def once() -> int:
        with httpx.Client(trust_env=False, verify=False) as client:  # noqa: S501  # no TLS here
            return client.get(url).status_code

    return once


@contextlib.contextmanager
def exporter() -> Iterator[str]:
    port = free_port()
    quiet = subprocess.DEVNULL
    command = [EXPORTER, f"--web.listen-address=127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        url = f"http://127.0.0.1:{port}/metrics"
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait(url: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, trust_env=False)
            return
        time.sleep(0.1)
    raise SystemExit(f"{EXPORTER} does not answer; `make debian-packages` installs it")


def middles(url: str, runs: int) -> dict[str, Taken]:
    root = url.removesuffix("metrics")
    contenders = {
        "scrape of node_exporter": ours(url),
        "the same by prometheus_client": whole_parse(url),
        "check of an endpoint": checked(root),
        "the same by httpx": by_httpx(root),
    }
    rounds: dict[str, list[Taken]] = {}
    for _ in range(ROUNDS):
        for what, once in contenders.items():
            rounds.setdefault(what, []).append(measured(once, runs))
    return {what: sorted(each)[ROUNDS // 2] for what, each in rounds.items()}


def ten_endpoints(url: str, seconds: float) -> tuple[float, float]:
    """MB of own memory that ten of them add to a process with one, and ms of CPU a check."""
    command = [sys.executable, "-m", "bench.scrape", "--watch", url, str(seconds)]
    memory_mb, check_ms = subprocess.check_output(command, text=True).split()
    return float(memory_mb), float(check_ms)


def watch(url: str, seconds: float) -> int:
    """The process in which ten endpoints are checked every second, each on its thread."""
    clocks = Clocks()
    sinks, audience = Sinks(LiveBoard(), Folder(), RecordQueue()), Audience(clocks)
    EndpointCollector(Endpoint(url=url)).collect(0.0)
    timing = Timing(INTERVAL_SECONDS, timeout_seconds=5, series_max=20)
    memory, cpu = memory_bytes(os.getpid(), "Anonymous"), time.process_time()
    for number in range(ENDPOINTS):
        collector = EndpointCollector(Endpoint(name=f"e{number}", url=url))
        Runner(collector, timing, "bench", sinks, audience, clocks).start()
    time.sleep(seconds)
    checks = ENDPOINTS * seconds / INTERVAL_SECONDS
    grown_mb = (memory_bytes(os.getpid(), "Anonymous") - memory) / 1e6
    print(grown_mb, 1000 * (time.process_time() - cpu) / checks)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the runs")
    parser.add_argument("--watch", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        return watch(options.watch[0], float(options.watch[1]))
    quick = options.quick
    with exporter() as url:
        found = middles(url, 20 if quick else 100)
        memory_mb, check_ms = ten_endpoints(url.removesuffix("metrics"), 5.0 if quick else 25.0)
    figures = []
    for what, taken in found.items():
        limit = LIMIT_MS if what == "scrape of node_exporter" else None
        figures += [
            Figure(f"{what}, CPU, median", taken.median, "ms", limit),
            Figure(f"{what}, CPU, p99", taken.p99, "ms"),
        ]
    share = found["scrape of node_exporter"].median / found["the same by prometheus_client"].median
    figures += [
        Figure("scrape, of prometheus_client's", share, ""),
        Figure("ten endpoints, own memory", memory_mb, "MB"),
        Figure("ten endpoints, CPU a check with its thread", check_ms, "ms"),
        Figure("ten endpoints every 10 s, CPU", check_ms / 10, "% of a core"),
    ]
    return report("bench.scrape", figures)


if __name__ == "__main__":
    sys.exit(main())
