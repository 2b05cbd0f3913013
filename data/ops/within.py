"""The store as pages ask it, for whoever is inside the agent: the same functions of `data/`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import duckdb

if TYPE_CHECKING:
    from data.rows import Columns


class Column(list[Any]):
    """The values of a column, as far as `data.rows` asks of one."""

    def tolist(self) -> list[Any]:
        return list(self)


class Within:
    """Answers over a cursor; numpy and pandas are never asked for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def columns(self, sql: str, params: Sequence[object] = ()) -> "Columns":
        answer = self._connection.execute(sql, list(params))
        names = [column[0] for column in answer.description or ()]
        rows = answer.fetchall()
        found = {name: Column(row[place] for row in rows) for place, name in enumerate(names)}
        return cast("Columns", found)
