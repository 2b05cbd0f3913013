"""The exchange rate of each day on which one was published."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from data.bills.file import opened
from data.home import Home
from models.costs.fx import DayRate

KEPT_DAYS = 800
"""A bill of the year before may still be corrected."""


def put_rates(home: Home, rates: Iterable[DayRate], now: float) -> None:
    """Instead of what was known of the same days. Raises StoreError."""
    with opened(home) as file:
        file.executemany(
            "INSERT OR REPLACE INTO day_rates VALUES (?, ?, ?, ?, ?)",
            [
                (str(rate.day), str(rate.won_per_usd), str(rate.won_per_eur), rate.source, now)
                for rate in rates
            ],
        )
        file.execute(
            "DELETE FROM day_rates WHERE day < date((SELECT max(day) FROM day_rates), ?)",
            [f"-{KEPT_DAYS} days"],
        )


def known_rates(home: Home) -> tuple[list[DayRate], float]:
    """All of them in the order of their days, and when the last was fetched (0: never).

    Raises StoreError.
    """
    if not home.bills.exists():
        return [], 0.0
    with opened(home) as file:
        rows = file.execute(
            "SELECT day, won_per_usd, won_per_eur, source, fetched_at FROM day_rates ORDER BY day"
        ).fetchall()
    rates = [
        DayRate(date.fromisoformat(row[0]), Decimal(row[1]), Decimal(row[2]), row[3])
        for row in rows
    ]
    return rates, max((float(row[4]) for row in rows), default=0.0)
