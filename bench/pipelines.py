"""A month of a busy pipeline in a new store: 200,000 jobs, 50,000 executions, 300 series."""

from contextlib import closing
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from data.filling import Cast, write_past
from data.home import Home
from data.ops.connection import open_for_writing
from models.monitoring import SeriesKey
from models.tiers import DAY_SECONDS

DAYS = 30
VIDEOS, DOCUMENTS, EXECUTIONS = 40_000, 20_000, 50_000
WORKFLOWS = 20
MACHINES = ("gpu-1", "vps", "worker")
SERIES_A_MACHINE = 100
STAGES = (("download", 20.0, "vps"), ("transcribe", 52.0, "gpu-1"), ("summarise", 15.0, "worker"))
PARTS = (("fetch", 5.0), ("embed", 10.0), ("store", 3.0))
TELLING = (
    "machine.cpu.utilization",
    "machine.memory.utilization",
    "system.linux.pressure.cpu",
    "system.linux.pressure.memory",
    "system.linux.pressure.io",
    "system.disk.io_time",
    "hw.gpu.utilization",
    "hw.gpu.memory.utilization",
    "hw.gpu.throttle",
)
"""Series that the report looks at; the others only stand in its way."""

Array = np.ndarray[Any, Any]


def fill(home: Home, now: float) -> None:
    """The home has no store yet."""
    write_past(home, [machines()], DAYS, now, demo=True)
    chance = np.random.default_rng(1)
    with closing(open_for_writing(home.ops)) as connection:
        since = now - DAYS * DAY_SECONDS
        insert(connection, "jobs", jobs(since, now, chance))
        insert(connection, "executions", executions(since, now, chance))
        connection.execute("CHECKPOINT")


def machines() -> Cast:
    keys = [key for machine in MACHINES for key in _keys(machine)]
    chance = np.random.default_rng(2)
    level = 0.2 + 0.6 * chance.random((len(keys), 1), dtype=np.float32)

    def curves(moments: Array) -> Array:
        turns = (moments / DAY_SECONDS % 1).astype(np.float32) * np.float32(2 * np.pi)
        noise = 0.05 * chance.standard_normal((len(keys), len(moments)), dtype=np.float32)
        return np.clip(level + 0.3 * np.sin(turns + 6 * level) + noise, 0, 1)

    return Cast(keys, curves)


def _keys(machine: str) -> list[SeriesKey]:
    keys = [SeriesKey(machine, name, ()) for name in TELLING]
    if machine == "vps":
        apis = [(("source", f"api-{n}"), ("step", "total")) for n in range(5)]
        keys += [SeriesKey(machine, "http.check.duration", labels) for labels in apis]
        keys.append(SeriesKey(machine, "postgresql.blocked", (("source", "main"),)))
        statements = [(("queryid", str(n)), ("source", "main")) for n in range(20)]
        keys += [SeriesKey(machine, "postgresql.statement.time", labels) for labels in statements]
    rest = range(SERIES_A_MACHINE - len(keys))
    return keys + [SeriesKey(machine, "process.count", (("number", str(n)),)) for n in rest]


