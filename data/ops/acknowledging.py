"""The second half of a write: what DuckDB has committed is written down in control."""

from data.control import Control, Flush, SeriesRow
from data.ops.samples import SeriesBook
from models.errors import StoreError


class Acknowledgements:
    """Flushes on their way to control.

    Where control cannot take them they stay pending and are tried again: their rows are safe in
    DuckDB already, so to refuse them now would make the caller write them twice.
    """

    def __init__(self, control: Control, pending: list[Flush]) -> None:
        self._control = control
        self._pending = pending
        self._series: list[SeriesRow] = []

    def __len__(self) -> int:
        return len(self._pending)

    def note(self, flushes: list[Flush], series: SeriesBook) -> StoreError | None:
        """Write them down with the series that are new; why it could not be done, or None."""
        self._pending += flushes
        self._series += series.take_news()
        if self._pending or self._series:
            try:
                self._control.acknowledge(self._pending, self._series)
            except StoreError as error:
                return error
            self._pending, self._series = [], []
        return None
