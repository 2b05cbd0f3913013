"""What the app costs its server and its viewers, on the demo store with agent and app running.

    python -m bench.app [--quick]

Viewers are clients of Streamlit's protocol (bench/load.py); the painting is timed in Chromium.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench import processes
from bench.load import Address, Pace, Run, Viewer, as_asked, watching
from bench.processes import CACHE, ROOT
from bench.report import Figure, percentile, report
from models.demo import VPS

CHARTS_PAGE = "machines"
CHARTS_QUERY = f"machine={VPS}&span=24h"
CHARTS = 6
TILES_SECONDS_MAX = 3.0
CHARTS_SECONDS_MIN = 8.0
"""Which fragments are which, by the intervals that they ask for."""
SETTLE_SECONDS = 8.0
VIEWERS = 10


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long each part is measured, in seconds, and how many refreshes make the long run."""

    tiles: float = 60.0
    charts: float = 120.0
    viewers: float = 90.0
    refreshes: int = 1_000
    paintings: int = 5


QUICK = Lengths(tiles=16.0, charts=41.0, viewers=30.0, refreshes=300, paintings=2)


@dataclass(frozen=True, slots=True)
class Watched:
    """What some viewers cost: CPU seconds of the server and the runs that they saw."""

    seconds: float
    cpu_seconds: float
    runs: list[Run]
    plots: int


def only_tiles(interval_seconds: float) -> float | None:
    return interval_seconds if interval_seconds <= TILES_SECONDS_MAX else None


def only_charts(interval_seconds: float) -> float | None:
    return interval_seconds if interval_seconds >= CHARTS_SECONDS_MIN else None


def hurried(interval_seconds: float) -> float | None:
    return interval_seconds / 5


async def watched(pid: int, address: Address, viewers: int, seconds: float, pace: Pace) -> Watched:
    tabs = [Viewer(address, pace) for _ in range(viewers)]
    async with watching(tabs):
        await asyncio.sleep(SETTLE_SECONDS)
        started, cpu_before = time.monotonic(), processes.cpu_seconds(pid)
        await asyncio.sleep(seconds)
        cpu = processes.cpu_seconds(pid) - cpu_before
        took = time.monotonic() - started
    runs = [run for tab in tabs for run in tab.runs if started <= run.at < started + took]
    refuse_errors(tabs)
    return Watched(took, cpu, runs, max(tab.plots for tab in tabs))


def refuse_errors(tabs: list[Viewer]) -> None:
    errors = [error for tab in tabs for error in tab.errors]
    if errors:
        raise SystemExit(f"the page shows an error, so its figures mean nothing: {errors[0]}")


