"""What the writer keeps in memory of the file, so that a batch needs no look-ups."""

import duckdb

from data.ops.periods import PeriodBook
from data.ops.rollups import Watermarks
from data.ops.samples import SeriesBook


class Books:
    """Series, periods and watermarks; `reload` whenever a transaction was rolled back."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.series = SeriesBook(connection)
        self.periods = PeriodBook(connection)
        self.marks = Watermarks(connection)

    def reload(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.series.reload(connection)
        self.periods.reload(connection)
        self.marks.reload(connection)
