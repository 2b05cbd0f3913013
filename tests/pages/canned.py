"""An agent whose values are canned, behind the real socket and over a real store."""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from agent.server import Door, ServerLoop, SignIn, inner_app, listen_on_path
from agent.server.requests import People
from data.home import Home
from data.ops.store import Store
from models.metrics import unit_of
from models.monitoring import Labels

MACHINE = "vps"


def labels(**pairs: str) -> Labels:
    return tuple(sorted((name.replace("__", "."), value) for name, value in pairs.items()))


CARD = {"hw__id": "GPU-8c1e", "hw__name": "RTX 4090"}
HOST: dict[tuple[str, Labels], float] = {
    ("machine.cpu.utilization", ()): 0.25,
    ("machine.cpu.limit", ()): 2.0,
    ("machine.memory.utilization", ()): 0.5,
    ("machine.memory.limit", ()): 4 * 1024.0**3,
    ("system.paging.utilization", labels(state="used")): 0.0,
    ("system.disk.io", labels(device="vda", direction="read")): 2048.0,
    ("system.disk.io", labels(device="vda", direction="write")): 4096.0,
    ("system.network.io", labels(interface="eth0", direction="receive")): 1024.0,
    ("system.network.io", labels(interface="eth0", direction="transmit")): 512.0,
    ("system.network.io", labels(interface="eth1", direction="receive")): 1024.0,
    ("system.network.io", labels(interface="lo", direction="receive")): 9e9,
    ("system.linux.pressure.cpu", ()): 0.0,
    ("system.linux.pressure.memory", ()): 0.0,
    ("system.linux.pressure.io", ()): 0.02,
    ("system.filesystem.utilization", labels(mountpoint="/")): 0.4,
    ("system.filesystem.utilization", labels(mountpoint="/var")): 0.9,
}
GPU: dict[tuple[str, Labels], float] = {
    ("hw.gpu.utilization", labels(**CARD, hw__gpu__task="general")): 0.75,
    ("hw.gpu.utilization", labels(**CARD, hw__gpu__task="encoder")): 0.0,
    ("hw.gpu.memory.usage", labels(**CARD)): 12 * 1024.0**3,
    ("hw.gpu.memory.limit", labels(**CARD)): 24 * 1024.0**3,
    ("hw.gpu.memory.utilization", labels(**CARD)): 0.5,
    ("hw.temperature", labels(**CARD, hw__type="gpu")): 61.0,
    ("hw.power", labels(**CARD, hw__type="gpu")): 180.0,
    ("hw.power.limit", labels(**CARD, hw__type="gpu")): 300.0,
    ("hw.gpu.throttle", labels(**CARD, reason="hw thermal")): 1.0,
    ("hw.gpu.throttle", labels(**CARD, reason="sw power cap")): 0.0,
}


def source(name: str, state: str = "present", **more: Any) -> dict[str, Any]:
    reason = more.pop("reason", None)
    return {
        "name": name,
        "state": state,
        "reason": None
        if reason is None
        else {"template": reason, "values": more.pop("values", {})},
        "age_seconds": more.pop("age_seconds", 3.0),
        "interval_seconds": 10.0,
        "series": 12,
        "duration_seconds": 0.01,
    }


@dataclass
class CannedView:
    """Answers `View` of the agent's server; tests change its fields."""

    store: Store
    clock: Callable[[], float] = time.time
    values: dict[tuple[str, Labels], float] = field(default_factory=lambda: HOST | GPU)
    machines: Sequence[str] = (MACHINE,)
    sources: list[dict[str, Any]] = field(default_factory=lambda: [source("host"), source("gpu")])
    demo: bool = False
    value_age_seconds: float = 3.0
    extra_health: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    """What sources tell that no series can say, by their names."""
    stopping: dict[str, Any] = field(default_factory=lambda: {"targets": [], "operations": []})
    """What `GET /stops` tells."""

    def health(self) -> dict[str, Any]:
        return {"status": "ok", "problems": [], "store": {}, "settings": {}} | self.extra_health

    def details(self) -> dict[str, Any]:
        return self.told

    def stops(self) -> dict[str, Any]:
        return self.stopping

    def live(self, history: Sequence[str], minutes: int) -> bytes:
        now = self.clock()
        at = now - self.value_age_seconds
        series = [
            self._series(machine, name, pairs, value, at, minutes if name in history else 0)
            for machine in self.machines
            for (name, pairs), value in self.values.items()
        ]
        shape = {
            "at": now,
            "machine": self.machines[0],
            "version": "1.2.3",
            "demo": self.demo,
            "sources": self.sources,
            "series": series,
        }
        return json.dumps(shape).encode()

    @staticmethod
    def _series(
        machine: str, name: str, pairs: Labels, value: float, at: float, minutes: int
    ) -> dict[str, Any]:
        shape = {
            "machine": machine,
            "name": name,
            "unit": unit_of(name),
            "labels": dict(pairs),
            "value": value,
            "at": at,
        }
        if minutes:
            moments = [at - 2 * n for n in reversed(range(minutes * 30))]
            values = [value * (1 + 0.2 * math.sin(moment / 60)) for moment in moments]
            shape["history"] = {"at": moments, "value": values}
        return shape

    def query(self, sql: str, params: Sequence[object]) -> bytes:
        return self.store.query(sql, params, rows_max=100_000, seconds_max=5.0)

    def metrics(self) -> list[tuple[str, str, dict[str, str], float]]:
        return []


@contextmanager
def serving(
    view: CannedView, home: Home, sign_in: SignIn | None = None, people: People | None = None
) -> Iterator[None]:
    app = inner_app(view, sign_in=sign_in, people=people)
    loop = ServerLoop([Door(listen_on_path(home.socket), app)], time.monotonic)
    loop.start()
    yield
    loop.stop(5)
