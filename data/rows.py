"""Answers of the store row by row, with Python's own values: for what is a table, not a curve."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    # The agent asks the same and has no numpy.
    import numpy as np

Columns = dict[str, "np.ndarray[Any, Any]"]


class Answers(Protocol):
    """Something that answers a SELECT with numpy columns: the reader, or a fake."""

    def columns(self, sql: str, params: Sequence[object] = ()) -> Columns: ...


def rows_of(columns: Columns) -> list[dict[str, Any]]:
    """One dict a row; what is not there (NULL, NaN) is None.

    >>> import numpy as np
    >>> rows_of({"n": np.array([1, 2]), "x": np.array([0.5, np.nan])})
    [{'n': 1, 'x': 0.5}, {'n': 2, 'x': None}]
    """
    names = list(columns)
    values = (column.tolist() for column in columns.values())
    return [dict(zip(names, map(_told, row), strict=True)) for row in zip(*values, strict=True)]


def _told(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