def jobs(since: float, now: float, chance: np.random.Generator) -> pa.Table:
    """Videos pass three workers, each a stage; documents are jobs with three stages inside."""
    parts = [*_videos(since, now, chance), *_documents(since, now, chance)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(columns["ended_at"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    columns["seq"] = np.arange(len(order))
    return _table(columns, ("queued_at", "started_at", "ended_at"))


def _videos(since: float, now: float, chance: np.random.Generator) -> list[dict[str, Array]]:
    arrived = np.sort(chance.uniform(since, now - 8_000, VIDEOS))
    keys = np.array([f"video-{number}" for number in range(VIDEOS)])
    parts = []
    for place, (stage, seconds, host) in enumerate(STAGES):
        took = chance.exponential(seconds, VIDEOS)
        started = _one_after_another(arrived, took)
        parts.append(
            _rows(
                job_id=_ids(started, place),
                name="video",
                stage=stage,
                key=keys,
                host=host,
                state=np.where(chance.random(VIDEOS) < 0.02, "failed", "succeeded"),
                queued_at=arrived if place != 1 else np.full(VIDEOS, np.nan),
                started_at=started,
                duration_seconds=took,
            )
        )
        arrived = started + took
    return parts


def _documents(since: float, now: float, chance: np.random.Generator) -> list[dict[str, Array]]:
    began = np.sort(chance.uniform(since, now - 8_000, DOCUMENTS))
    ids = _ids(began, 3)
    keys = np.array([f"document-{number}" for number in range(DOCUMENTS)])
    same = {"name": "document", "host": "worker", "state": "succeeded"}
    parts = []
    moment = began
    for place, (stage, seconds) in enumerate(PARTS):
        took = chance.exponential(seconds, DOCUMENTS)
        inside = {"job_id": _ids(moment, 4 + place), "parent_id": ids, "stage": stage, "key": keys}
        parts.append(_rows(**same, **inside, started_at=moment, duration_seconds=took))
        moment = moment + took
    whole = {"job_id": ids, "key": keys, "queued_at": began - 1, "started_at": began}
    parts.append(_rows(**same, **whole, duration_seconds=moment - began))
    return parts


def _rows(**given: Any) -> dict[str, Array]:
    count = len(given["started_at"])
    given.setdefault("queued_at", np.full(count, np.nan))
    given["ended_at"] = given["started_at"] + given["duration_seconds"]
    given["error"] = np.where(np.asarray(given["state"]) == "failed", "HTTPError: 502", "")
    names = (
        *("job_id", "parent_id", "name", "stage", "key", "host", "state"),
        *("queued_at", "started_at", "ended_at", "duration_seconds", "error"),
    )
    return {name: np.broadcast_to(given.get(name, ""), count) for name in names}


def _one_after_another(arrived: Array, took: Array) -> Array:
    """When each begins with one worker: first come, first served (Lindley, 1952)."""
    worked = np.concatenate(([0.0], np.cumsum(took)[:-1]))
    return np.maximum.accumulate(arrived - worked) + worked


def _ids(moments: Array, place: int) -> Array:
    return np.array([f"{int(1000 * at):012x}{place:02x}{n:018x}" for n, at in enumerate(moments)])


def executions(since: float, now: float, chance: np.random.Generator) -> pa.Table:
    numbers = np.arange(EXECUTIONS)
    started = np.sort(chance.uniform(since, now - 600, EXECUTIONS))
    stopped = started + chance.exponential(20, EXECUTIONS)
    status = np.where(chance.random(EXECUTIONS) < 0.03, "error", "success")
    columns = {
        "source": "n8n:main",
        "workflow_id": np.char.add("w", (numbers % WORKFLOWS).astype(str)),
        "execution_id": numbers.astype(str),
        "status": status,
        "mode": "trigger",
        "queued_at": started - 1,
        "started_at": started,
        "stopped_at": stopped,
        "seen_at": stopped + 10,
        "retry_of": "",
        "error": np.where(status == "error", "HTTP Request: 502", ""),
        "key": "",
    }
    spread = {name: np.broadcast_to(column, EXECUTIONS) for name, column in columns.items()}
    return _table(spread, ("queued_at", "started_at", "stopped_at", "seen_at"))


def _table(columns: dict[str, Array], moments: tuple[str, ...]) -> pa.Table:
    arrays = {name: pa.array(column) for name, column in columns.items() if name not in moments}
    for name in moments:
        missing = np.isnan(columns[name])
        micros = (np.where(missing, 0, columns[name]) * 1e6).astype(np.int64)
        arrays[name] = pa.array(micros, mask=missing).cast(pa.timestamp("us", tz="UTC"))
    return pa.table({name: arrays[name] for name in columns})


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("arriving", rows)
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM arriving")  # noqa: S608 ours
    connection.unregister("arriving")
