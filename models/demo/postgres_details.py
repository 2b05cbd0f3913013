"""What the demo's PostgreSQL tells: who blocks whom, what takes long, what fills the disk."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from models.demo import databases
from models.demo.databases import postgres
from models.demo.host import labels
from models.demo.signals import DAY, HOUR, Clock
from models.monitoring import Thing

Details = Mapping[str, Any]
MAIN = labels(source=databases.INSTANCE)
UP_DAYS = 6
WAITER = "UPDATE videos SET state = $1 WHERE id = $2"
BLOCKER = "UPDATE videos SET state = 'archived' WHERE seen_at < now() - interval '90 days'"


def postgres_things(now: float) -> Iterator[Thing]:
    """What a report reads when the moment is gone: the statements, and who held the lock."""
    source = f"postgres:{databases.INSTANCE}"
    for query_id, (text, *_) in databases.STATEMENTS.items():
        detail = json.dumps({"text": text, "user": "app", "database": "app"})
        yield Thing("statement", source, query_id, text, detail, now)
    name = f"archive.py: {BLOCKER}"
    yield Thing("blocker", source, name, name, json.dumps({"blocked": 1}), now)


def postgres_details(clock: Clock) -> Details:
    now, values = clock.t, postgres(clock)
    states = databases.backends(clock)
    return {
        "at": now,
        "version": "17.6",
        "started_at": now - now % (UP_DAYS * DAY),
        "database": "app",
        "is_standby": False,
        "response_seconds": values["postgresql.response.duration", MAIN],
        "connections": {
            "used": int(sum(states.values())),
            "max": int(databases.CONNECTIONS_MAX),
            "states": {state: int(count) for state, count in states.items()},
        },
        "blocked": int(values["postgresql.blocked", MAIN]),
        **_sessions(databases.lock_seconds(clock)),
        "commits_per_second": values["postgresql.commits", MAIN],
        "rollbacks_per_second": values["postgresql.rollbacks", MAIN],
        "deadlocks_per_second": 0.0,
        "cache_hit_ratio": values["postgresql.cache.hit_ratio", MAIN],
        "txid_age": values["postgresql.txid.age", MAIN],
        "statements_at": now,
        "statements": _statements(clock),
        **_sizes(clock),
        "replication": {"is_standby": False, "lag_seconds": None, "replicas": []},
        "left_out": [],
    }


def _sessions(lock_seconds: float) -> Details:
    """One session holds a lock and does nothing; the other one waits for it."""
    if not lock_seconds:
        return {"long_queries": [], "blocking": []}
    holder = _session(18_442, "archive.py", ("idle in transaction", "ClientRead"), BLOCKER)
    waiter = _session(18_460, "n8n", ("active", "transactionid"), WAITER)
    holder["seconds"], waiter["seconds"] = lock_seconds, max(lock_seconds - 4, 0.0)
    tree = {**holder, "waiting": 1, "children": [{**waiter, "waiting": 0, "children": []}]}
    return {
        "long_queries": [one for one in (holder, waiter) if one["seconds"] > 60],
        "blocking": [tree],
    }


def _session(pid: int, app: str, doing: tuple[str, str], query: str) -> dict[str, Any]:
    state, wait = doing
    return {
        "pid": pid,
        "user": "app",
        "app": app,
        "database": "app",
        "state": state,
        "wait": wait,
        "query": query,
    }


def _statements(clock: Clock) -> list[Details]:
    values = postgres(clock)

    def of(query_id: str, what: str) -> float:
        named = labels(source=databases.INSTANCE, queryid=query_id)
        return float(values[f"postgresql.statement.{what}", named])

    found = [
        {
            "queryid": query_id,
            "text": text,
            "calls_per_second": of(query_id, "calls"),
            "mean_seconds": of(query_id, "duration"),
            "share": of(query_id, "time"),
            "rows_per_call": 1.0,
            "read_blocks_per_call": 0.2,
        }
        for query_id, (text, *_) in databases.STATEMENTS.items()
    ]
    return sorted(found, key=lambda one: -float(str(one["share"])))


def _sizes(clock: Clock) -> Details:
    free = databases.free_bytes(clock)
    sizes, growth = databases.sizes(clock), databases.GROWTH_BYTES_PER_DAY

    def shape(name: str, size: float, grows: float) -> dict[str, Any]:
        days = free / grows
        return {"name": name, "bytes": size, "growth_bytes_per_day": grows, "days_to_full": days}

    return {
        "sizes_at": clock.t,
        "disk": {
            "free_bytes": free,
            "growth_bytes_per_day": sum(growth.values()),
            "days_to_full": databases.days_until_full(clock),
        },
        "databases": [shape(name, size, growth[name]) for name, size in sizes.items()],
        "tables": [
            {
                **shape(table, share * sizes[database], share * growth[database]),
                "dead_share": dead * (1 + 0.3 * clock.drift(206, DAY)),
                "rows": int(share * sizes[database] / 2_600),
                "last_autovacuum_at": clock.t - clock.t % (5 * HOUR),
                "last_vacuum_at": None,
            }
            for database, table, share, dead in databases.TABLES
        ],
    }
