"""Lines of bills that people bring as CSV, under the headings that invoices and exports have."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.costs.bills import (
    Bill,
    NoBill,
    add_line,
    amount_of,
    model_key,
    provider_of,
    span_of,
)

NAMES = {
    "provider": ("provider", "providername", "servicename"),
    "period": ("period", "date", "chargeperiodstart", "usage_start_time", "month"),
    "amount": ("amount", "billedcost", "cost", "total"),
    "currency": ("currency", "billingcurrency"),
    "line_item": ("line_item", "chargedescription", "description", "sku"),
    "model": ("model", "x_model", "skumeter"),
}
"""By what is wanted: the headings under which it may stand, in small letters."""
FIRST_LINE = (
    "the first line must name provider, period, amount and currency, and may name line_item and "
    "model"
)


def invoice_bills(text: str, zone: ZoneInfo) -> list[Bill]:
    """The lines of a CSV whose first row names its columns. Raises NoBill with the line's number.

    Days are those of UTC where the period has a time with a zone, else those of `zone`.
    """
    if not text.strip("\ufeff \t\r\n"):
        raise NoBill(f"the file is empty; {FIRST_LINE}")
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found: dict[tuple[object, ...], Bill] = {}
    try:
        places = _places(next(rows, []))
        for row in rows:
            if any(cell.strip() for cell in row):
                add_line(found, _line(row, places, zone))
    except (NoBill, csv.Error, IndexError) as error:
        reason = "a cell is missing" if isinstance(error, IndexError) else str(error)
        raise NoBill(f"line {rows.line_num}: {reason}") from error
    return list(found.values())


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    places = {
        wanted: names.index(known)
        for wanted, headings in NAMES.items()
        for known in reversed(headings)
        if known in names
    }
    missing = [name for name in ("provider", "period", "amount", "currency") if name not in places]
    if missing:
        raise NoBill(f"no column {', '.join(missing)}; {FIRST_LINE}")
    return places


def _line(row: Sequence[str], places: dict[str, int], zone: ZoneInfo) -> Bill:
    cells = {name: row[place].strip() for name, place in places.items()}
    period = cells["period"]
    is_utc = period.endswith(("Z", "+00:00"))
    since, until = span_of(period, ZoneInfo("UTC") if is_utc else zone)
    return Bill(
        provider_of(cells["provider"]),
        since,
        until,
        cells.get("line_item", "")[:200] or "invoice",
        model_key(cells.get("model", ""))[:200],
        Decimal(1),
        "",
        amount_of(cells["amount"], cells["currency"]),
    )
