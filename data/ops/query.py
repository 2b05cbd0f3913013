"""The reading door: exactly one SELECT, few rows, little time, out as an Arrow stream."""

import io
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from nanoarrow.c_array_stream import CArrayStream, c_array_stream
from nanoarrow.ipc import StreamWriter

from data.ops.connection import first_line, is_damage
from models.errors import QueryRefused

# These are written like tables, yet change the state of the process that reads them.
FUNCTIONS_REFUSED = re.compile(
    r"\b(enable_|disable_|force_checkpoint|checkpoint|write_log|truncate_)\w*\s*\(", re.IGNORECASE
)


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
    _check(question.sql)
    overdue = threading.Event()

    def interrupt() -> None:
        overdue.set()
        cursor.interrupt()

    timer = threading.Timer(question.seconds_max, interrupt)
    timer.daemon = True
    timer.start()
    try:
        return _run(cursor, question)
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
        # An internal error comes from the question; the file is innocent of it.
        if is_damage(error) and not isinstance(error, duckdb.InternalException):
            raise
        raise QueryRefused(f"Query refused: {first_line(error)}") from error
    finally:
        timer.cancel()
        timer.join()


def _check(sql: str) -> None:
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryRefused(f"Query refused: {first_line(error)}") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise QueryRefused(f"Query refused: send exactly one SELECT (found: {found}).")
    if FUNCTIONS_REFUSED.search(sql):
        raise QueryRefused("Query refused: it calls a function that changes the database.")


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
    if sum(len(batch) for batch in batches) > question.rows_max:
        raise QueryRefused(
            f"Query refused: it gives more than {question.rows_max} rows. Aggregate, or add LIMIT."
        )
    out = io.BytesIO()
    with StreamWriter.from_writable(out) as writer:
        writer.write_stream(CArrayStream.from_c_arrays(batches, schema, validate=False))
    return out.getvalue()
