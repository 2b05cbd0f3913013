"""The statements that take most time, by the counters of pg_stat_statements."""

import json
from collections.abc import Iterable

from agent.collectors.postgres.parts import Found, Round
from agent.collectors.postgres.queries import STATEMENTS_MAX, statement_texts, statements
from agent.collectors.postgres.refusals import quoted
from agent.collectors.postgres.session import QueryFailed, Row
from models.databases.sql_text import shown
from models.databases.statements import Counted, Look, Spent, spent_between, summed
from models.messages import Message, say
from models.monitoring import Reading, Thing

NAME_MAX = 120
TEXTS_MAX = 1000
OLDEST = (1, 8)
"""The first with `total_exec_time`; it came with PostgreSQL 13."""


class Statements:
    def __init__(self, source: str, user: str, statements_max: int) -> None:
        self._source = source
        self._user = user
        self._most = statements_max
        self._before: Look | None = None
        self._texts: dict[int, str] = {}

    def ask(self, tick: Round) -> Found:
        installed = tick.server.statements
        if installed is None or installed[0] < OLDEST:
            self._before = None
            return Found(left_out={"statements": _not_installed(tick)})
        version, schema = installed
        try:
            rows = tick.session.rows(statements(version, schema))
        except QueryFailed as failure:
            self._before = None
            reason = self._refused(failure, schema)
            if reason is None:
                raise
            return Found(left_out={"statements": reason})
        look = _look(rows, tick.monotonic_seconds)
        spent = spent_between(self._before, look)
        self._before = look
        if spent is None:
            return Found(is_first=True)
        return self._found(tick, schema, spent[: self._most])

    def _found(self, tick: Round, schema: str, spent: list[Spent]) -> Found:
        records = self._named(tick, schema, spent)
        return Found(
            [reading for each in spent for reading in _readings(tick, each)],
            {
                "statements_at": tick.now,
                "statements": [
                    {
                        "queryid": str(each.query_id),
                        "text": self._texts.get(each.query_id, ""),
                        "calls_per_second": each.calls_per_second,
                        "mean_seconds": each.mean_seconds,
                        "share": each.busy_share,
                        "rows_per_call": each.rows_per_call,
                        "read_blocks_per_call": each.read_blocks_per_call,
                    }
                    for each in spent
                ],
            },
            tuple(records),
        )

    def _named(self, tick: Round, schema: str, spent: Iterable[Spent]) -> list[Thing]:
        """Texts are fetched once, and only of those that are shown: the server reads a file."""
        unknown = [each.query_id for each in spent if each.query_id not in self._texts]
        if not unknown:
            return []
        if len(self._texts) > TEXTS_MAX:
            self._texts.clear()
        things = []
        for query_id, sql, user, database in tick.session.rows(statement_texts(schema), (unknown,)):
            text = shown(sql)
            self._texts[query_id] = text
            detail = json.dumps({"text": text, "user": user or "", "database": database or ""})
            things.append(
                Thing("statement", self._source, str(query_id), text[:NAME_MAX], detail, tick.now)
            )
        return things

    def _refused(self, failure: QueryFailed, schema: str) -> Message | None:
        if failure.code == "55000":
            return _not_loaded()
        if failure.code == "42501":
            return say(
                "{user} may not read pg_stat_statements; run `GRANT USAGE ON SCHEMA {schema} TO "
                "{role}; GRANT pg_monitor TO {role}`",
                user=self._user,
                schema=schema,
                role=quoted(self._user),
            )
        return None


def _look(rows: list[Row], monotonic_seconds: float) -> Look:
    counted = summed(
        (
            (int(user), int(database), int(query)),
            Counted(float(calls), float(exec_ms), float(rows_), float(blocks)),
        )
        for user, database, query, calls, exec_ms, rows_, blocks, _ in rows
    )
    since = rows[0][7] if rows else None
    return Look(monotonic_seconds, counted, since, is_whole=len(rows) < STATEMENTS_MAX)


def _readings(tick: Round, spent: Spent) -> list[Reading]:
    query_id = str(spent.query_id)
    return [
        tick.reading("postgresql.statement.time", spent.busy_share, queryid=query_id),
        tick.reading("postgresql.statement.calls", spent.calls_per_second, queryid=query_id),
        tick.reading("postgresql.statement.duration", spent.mean_seconds, queryid=query_id),
    ]


def _not_installed(tick: Round) -> Message:
    if tick.server.statements is not None:
        return say(
            "pg_stat_statements in {database} is older than the server; run "
            "`ALTER EXTENSION pg_stat_statements UPDATE` there",
            database=tick.server.database,
        )
    return say(
        "single statements are not known: run `CREATE EXTENSION pg_stat_statements` in the "
        "database {database}; it also has to stand in shared_preload_libraries",
        database=tick.server.database,
    )


def _not_loaded() -> Message:
    return say(
        "single statements are not known: pg_stat_statements is not loaded; add it to "
        "shared_preload_libraries (`ALTER SYSTEM SET shared_preload_libraries = "
        "'pg_stat_statements'`, with those that stand there already) and restart PostgreSQL"
    )
