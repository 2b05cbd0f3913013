"""What a probe costs the machine it watches, and what its pushes cost the hub.

    python -m bench.probe --seconds 120

A real hub, a real probe at its defaults, both from this checkout. PSS shares pages with other
Pythons that happen to run; RSS is what it would be alone.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from agent.probe.archive import probe_file
from bench.processes import ROOT, agent, cpu_seconds, free_port, memory_bytes
from bench.report import Figure, report
from data.home import Home
from data.reader import Reader
from data.tokens import PUSH, create

MEGABYTE = 1_000_000
SETTLE_SECONDS = 25.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    seconds = parser.parse_args().seconds
    figures = []
    with tempfile.TemporaryDirectory(prefix="sallim-bench-") as folder:
        home, port = _home(Path(folder))
        archive = Path(folder) / "sallim-probe.pyz"
        archive.write_bytes(probe_file())
        with agent(home.path) as hub:
            alone = _cpu_share(hub, seconds / 2)
            for name, program in (("checkout", ["-m", "agent", "probe"]), ("pyz", [str(archive)])):
                with _probe(program, home, port, name) as pid:
                    time.sleep(SETTLE_SECONDS)
                    began, hub_began, started = cpu_seconds(pid), cpu_seconds(hub), time.monotonic()
                    time.sleep(seconds)
                    elapsed = time.monotonic() - started
                    share = (cpu_seconds(pid) - began) / elapsed
                    hub_share = (cpu_seconds(hub) - hub_began) / elapsed
                    figures += [
                        Figure(f"{name}: CPU of a core", 100 * share, "%", 0.3),
                        Figure(f"{name}: PSS", memory_bytes(pid, "Pss") / MEGABYTE, "MB", 40),
                        Figure(f"{name}: RSS", memory_bytes(pid) / MEGABYTE, "MB", 40),
                        Figure(f"{name}: hub's CPU more", 100 * (hub_share - alone), "%"),
                        Figure(f"{name}: series", _series(home, name), ""),
                    ]
        figures.append(Figure("the one file", archive.stat().st_size / MEGABYTE, "MB"))
    return report("bench.probe", figures)


def _home(folder: Path) -> tuple[Home, int]:
    home = Home(folder / "home")
    home.make()
    port = free_port()
    (home.path / "sallim.toml").write_text(f'[server]\nlisten = "127.0.0.1:{port}"\n')
    token = home.path / "token"
    token.touch(mode=0o600)
    token.write_text(create(home, "bench", time.time(), [PUSH]))
    return home, port


@contextlib.contextmanager
def _probe(program: list[str], home: Home, port: int, name: str) -> Iterator[int]:
    command = [
        *(sys.executable, *program, "--to", f"http://127.0.0.1:{port}"),
        *("--name", name, "--spool", str(home.path / name)),
    ]
    environ = {**os.environ, "SALLIM_TOKEN_FILE": str(home.path / "token")}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)


def _cpu_share(pid: int, seconds: float) -> float:
    time.sleep(SETTLE_SECONDS)
    began, started = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid) - began) / (time.monotonic() - started)


def _series(home: Home, machine: str) -> float:
    live = Reader(home).live()
    return sum(series.key.machine == machine for series in live.series) if live else 0


if __name__ == "__main__":
    sys.exit(main())
