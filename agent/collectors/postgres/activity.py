"""Sessions: how many and how old, who takes long, who blocks whom."""

import json

from agent.collectors.postgres.parts import Found, Round
from agent.collectors.postgres.queries import SESSIONS, STATES
from agent.collectors.postgres.session import Row
from models.databases.blocking import Node, Session, blocking_tree
from models.databases.sql_text import shown
from models.monitoring import Reading, Thing

SESSIONS_SHOWN = 20
BLOCKER_MAX = 120
STATES_KNOWN = ("active", "idle", "idle in transaction")


class Activity:
    def __init__(self, long_query_seconds: float) -> None:
        self._long_seconds = long_query_seconds

    def ask(self, tick: Round) -> Found:
        rows = tick.session.rows(STATES)
        counts = {str(state): int(count) for state, count, *_ in rows}
        used = sum(counts.values())
        limit = tick.server.connections_max
        blocked = sum(int(row[2]) for row in rows)
        sessions: list[Session] = []
        oldest = max((float(row[4]) for row in rows if row[4] is not None), default=0.0)
        if tick.server.sees_all and (blocked or oldest > self._long_seconds):
            found = tick.session.rows(SESSIONS, (self._long_seconds, self._long_seconds))
            sessions = [_session(row) for row in found]
        tree = blocking_tree(sessions)
        long_ones = [session for session in sessions if self._is_long(session)]
        readings = [
            *_states(tick, counts),
            tick.reading("postgresql.connection.max", limit),
            tick.reading("postgresql.connection.utilization", used / limit if limit > 0 else None),
        ]
        if tick.server.sees_all:
            active = max((float(row[3]) for row in rows if row[3] is not None), default=0.0)
            readings += [
                tick.reading("postgresql.blocked", blocked),
                tick.reading("postgresql.queries.long", len(long_ones)),
                tick.reading("postgresql.query.age", max(active, 0.0)),
                tick.reading("postgresql.transaction.age", max(oldest, 0.0)),
            ]
        told = {
            "connections": {"used": used, "max": limit, "states": counts},
            "blocked": blocked if tick.server.sees_all else None,
            "long_queries": [
                _shape(session)
                for session in sorted(long_ones, key=lambda each: each.seconds, reverse=True)
            ][:SESSIONS_SHOWN],
            "blocking": [_branch(node) for node in tree],
        }
        return Found(readings, told, tuple(_blocker(node, tick) for node in tree))

    def _is_long(self, session: Session) -> bool:
        is_at_work = session.state == "active" or session.state.startswith("idle in transaction")
        return (
            session.kind == "client backend" and is_at_work and session.seconds > self._long_seconds
        )


def _states(tick: Round, counts: dict[str, int]) -> list[Reading]:
    """Zero is a value: a state that nobody is in is none the less known."""
    known = dict.fromkeys(STATES_KNOWN, 0) if tick.server.sees_all else {}
    return [
        tick.reading("postgresql.backends", count, state=state)
        for state, count in {**known, **counts}.items()
    ]


def _session(row: Row) -> Session:
    pid, user, app, database, state, wait, query, query_age, xact_age, blockers, kind = row
    return Session(
        int(pid),
        user or "",
        shown(app or ""),
        database or "",
        state or "",
        wait or "",
        shown(query or ""),
        query_age,
        xact_age,
        tuple(blockers),
        kind or "",
    )


def _shape(session: Session) -> dict[str, object]:
    return {
        "pid": session.pid,
        "user": session.user,
        "app": session.app,
        "database": session.database,
        "state": session.state or session.kind,
        "wait": session.wait,
        "query": session.query,
        "seconds": session.seconds,
    }


def _blocker(node: Node, tick: Round) -> Thing:
    """For the report on bottlenecks, which is made when the lock is long gone."""
    session = node.session
    who = (session.app or session.user) if session else ""
    what = session.query if session else ""
    name = f"{who or 'a prepared transaction'}: {what}" if what else who or f"pid {node.pid}"
    detail = json.dumps({"blocked": node.waiting})
    shortened = name[:BLOCKER_MAX]
    return Thing("blocker", f"postgres:{tick.instance}", shortened, shortened, detail, tick.now)


def _branch(node: Node) -> dict[str, object]:
    """A prepared transaction has the pid 0 and nothing else."""
    known = _shape(node.session) if node.session is not None else {"pid": node.pid}
    return {
        **known,
        "waiting": node.waiting,
        "children": [_branch(child) for child in node.children],
    }
