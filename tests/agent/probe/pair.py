"""A real hub and a real probe in processes of their own, and what of the one is in the other."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.home import Home
from data.reader import Reader
from data.tokens import PUSH, create
from tests.agent.probe.counting import SERIES
from tests.processes import ROOT, environ_of, free_port, log_of, start_agent, stop, until

QUIET = '[collectors.{name}]\nenabled = "off"\n'
COUNTED = """
    SELECT json_extract_string(labels, '$.n') AS n, epoch(taken_at)::BIGINT AS at,
           min::BIGINT AS low, max::BIGINT AS high, samples.n::BIGINT AS count
    FROM samples JOIN series ON series.id = series_id
    WHERE machine = ? AND name = 'probe.count'
"""


@dataclass
class Pair:
    """`before` is put in front of the command of each, for a namespace of its own."""

    folder: Path
    host: str = "127.0.0.1"
    before_hub: Sequence[str] = ()
    before_probe: Sequence[str] = ()
    processes: list[subprocess.Popen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home = Home(self.folder / "home")
        self.home.make()
        self.port = free_port()
        self.url = f"http://{self.host}:{self.port}"
        quiet = "".join(QUIET.format(name=name) for name in ("host", "gpu", "processes", "itself"))
        (self.home.path / "sallim.toml").write_text(
            f'[server]\nlisten = "{self.host}:{self.port}"\n[machine]\nname = "vps"\n{quiet}'
        )
        self.token = create(self.home, "gpu", time.time(), [PUSH])
        self.told = self.folder / "told"
        self.log = self.folder / "probe.log"
        self.hub: subprocess.Popen | None = None

    def start_hub(self) -> None:
        if self.before_hub:
            command = [*self.before_hub, sys.executable, "-m", "agent", "run"]
            with (self.home.path / "agent.log").open("ab") as log:
                self.hub = subprocess.Popen(
                    command, cwd=ROOT, env=environ_of(self.home), stderr=log
                )
        else:
            self.hub = start_agent(self.home)
        self.processes.append(self.hub)
        hub = self.hub
        until(lambda: hub.poll() is not None or Reader(self.home).health())
        assert hub.poll() is None, log_of(self.home)

    def kill_hub(self) -> None:
        assert self.hub is not None
        self.hub.kill()
        self.hub.wait()

    def start_probe(self, *extra: str, module: Sequence[str] = ()) -> subprocess.Popen:
        """The counting probe, unless another program is named."""
        told = ("--told", str(self.told))
        program = module or ("-m", "tests.agent.probe.counting", *told)
        command = [
            *(*self.before_probe, sys.executable, *program, "--to", self.url),
            *("--name", "gpu-1", "--spool", str(self.folder / "spool"), *extra),
        ]
        environ = {**os.environ, "SALLIM_TOKEN": self.token, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=log)
        self.processes.append(process)
        return process

    def end(self) -> None:
        for process in self.processes:
            stop(process)

    def collected(self) -> list[int]:
        return [int(line) for line in self.told.read_text().split()] if self.told.exists() else []

    def stored(self) -> dict[str, list[int]]:
        """The numbers that are stored, by series, in the order of their buckets."""
        found: dict[str, list[int]] = {}
        columns = Reader(self.home).columns(COUNTED + " ORDER BY n, low, high", ["gpu-1"])
        for name, low, high, count in zip(
            columns["n"], columns["low"], columns["high"], columns["count"], strict=True
        ):
            assert high - low + 1 == count, "a bucket has a hole in it"
            found.setdefault(str(name), []).extend(range(int(low), int(high) + 1))
        return found

    def machine(self) -> tuple[str, str]:
        """State and note of the probe's machine, as the pages get it."""
        live = Reader(self.home).live()
        found = [each for each in live.machines if each.name == "gpu-1"] if live else []
        return (found[0].state, str(found[0].note or "")) if found else ("", "")


def everything_is_stored_once(pair: Pair, expected: list[int]) -> bool:
    stored = pair.stored()
    return len(stored) == SERIES and all(numbers == expected for numbers in stored.values())
