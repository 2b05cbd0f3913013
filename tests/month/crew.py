"""The eight programs of the owner, each a process of its own that is asked by lines of JSON."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.month.program import SERVED, Told

ROOT = Path(__file__).parents[2]
Work = Sequence[tuple[str, int]]
"""Names of analyses, and how many letters each sends."""


class Role(NamedTuple):
    """`share` is its part of what all of them spend."""

    name: str
    priority: str
    share: float


ROLES = (
    Role("safety", "essential", 0.10),
    Role("subtitles", "essential", 0.12),
    Role("ocr", "important", 0.20),
    Role("titles", "important", 0.16),
    Role("summaries", "important", 0.14),
    Role("speech", "important", 0.10),
    Role("trailers", "optional", 0.12),
    Role("ideas", "optional", 0.06),
)


class Outcome(NamedTuple):
    """What came of one analysis: "served", or the code of the refusal and its figures in won."""

    name: str
    what: str
    left_won: str | None = None
    needed_won: str | None = None
    bucket: str = ""

    @property
    def is_served(self) -> bool:
        return self.what == SERVED


class Crew:
    def __init__(self, place: Mapping[str, str]) -> None:
        """`place`: the clock, the ledger and the upstream."""
        self._place = place
        self._log = (Path(place["clock"]).parent / "programs.log").open("a")
        self._processes = {role.name: self._started(role) for role in ROLES}

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ending:
            ending.callback(self._log.close)
            for process in self._processes.values():
                ending.enter_context(process)
                process.stdin.close()

    def ask(self, name: str, work: Work, *, anew: bool, held: bool = False) -> None:
        process = self._processes[name]
        process.stdin.write(json.dumps({"work": work, "anew": anew, "held": held}) + "\n")
        process.stdin.flush()

    def answers(self, name: str) -> list[Outcome]:
        line = self._processes[name].stdout.readline()
        assert line, f"the program {name} ended; see {self._log.name}"
        return [Outcome(*each) for each in json.loads(line)]

    def kill(self, name: str) -> None:
        """With -9, and another one takes its place."""
        with self._processes[name] as process:
            process.kill()
        [role] = [role for role in ROLES if role.name == name]
        self._processes[name] = self._started(role)

    def _started(self, role: Role) -> "subprocess.Popen[str]":
        told = Told(role.name, role.priority, **self._place)
        return subprocess.Popen(
            [sys.executable, "-m", "tests.month.program", json.dumps(told._asdict())],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )


def wait_for_call(held: Sequence[str], name: str, seconds: float = 30.0) -> None:
    """Until the upstream keeps that answer back."""
    end = time.monotonic() + seconds
    while name not in held:
        assert time.monotonic() < end, f"the call {name} did not come"
        time.sleep(0.005)
