"""A small discrete-event simulator of pipelines: what happens in it is known, not measured.

Each stage has a queue, first come first served, and so many workers; what leaves one stage
arrives at the next.
"""

# ruff: noqa: S311  Chance that can be repeated, not secrets.

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.monitoring import Aggregate, Labels, Row, SeriesKey
from tests.data.stores import NOON

Seconds = Callable[[float, random.Random], float]
"""How long a run takes that begins at this moment."""


def about(mean_seconds: float) -> Seconds:
    """Exponential: the most uneven work that is still usual."""
    return lambda _, chance: chance.expovariate(1 / mean_seconds)


def exactly(seconds: float) -> Seconds:
    return lambda _, chance: seconds


@dataclass(frozen=True)
class Stage:
    name: str
    seconds: Seconds
    workers: int = 1
    host: str = "gpu-1"
    fails: float = 0.0

    def relieved(self, share: float) -> "Stage":
        return replace(self, seconds=lambda at, chance: (1 - share) * self.seconds(at, chance))

    def slower(self, times: float, while_: Callable[[float], bool]) -> "Stage":
        return replace(
            self,
            seconds=lambda at, chance: self.seconds(at, chance) * (times if while_(at) else 1),
        )


@dataclass(frozen=True)
class Run:
    """One run of one stage."""

    stage: Stage
    number: int
    arrived: float
    started: float
    ended: float
    failed: bool = False

    @property
    def waited(self) -> float:
        return self.started - self.arrived


def arriving(rate_per_second: float, since: float, until: float, seed: int = 1) -> list[float]:
    """By chance, one by one (a Poisson stream)."""
    chance = random.Random(seed)
    moments = []
    moment = since + chance.expovariate(rate_per_second)
    while moment < until:
        moments.append(moment)
        moment += chance.expovariate(rate_per_second)
    return moments


def simulate(
    stages: Sequence[Stage], arrivals: Sequence[float], until: float = NOON, seed: int = 2
) -> list[Run]:
    """All runs that began before `until`; what ends later has not ended yet."""
    chance = random.Random(seed)
    runs = []
    waiting = list(enumerate(arrivals))
    for stage in stages:
        free = [float("-inf")] * stage.workers
        passed = []
        for number, arrived in sorted(waiting, key=lambda one: one[1]):
            started = max(arrived, heapq.heappop(free))
            if started >= until:
                break
            ended = started + stage.seconds(started, chance)
            heapq.heappush(free, ended)
            run = Run(stage, number, arrived, started, ended, chance.random() < stage.fails)
            runs.append(run)
            if ended < until and not run.failed:
                passed.append((number, ended))
        waiting = passed
    return runs


def job_rows(runs: Sequence[Run], until: float = NOON, told: bool = False, name: str = "video"):
    """As workers write them down that do one stage each; `told`: they say since when it waited."""
    rows = []
    for seq, run in enumerate(runs, start=1):
        over = run.ended < until
        state = ("failed" if run.failed else "succeeded") if over else "running"
        rows.append(
            (
                f"{name}-{run.stage.name}-{run.number}",
                "",
                name,
                run.stage.name,
                f"{name}-{run.number}",
                run.stage.host,
                state,
                run.arrived if told else None,
                run.started,
                run.ended if over else None,
                run.ended - run.started if over else None,
                "HTTPError: 502" if run.failed and over else "",
                seq,
            )
        )
    return rows


def drawn(
    name: str,
    value_at: Callable[[float], float],
    since: float,
    until: float = NOON,
    labels: Labels = (),
    machine: str = "vps",
) -> list[Row]:
    """A series with one value every ten seconds."""
    key = SeriesKey(machine, name, labels)
    moments = range(int(since) // 10 * 10, int(until), 10)
    return [Row(key, "1", at, Aggregate(*[value_at(at)] * 3, 1)) for at in moments]
