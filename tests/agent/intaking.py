"""A hub's intake over a real store and real doors, for tests."""

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from agent.beats import Beats
from agent.intake import HubIntake
from agent.live import LiveBoard
from agent.machines import Machines
from agent.sampling import Clocks
from agent.server import Door, ServerLoop, inner_app, listen_on_path, listen_on_tcp, outer_app
from data.home import Home
from data.ops.report import StoreLimits
from data.ops.store import Store
from data.tokens import verify_at
from tests.data.stores import ask, home_in

NOW = 1_795_413_600.0


@dataclass
class Clock:
    """A wall clock that stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Hub:
    """What a test needs of a hub: its parts, and clients for both doors."""

    home: Home
    store: Store
    board: LiveBoard
    machines: Machines
    beats: Beats
    clock: Clock
    inner: httpx.Client
    outer: httpx.Client
    port: int
    jobs: list[dict] = field(default_factory=list)

    def push(self, token: str, shape: dict | bytes, **headers: str) -> httpx.Response:
        body = shape if isinstance(shape, bytes) else gzip.compress(json.dumps(shape).encode())
        given = {"authorization": f"Bearer {token}", "content-encoding": "gzip", **headers}
        return self.outer.post("/push", content=body, headers=given)

    def rows(self, machine: str) -> list[tuple]:
        """Moment, name, mean and count of every stored row of a machine, in order."""
        return rows_of_machine(self.store, machine)


class NoView:
    """The server's view of an agent that nobody asks anything."""

    def health(self):
        return {}

    def live(self, history, minutes):
        return b"{}"

    def details(self):
        return {}

    def stops(self):
        return {}

    def query(self, sql, params):
        return b""

    def metrics(self):
        return []


def rows_of_machine(store: Store, machine: str) -> list[tuple]:
    return ask(
        store,
        """
        SELECT epoch(taken_at)::BIGINT, name, mean::DOUBLE, n FROM samples
        JOIN series ON series.id = series_id WHERE machine = ? ORDER BY ALL
        """,
        machine,
    )


def shape_of(*buckets: tuple[int, int], machine="gpu-1", run="1-aa", **changes) -> dict:
    """A push of buckets (number, moment), each with one row whose value is the number."""
    return {
        "format": 1,
        "probe": "a" * 16,
        "run": run,
        "machine": machine,
        "version": "0.1.0",
        "interval_seconds": 10.0,
        "leaving": False,
        "dropped": 0,
        "problems": [],
        "buckets": [[seq, at, [["machine.cpu.limit", {}, seq]]] for seq, at in buckets],
        **changes,
    }


@contextmanager
def hub_in(folder: Path, clock: Clock | None = None) -> Iterator[Hub]:
    clock = clock or Clock()
    home = home_in(folder)
    store = Store.open(home, StoreLimits(free_min_bytes=0), clock())
    clocks, board = Clocks(wall=clock), LiveBoard()
    machines, beats = Machines(store, board, clocks, "vps"), Beats(store.control, clocks)
    jobs: list[dict] = []

    def take_jobs(told: list[dict]) -> int:
        if any("job_id" not in job for job in told):
            raise ValueError("job 0: job_id is missing: every job needs one")
        jobs.extend(told)
        return len(told)

    intake = HubIntake(machines, beats, take_jobs, lambda: b"#!the probe")
    tcp = listen_on_tcp("127.0.0.1", 0)
    port = tcp.getsockname()[1]
    doors = [
        Door(listen_on_path(home.socket), inner_app(NoView(), intake)),
        Door(tcp, outer_app(NoView(), lambda token: verify_at(home, token, clock()), intake)),
    ]
    loop = ServerLoop(doors, time.monotonic)
    loop.start()
    transport = httpx.HTTPTransport(uds=str(home.socket))
    with (
        httpx.Client(
            transport=transport,
            base_url="http://agent",
            timeout=20,
            headers={"x-sallim-via": "command"},
        ) as inner,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as outer,
    ):
        try:
            yield Hub(home, store, board, machines, beats, clock, inner, outer, port, jobs)
        finally:
            loop.stop(5)
            store.close()
