"""The demo's home: the store of a household that does not exist (see `models/demo`)."""

import shutil
from collections.abc import Callable

import numpy as np

from data.demo_pipeline import write_pipeline
from data.demo_settings import SETTINGS
from data.filling import Array, Cast, write_past
from data.home import Home
from data.locks import FileLock
from data.ops.connection import open_for_reading, wal_of
from models.demo import MACHINES, VPS, is_on, values
from models.demo.services import SOURCES
from models.demo.signals import Clock
from models.errors import ConfigError, StoreLocked
from models.monitoring import SeriesKey
from models.tiers import HOUR_SECONDS

FRESH_SECONDS = HOUR_SECONDS


def fill(
    home: Home, now: float, days: int = 60, then: Callable[[Home], None] | None = None
) -> bool:
    """Bring the demo's home up to now; False when its data ends within the last hour already.

    `then` does what is to be done with the files before they are put in their places.

    Raises ConfigError when the folder holds anything else than a demo, and StoreLocked while an
    agent runs on it.
    """
    newest = _newest_at(home)
    if newest is not None and now - newest < FRESH_SECONDS:
        return False
    home.make()
    settings = home.path / "sallim.toml"
    if not settings.exists():
        settings.write_text(SETTINGS, encoding="utf-8")

    def finish(beside: Home) -> None:
        write_pipeline(beside, days, now)
        if then is not None:
            then(beside)

    _replace(home, household(), days, now, finish)
    return True


def fill_bench(home: Home, now: float, days: int = 400, series: int = 300) -> bool:
    """The same with noise in place of a household, for benchmarks."""
    newest = _newest_at(home)
    if newest is not None and now - newest < 6 * FRESH_SECONDS:
        return False
    home.make()
    _replace(home, [noise(series)], days, now)
    return True


def household() -> list[Cast]:
    return [*(_machine(name) for name in MACHINES), *(_service(name) for name in SOURCES)]


def _machine(machine: str) -> Cast:
    keys = list(values(machine, np.zeros(1), np))

    def curves(moments: Array) -> Array:
        named = values(machine, moments, np)
        drawn = np.stack([np.broadcast_to(named[key], moments.shape) for key in keys])
        drawn[:, ~is_on(machine, moments, np)] = np.nan
        return drawn

    return Cast(keys, curves)


def _service(source: str) -> Cast:
    series = SOURCES[source]
    keys = list(series(Clock(np.zeros(1), np)))

    def curves(moments: Array) -> Array:
        named = series(Clock(moments, np))
        return np.stack([np.broadcast_to(named[key], moments.shape) for key in keys])

    return Cast([SeriesKey(VPS, name, labels) for name, labels in keys], curves)


def noise(count: int, seed: int = 1) -> Cast:
    """Six of ten series are shares, three are bytes by the page, one is a count that rests.

    Every value is new, so nothing is stored for less than real measurements would take.
    """
    random = np.random.default_rng(seed)
    kind = np.arange(count) % 10
    is_share, is_count = kind < 6, kind == 9
    top = np.where(is_share, 1.0, np.where(is_count, 8.0, 4e9))[:, None]
    grain = np.where(is_share, 1e-7, np.where(is_count, 1.0, 4096.0))[:, None]
    unrest = np.where(is_count, 0.01, 0.08).astype(np.float32)[:, None]
    level = random.random((count, 1), dtype=np.float32)

    def curves(moments: Array) -> Array:
        turns = (moments / 86_400 % 1).astype(np.float32) * np.float32(2 * np.pi)
        jitter = random.standard_normal((count, len(moments)), dtype=np.float32)
        share = 0.2 + 0.6 * level + 0.15 * np.sin(turns + 6 * level) + unrest * jitter
        drawn: Array = np.round(np.clip(share, 0, 1) * (top / grain)) * grain
        return drawn

    names = np.where(is_share, "machine.cpu.utilization", "machine.memory.usage")
    names[is_count] = "system.process.count"
    return Cast(
        [
            SeriesKey(f"bench-{number % 6}", str(name), (("number", f"{number:03}"),))
            for number, name in enumerate(names)
        ],
        curves,
    )


def _newest_at(home: Home) -> float | None:
    """When the data of an existing demo ends; None when the folder is new or empty."""
    if not home.ops.exists():
        if home.control.exists() or home.ledger.exists():
            raise _not_a_demo(home)
        return None
    with open_for_reading(home) as connection:
        if not connection.execute("SELECT 1 FROM meta WHERE key = 'demo'").fetchone():
            raise _not_a_demo(home)
        row = connection.execute("SELECT epoch(max(taken_at)) FROM samples").fetchone()
    return row[0] if row else None


def _not_a_demo(home: Home) -> ConfigError:
    return ConfigError(
        f"{home.path}: this folder holds a real store, which the demo would replace. Choose "
        "another one, for example --home data/demo-store."
    )


def _replace(
    home: Home,
    casts: list[Cast],
    days: int,
    now: float,
    finish: Callable[[Home], None] | None = None,
) -> None:
    """Fill beside the home, then put the files in their places: half a demo is never seen."""
    lock = FileLock(home.lock)
    if not lock.acquire():
        raise StoreLocked(
            f"{home.path}: an agent runs on this demo, or another `make demo` fills it. Stop it, "
            "or wait, then fill again."
        )
    try:
        beside = Home(home.path / "filling")
        shutil.rmtree(beside.path, ignore_errors=True)
        beside.path.mkdir(mode=0o700)
        write_past(beside, casts, days, now, demo=True)
        if finish is not None:
            finish(beside)
        for old in (home.ops, wal_of(home.ops), home.control):
            old.unlink(missing_ok=True)
        beside.control.replace(home.control)
        beside.ops.replace(home.ops)
        shutil.rmtree(beside.path)
    finally:
        lock.release()
