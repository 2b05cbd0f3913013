"""Three stages in a line: real processes, a real queue in Redis, results in a real PostgreSQL."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import redis

from data.home import Home
from tests.processes import ROOT, environ_of, stop
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer

ANALYSIS = "video"
STAGES = ("download", "transcribe", "store")
QUEUES = {"download": "q:download", "transcribe": "q:transcribe", "store": "q:store"}


@dataclass
class Line:
    """`seconds` is how long each stage takes besides what it asks of others."""

    home: Home
    redis: RedisServer
    postgres: PostgresServer
    seconds: Mapping[str, float]
    api: str = ""
    """What `transcribe` calls."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many workers a stage has; one where it is not said."""
    workers: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    def start(self, stage: str) -> None:
        self.workers[stage] = [self._worker(stage) for _ in range(self.counts.get(stage, 1))]

    def _worker(self, stage: str) -> subprocess.Popen[bytes]:
        after = STAGES[STAGES.index(stage) + 1 :][:1]
        command = [sys.executable, "-m", "tests.pipeline.worker", stage]
        command += ["--redis", self.redis.url, "--take", QUEUES[stage]]
        command += ["--seconds", str(self.seconds[stage])]
        command += (
            ["--give", QUEUES[after[0]]]
            if after
            else ["--database", self.postgres.socket_url("postgres")]
        )
        if stage == "transcribe" and self.api:
            command += ["--api", self.api]
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environ_of(self.home),
        )

    def change(self, stage: str, seconds: float) -> None:
        """Start a stage anew, faster or slower."""
        for worker in self.workers[stage]:
            stop(worker)
        self.seconds = {**self.seconds, stage: seconds}
        self.start(stage)

    def end(self) -> None:
        for workers in self.workers.values():
            for worker in workers:
                stop(worker)


class Arrivals:
    """Videos that come at a steady pace, from the thread of the test, until it says so."""

    def __init__(self, server: RedisServer, every_seconds: float) -> None:
        self._queue = redis.Redis.from_url(server.url)
        self._every_seconds = every_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.count = 0

    def __enter__(self) -> "Arrivals":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)
        self._queue.close()

    def _run(self) -> None:
        while not self._ended.wait(self._every_seconds):
            self.count += 1
            work = {"key": f"video-{self.count:04}", "queued_at": time.time()}
            self._queue.rpush(QUEUES["download"], json.dumps(work))


@contextmanager
def running_line(line: Line) -> Iterator[Line]:
    line.postgres.run("CREATE TABLE IF NOT EXISTS results (key text)")
    with ExitStack() as stack:
        stack.callback(line.end)
        for stage in STAGES:
            line.start(stage)
        yield line
