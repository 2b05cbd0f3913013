"""The demand of the last days in short steps, for pages: the agent's own questions, by the reader.

Everything raises AgentSilent and QueryRefused.
"""

import json
from collections.abc import Sequence
from typing import Any, cast

from data.ops.demand_series import recent
from data.ops.records import Connection
from data.rows import Answers, rows_of
from models.demand.shapes import Measured
from models.scaling.shapes import ShortFit
from models.settings.target import Target

STEP_SECONDS = 300
SHORT_FITS = "SELECT document FROM fits WHERE kind = 'short' AND key = $1 ORDER BY fitted_at"


def recent_steps(reader: Answers, target: Target, until: float, steps: int) -> Measured:
    """The `steps` whole steps of five minutes before `until`; none of spending, and none of a
    statement of one's own, which only the agent may put.
    """
    end = int(until) // STEP_SECONDS * STEP_SECONDS
    if target.kind == "sql":
        return Measured(end, STEP_SECONDS, ())
    return recent(cast("Connection", _Cursor(reader)), target, end, steps, STEP_SECONDS)


class _Cursor:
    """Speaks as DuckDB's cursors do, as far as questions need it, and asks the reader."""

    def __init__(self, reader: Answers) -> None:
        self._reader = reader
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str, params: Sequence[object] = ()) -> "_Cursor":
        columns = self._reader.columns(sql, params)
        self._rows = list(
            zip(*(map(_plain, each.tolist()) for each in columns.values()), strict=True)
        )
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows[0] if self._rows else None


def _plain(value: Any) -> Any:
    """A list of a column comes as an array of its own."""
    return value.tolist() if hasattr(value, "tolist") else value


def short_fits(reader: Answers, target: str) -> list[ShortFit]:
    """What the agent forecasts the next half hour of a target by, oldest first."""
    rows = rows_of(reader.columns(SHORT_FITS, [target]))
    return [ShortFit.from_json(json.loads(row["document"])) for row in rows]
