"""The reading door: exactly one SELECT, few rows, little time, out as an Arrow stream."""

import io
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import duckdb
from nanoarrow.c_array_stream import CArrayStream, c_array_stream
from nanoarrow.ipc import StreamWriter

from data.ops.connection import first_line, is_damage
from models.errors import QueryRefused

# Written like functions of a SELECT, yet they change the process that reads, stop it (one is handed
# an address in memory), or run a text that nobody has looked at. Quotes and comments around a name
# hide nothing, so the word alone counts; the two that may well be names of columns need a call.
REFUSED = re.compile(
    r"\b(?:enable_\w+|disable_\w+|force_checkpoint|truncate_duckdb_logs|write_log|sleep_ms|nextval"
    r"|setseed|pandas_scan|arrow_scan\w*|python_map_function|query_table"
    r"|json_execute_serialized_sql)\b"
    r"|\b(?:query|checkpoint)\b[^\w,.;)]*?[(/-]",
    re.IGNORECASE,
)
OF_THE_FILE = (duckdb.IOException, duckdb.SerializationException)
"""Errors of these kinds are never made by a question: its own texts come back in other kinds."""


Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Question:
    """A SELECT with its parameters, and how much it may cost."""

    sql: str
    params: Sequence[object]
    rows_max: int
    seconds_max: float


def answer(cursor: duckdb.DuckDBPyConnection, question: Question) -> bytes:
    """Run a question on a cursor of its own; the Arrow IPC stream of its rows.

    Raises QueryRefused for all that is wrong with the question; duckdb.FatalException when the
    database must be opened again, another duckdb.Error when the file is damaged.
    """
    return _in_time(cursor, question, lambda: _run(cursor, question))


def answer_rows(cursor: duckdb.DuckDBPyConnection, question: Question) -> list[tuple[Any, ...]]:
    """As `answer`, under the same rules, with the rows as Python's own values."""
    return _in_time(cursor, question, lambda: _fetch(cursor, question))


def check(cursor: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises QueryRefused for all but exactly one SELECT that changes nothing."""
    if REFUSED.search(sql):
        raise QueryRefused("Query refused: it calls a function that changes the database.")
    try:
        # By the cursor, which may touch no files: to parse a PRAGMA can mean to read one.
        statements = cursor.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(f"Query refused: {first_line(error)}") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise QueryRefused(f"Query refused: send exactly one SELECT (found: {found}).")


def _in_time(
    cursor: duckdb.DuckDBPyConnection, question: Question, run: Callable[[], Told]
) -> Told:
    check(cursor, question.sql)
    overdue = threading.Event()

    def interrupt() -> None:
        overdue.set()
        cursor.interrupt()

    timer = threading.Timer(question.seconds_max, interrupt)
    timer.daemon = True
    timer.start()
    try:
        return run()
    except duckdb.FatalException:
        raise
    except duckdb.InterruptException as error:
        if not overdue.is_set():
            raise QueryRefused(
                "Query stopped: the store is being opened again. Ask anew."
            ) from error
        raise QueryRefused(
            f"Query stopped: it took longer than {question.seconds_max:g} s. Ask for a shorter "
            "span or a coarser tier."
        ) from error
    except duckdb.Error as error:
        if isinstance(error, OF_THE_FILE) and is_damage(error):
            raise
        raise QueryRefused(f"Query refused: {first_line(error)}") from error
    finally:
        timer.cancel()
        timer.join()


def _run(cursor: duckdb.DuckDBPyConnection, question: Question) -> bytes:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        relation = cursor.sql(question.sql, params=list(question.params))
        limited = relation.limit(question.rows_max + 1)
        with c_array_stream(limited) as stream:
            schema = stream.get_schema()
            batches = list(stream)
    finally:
        cursor.execute("ROLLBACK")
    _check_rows(sum(len(batch) for batch in batches), question)
    out = io.BytesIO()
    with StreamWriter.from_writable(out) as writer:
        writer.write_stream(CArrayStream.from_c_arrays(batches, schema, validate=False))
    return out.getvalue()


def _fetch(cursor: duckdb.DuckDBPyConnection, question: Question) -> list[tuple[Any, ...]]:
    cursor.execute("BEGIN TRANSACTION READ ONLY")
    try:
        rows = cursor.execute(question.sql, list(question.params)).fetchmany(question.rows_max + 1)
    finally:
        cursor.execute("ROLLBACK")
    _check_rows(len(rows), question)
    return rows


def _check_rows(count: int, question: Question) -> None:
    if count > question.rows_max:
        raise QueryRefused(
            f"Query refused: it gives more than {question.rows_max} rows. Aggregate, or add LIMIT."
        )
