"""Starting the real agent and the real app for a benchmark, and what they use, from /proc."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx

from data.home import Home

ROOT = Path(__file__).parents[1]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sallim-bench"
START_SECONDS_MAX = 60.0
KEPT_SECONDS = 6 * 3_600


def go_first() -> None:
    """Run before what else the machine does, children too, where that is allowed (as root).

    What is timed by the clock is then near to what it is on a machine with nothing else to do.
    """
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -15)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process with all its threads, ended ones too; the kernel counts nanoseconds."""
    clock_of_process = (~pid << 3) | 2
    return time.clock_gettime(clock_of_process)


def memory_bytes(pid: int, field: str = "Rss") -> int:
    """`Rss` or `Pss` of a process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def agent(home: Path, rounds: Path | None = None) -> Iterator[int]:
    """The agent over that home; gives its process id when it answers.

    With `rounds` it notes there what each round of a collector took (bench/timed_agent.py).
    """
    plain = ["agent", "run", "--home", str(home)]
    timed = ["bench.timed_agent", str(home), str(rounds)]
    command = [sys.executable, "-m", *(plain if rounds is None else timed)]
    # As deploy/sallim-agent.service and `make run` set it.
    environ = {"MALLOC_ARENA_MAX": "2"}
    with _running(command, environ, home.parent / "bench-agent.log") as process:
        transport = httpx.HTTPTransport(uds=str(home / "agent.sock"))
        with httpx.Client(transport=transport, base_url="http://agent") as client:
            _wait(lambda: client.get("/health").is_success, process, "the agent")
        yield process.pid


@contextlib.contextmanager
def app(home: Path, script: Path = ROOT / "app.py") -> Iterator[tuple[int, int]]:
    """The app over that home; gives process id and port when it answers."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(script)),
        *("--server.address", "127.0.0.1", "--server.port", str(port)),
        *("--server.headless", "true"),
    ]
    environ = {"SALLIM_HOME": str(home)}
    with _running(command, environ, home.parent / "bench-app.log") as process:
        health = f"http://127.0.0.1:{port}/_stcore/health"
        with httpx.Client(trust_env=False) as client:
            _wait(lambda: client.get(health).is_success, process, "the app")
        yield process.pid, port


@contextlib.contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ}, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(answers, process: "subprocess.Popen[bytes]", name: str) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{name} ended with status {process.returncode}; see its log")
        with contextlib.suppress(httpx.HTTPError):
            if answers():
                return
        time.sleep(0.1)
    raise SystemExit(f"{name} did not answer within {START_SECONDS_MAX:.0f} s; see its log")


def run_to_end(arguments: list[str]) -> None:
    """A Python command of the product, to its end; its failure is the benchmark's."""
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True)


def cached_home(name: str, fill: Callable[[Home, float], None]) -> Home:
    """A home that is kept for six hours; `fill` is told the moment at which it is made."""
    home = Home(CACHE / name)
    made = home.path / "made_at"
    now = time.time()
    if made.exists() and now - float(made.read_text()) < KEPT_SECONDS:
        return home
    shutil.rmtree(home.path, ignore_errors=True)
    home.make()
    fill(home, now)
    made.write_text(str(now))
    return home
