"""What providers charge, line by line. What one says anew stands in the place of what it said."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from data.bills.file import opened
from data.home import Home
from models.costs.bills import Bill
from models.costs.charges import Price, price_of

PUT = """
INSERT INTO bills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')
ON CONFLICT (provider, period_start, period_end, line_item, model) DO UPDATE SET
    former = CASE WHEN amount = excluded.amount AND currency = excluded.currency
             THEN former ELSE amount || ' ' || currency END,
    quantity = excluded.quantity, unit = excluded.unit, amount = excluded.amount,
    currency = excluded.currency, fetched_at = excluded.fetched_at
"""


class Known(NamedTuple):
    """A line, and what it said before it was restated; None where it never was."""

    bill: Bill
    former: Price | None


def put_bills(home: Home, bills: Iterable[Bill], now: float) -> None:
    """Raises StoreError. `now` is UTC epoch seconds."""
    with opened(home) as file:
        file.executemany(
            PUT,
            [
                (*bill[:5], f"{bill.quantity:f}", bill.unit, f"{bill.price.amount:f}",
                 bill.price.currency, now)
                for bill in bills
            ],
        )  # fmt: skip


def bills_since(home: Home, since: float) -> list[Known]:
    """Lines of spans that end after `since`, in the order of their spans. Raises StoreError."""
    if not home.bills.exists():
        return []
    with opened(home) as file:
        rows = file.execute(
            """
            SELECT provider, period_start, period_end, line_item, model, quantity, unit, amount,
                   currency, former
            FROM bills WHERE period_end > ? ORDER BY period_start, period_end, provider, model
            """,
            [since],
        ).fetchall()
    return [
        Known(
            _bill(row),
            price_of(row[9]) if row[9] else None,
        )
        for row in rows
    ]


def _bill(row: tuple[Any, ...]) -> Bill:
    provider, since, until, line_item, model, quantity, unit, amount, currency, _ = row
    price = price_of(f"{amount} {currency}")
    return Bill(provider, since, until, line_item, model, Decimal(quantity), unit, price)
