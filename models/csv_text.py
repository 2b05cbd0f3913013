"""Tables as CSV by RFC 4180, which no spreadsheet takes for formulas, and as JSON. Pure.

Numbers are written as they are, never rounded; money in JSON is a text, since a JSON number is a
float to most who read it.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

Value = str | int | float | Decimal | bool | None

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are taken for the first four where people write in full width."""
UNSEEN = "\u200b"
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """One record after the other, each with its CRLF."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in _with(header, rows):
        writer.writerow([cell(value) for value in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def json_lines(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """An array of objects, one a line."""
    before = "[\n"
    for row in rows:
        shape = {
            name: plain(value) if isinstance(value, Decimal) else value
            for name, value in zip(header, row, strict=True)
        }
        yield f"{before}{json.dumps(shape, ensure_ascii=False)}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def cell(value: Value) -> str:
    """What stands in the file.

    >>> cell(Decimal("-12.500000")), cell("-12.5"), cell("=1+1"), cell(None), cell(True)
    ('-12.500000', '-12.5', "'=1+1", '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    return harmless(value) if isinstance(value, str) else str(value)


def plain(value: Decimal) -> str:
    """Without an exponent, all its digits.

    >>> plain(Decimal("1E-9")), plain(Decimal("2E+3"))
    ('0.000000001', '2000')
    """
    return format(value, "f")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula; one that is a number stays a number.

    >>> harmless("@SUM(A1)"), harmless("-3"), harmless("-3+cmd")
    ("'@SUM(A1)", '-3', "'-3+cmd")
    """
    if text.startswith(RISKY) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def inert(text: str) -> str:
    """The same for a table that is looked at, and may be downloaded by whoever looks: nobody sees
    the sign before it, and a spreadsheet takes it for text.

    >>> inert("=1+1") == "\u200b=1+1", inert("-3"), inert("ocr")
    (True, '-3', 'ocr')
    """
    return f"{UNSEEN}{text}" if harmless(text) != text else text


def _with(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    yield header
    yield from rows
