"""A file that a provider's billing export writes, such as FOCUS of Google Cloud, as CSV.

It is read whole again each time, so a line that is restated takes the place of the former one.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

from models.costs.bills import NoBill, Told
from models.costs.invoices import invoice_bills
from models.errors import SourceRefused, SourceUnreachable
from models.messages import say

BYTES_MAX = 20_000_000


class ExportBill:
    """`zone` is for days that name none."""

    def __init__(self, source: str, path: str, zone: ZoneInfo) -> None:
        self._source = source
        self._path = Path(path)
        self._zone = zone

    def read(self, _now: float) -> Told:
        """Raises SourceError."""
        try:
            return Told(invoice_bills(self._text(), self._zone))
        except OSError as error:
            raise SourceUnreachable(
                self._source,
                say(
                    "{path} cannot be read ({reason}); check `path` and whether the export runs",
                    path=str(self._path),
                    reason=error.strerror or type(error).__name__,
                ),
            ) from error
        except (NoBill, UnicodeDecodeError) as error:
            raise SourceRefused(
                self._source,
                say("{path} is no bill: {reason}", path=str(self._path), reason=str(error)[:200]),
            ) from error

    def _text(self) -> str:
        with self._path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise NoBill(f"more than {BYTES_MAX // 10**6} MB; export less")
        return content.decode()
