"""Asks forecasters, each a process that answers line by line, and keeps what peers answered."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.forecast_protocol import STEPS, Answer, Window, seasonal_naive
from bench.processes import ROOT

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR")}
SHARE = 10
"""Windows that one process is asked before the next share: those of a series."""


class Forecaster(NamedTuple):
    """`version` goes into the key of what is kept; '' keeps nothing."""

    name: str
    command: tuple[str, ...]
    version: str = ""


class Kept:
    """Answers in a folder, a file of JSON lines for each forecaster; None: nothing is kept."""

    def __init__(self, folder: Path | None, who: Forecaster) -> None:
        self._file = folder and who.version and folder / f"{who.name}-{who.version}.jsonl"
        self._lock = threading.Lock()
        self._known: dict[str, dict[str, Any]] = {}
        if self._file and self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(ValueError):  # A run that was stopped left half a line.
                    kept = json.loads(line)
                    self._known[kept["key"]] = kept

    @staticmethod
    def key(window: Window) -> str:
        return hashlib.sha256(window.history.astype("<f8").tobytes()).hexdigest()[:32]

    def get(self, window: Window) -> dict[str, Any] | None:
        return self._known.get(self.key(window))

    def put(self, window: Window, answer: dict[str, Any]) -> None:
        if self._file:
            today = str(datetime.now(UTC).date())
            line = json.dumps({"key": self.key(window), "on": today, **answer})
            with self._lock:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")


class Asked(NamedTuple):
    """`note` says what of it was kept from when, and what failed; '' for nothing to say."""

    answers: list[Answer]
    note: str


def ask(who: Forecaster, windows: Sequence[Window], jobs: int, cache: Path | None) -> Asked:
    """Every window; one that fails gets the seasonal naive, and is counted in the note."""
    kept = Kept(cache, who)
    found = [kept.get(window) for window in windows]
    days = sorted({each["on"] for each in found if each is not None})
    open_ = [place for place, each in enumerate(found) if each is None]
    shares = [open_[at : at + SHARE] for at in range(0, len(open_), SHARE)]
    progress = _Progress(who.name, len(windows), len(windows) - len(open_))

    def work(mine: list[list[int]]) -> None:
        with _process(who) as talk:
            for share in mine:
                for place in share:
                    found[place] = talk(windows[place])
                    kept.put(windows[place], found[place])
                progress.more(len(share))

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, [part for job in range(jobs) if (part := shares[job::jobs])]))
    progress.end()
    answers = [_answer(each or {}, window) for each, window in zip(found, windows, strict=True)]
    return Asked(answers, _note(answers, days, len(windows) - len(open_)))


@contextlib.contextmanager
def _process(who: Forecaster):
    with subprocess.Popen(
        who.command,
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:

        def talk(window: Window) -> dict[str, Any]:
            question = {"values": window.history.tolist(), "steps": STEPS}
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"{who.name} ended: try {' '.join(who.command)} by hand")
            return json.loads(line)

        try:
            yield talk
        except BaseException:
            process.kill()
            raise
        process.stdin.close()


def _answer(shape: dict[str, Any], window: Window) -> Answer:
    if "means" not in shape:
        failed = shape.get("failed", "no answer")
        return seasonal_naive(window, STEPS)._replace(failed=failed)
    seconds = float(shape["cpu_seconds"])
    return Answer(np.array(shape["means"]), np.array(shape["bands"]), seconds)


def _note(answers: Sequence[Answer], days: Sequence[str], kept: int) -> str:
    said = []
    if kept:
        since = days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"
        said.append(f"{kept} of {len(answers)} from the cache, measured {since}")
    failed = [answer.failed for answer in answers if answer.failed]
    if failed:
        said.append(f"{len(failed)} failed and count as seasonal naive ({failed[0]})")
    return "; ".join(said)


class _Progress:
    """One line on the error output that grows."""

    def __init__(self, name: str, total: int, done: int) -> None:
        self._name, self._total, self._done = name, total, done
        self._lock = threading.Lock()

    def more(self, count: int) -> None:
        with self._lock:
            self._done += count
            print(
                f"\r{self._name}: {self._done} of {self._total}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def end(self) -> None:
        print(f"\r{self._name}: {self._total} of {self._total}", file=sys.stderr, flush=True)
