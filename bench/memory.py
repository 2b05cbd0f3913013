"""The agent's memory after an hour of ticks (bench/hour.py) and 100 questions to its socket."""

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.services import services
from bench.usage import mapped, usage_of_tree
from data.home import Home
from data.reader import Reader

HOUR_SECONDS_MAX = 300.0
QUESTIONS = 100
BARRED = ("numpy", "pandas", "pyarrow")


def home_with(folder: Path, settings: str) -> Home:
    """A home whose own settings stand before any that the checkout may have."""
    home = Home(folder / "home")
    home.path.mkdir(parents=True, mode=0o700)
    (home.path / "sallim.toml").write_text(settings)
    return home


@dataclass(frozen=True, slots=True)
class Grown:
    """An agent after its hour: memory before and after the questions, and what it has loaded."""

    before_bytes: int
    after_bytes: int
    rows: int
    barred: list[str]


def after_an_hour(settings: str, service_count: int) -> Grown:
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sallim-bench-"))
        home, done = home_with(Path(folder), settings), Path(folder) / "done"
        stack.enter_context(services(Path(folder), service_count))
        command = [sys.executable, "-m", "bench.hour", str(home.path), str(done)]
        with (Path(folder) / "log").open("wb") as log:
            agent = subprocess.Popen(command, cwd=processes.ROOT, stdout=log, stderr=log)
            try:
                wait_for(done, agent)
                before = usage_of_tree(agent.pid).pss_bytes
                count = ask(home)
                after = usage_of_tree(agent.pid).pss_bytes
                barred = mapped(agent.pid, BARRED)
            finally:
                agent.terminate()
                agent.wait(15)
    return Grown(before, after, count, barred)


def wait_for(done: Path, agent: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + HOUR_SECONDS_MAX
    while not done.exists():
        if agent.poll() is not None or time.monotonic() > until:
            raise SystemExit("the agent did not live through its hour: run `python -m bench.hour`")
        time.sleep(0.2)


def ask(home: Home) -> int:
    """Questions with parameters as the pages ask them; gives the number of rows in the store."""
    reader = Reader(home)
    names = reader.columns("SELECT DISTINCT name FROM series WHERE name <> ?", [""])["name"]
    sql = (
        "SELECT s.taken_at, s.mean, s.min, s.max, s.n FROM samples AS s "
        "JOIN series AS k ON k.id = s.series_id WHERE k.name = ? AND s.n >= ? ORDER BY 1"
    )
    for index in range(QUESTIONS):
        reader.columns(sql, [str(names[index % len(names)]), 1])
        if index % 10 == 0:
            reader.live(["machine.cpu.utilization"])
    return int(reader.columns("SELECT count(*) AS n FROM samples WHERE n > ?", [0])["n"][0])