async def grown_bytes(pid: int, address: Address, refreshes: int) -> int:
    """Growth of the server's memory over so many refreshes, after a fifth of them as warm-up."""
    tabs = [Viewer(address, hurried) for _ in range(VIEWERS)]

    async def until(count: int) -> int:
        while sum(len(tab.runs) for tab in tabs) < count:
            await asyncio.sleep(0.2)
        return processes.memory_bytes(pid)

    async with watching(tabs):
        before = await until(refreshes // 5)
        after = await until(refreshes // 5 + refreshes)
    refuse_errors(tabs)
    return after - before


def per_refresh(name: str, seen: Watched, idle: float, limits: tuple[float, float]) -> list[Figure]:
    if not seen.runs:
        raise SystemExit(f"{name}: nothing refreshed, so there is nothing to measure")
    count = len(seen.runs)
    net_cpu_seconds = seen.cpu_seconds - idle * seen.seconds
    wire = statistics.mean(run.wire_bytes for run in seen.runs)
    payload = statistics.mean(run.payload_bytes for run in seen.runs)
    return [
        Figure(f"{name}: server CPU a refresh", 1000 * net_cpu_seconds / count, "ms", limits[0]),
        Figure(f"{name}: bytes a refresh, compressed", wire / 1000, "kB", limits[1]),
        Figure(f"{name}: bytes a refresh, unpacked", payload / 1000, "kB"),
        Figure(f"{name}: refreshes measured", count, ""),
    ]


def many_viewers(seen: Watched, memory_bytes: int) -> list[Figure]:
    latencies = [1000 * run.seconds for run in seen.runs]
    return [
        Figure(f"{VIEWERS} viewers: server CPU", 100 * seen.cpu_seconds / seen.seconds, "%", 25),
        Figure(f"{VIEWERS} viewers: memory (RSS)", memory_bytes / 1e6, "MB", 250),
        Figure(f"{VIEWERS} viewers: refresh p50", percentile(latencies, 0.5), "ms"),
        Figure(f"{VIEWERS} viewers: refresh p95", percentile(latencies, 0.95), "ms"),
        Figure(f"{VIEWERS} viewers: refreshes a second", len(seen.runs) / seen.seconds, ""),
    ]


PAINTED = """count => [...document.querySelectorAll('.js-plotly-plot .cartesianlayer .subplot')]
  .filter(chart => chart.querySelector('.trace path')).length >= count"""


def painting_seconds(browser: Browser, port: int) -> float:
    """From the address to six painted charts, with nothing in the browser's cache."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    try:
        page = context.new_page()
        started = time.monotonic()
        page.goto(f"http://127.0.0.1:{port}/{CHARTS_PAGE}?{CHARTS_QUERY}", wait_until="commit")
        page.wait_for_function(PAINTED, arg=CHARTS, timeout=60_000, polling=50)
        return time.monotonic() - started
    finally:
        context.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        yield browser
        browser.close()


def protocol_figures(pid: int, port: int, lengths: Lengths, idle: float) -> list[Figure]:
    charts_page = Address(port, CHARTS_PAGE, CHARTS_QUERY)
    tiles = asyncio.run(watched(pid, Address(port), 1, lengths.tiles, only_tiles))
    charts = asyncio.run(watched(pid, charts_page, 1, lengths.charts, only_charts))
    if charts.plots < CHARTS:
        raise SystemExit(f"the page {CHARTS_PAGE!r} shows {charts.plots} charts, not {CHARTS}")
    ten = asyncio.run(watched(pid, charts_page, VIEWERS, lengths.viewers, as_asked))
    memory = processes.memory_bytes(pid)
    grown = asyncio.run(grown_bytes(pid, charts_page, lengths.refreshes))
    return [
        *per_refresh("tiles", tiles, idle, (25, 6)),
        *per_refresh(f"{charts.plots} charts", charts, idle, (110, 55)),
        *many_viewers(ten, memory),
        Figure(f"growth over {lengths.refreshes} refreshes", grown / 1e6, "MB", 5),
    ]


def idle_share(pid: int, seconds: float = 5.0) -> float:
    """Share of a core that the server uses with nobody there."""
    before = processes.cpu_seconds(pid)
    time.sleep(seconds)
    return (processes.cpu_seconds(pid) - before) / seconds


def demo_home() -> Path:
    """The demo's home in the cache folder, filled up to now."""
    home = CACHE / "demo"
    processes.run_to_end(["-m", "agent", "demo", "--home", str(home)])
    return home


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.app")
    parser.add_argument("--quick", action="store_true", help="a fifth of the time, rougher")
    parser.add_argument("--script", type=Path, default=ROOT / "app.py", help="the app to measure")
    options = parser.parse_args()
    lengths = QUICK if options.quick else Lengths()
    home = demo_home()
    processes.go_first()
    with processes.agent(home), processes.app(home, options.script) as (pid, port):
        idle = idle_share(pid)
        with chromium() as browser:
            first = painting_seconds(browser, port)
            later = [painting_seconds(browser, port) for _ in range(lengths.paintings)]
        figures = [
            Figure("server idle", 100 * idle, "%"),
            *protocol_figures(pid, port, lengths, idle),
            Figure("six charts painted, first visit after start", first, "s"),
            Figure("six charts painted, cold browser", statistics.median(later), "s", 4),
        ]
    return report("bench.app", figures)


if __name__ == "__main__":
    raise SystemExit(main())
