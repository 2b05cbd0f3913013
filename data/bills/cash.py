"""What was left of money paid ahead, each time that somebody said it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from data.bills.file import opened
from data.home import Home
from models.costs.prepaid import Figure

FORGOTTEN = "cash forgotten:"
KEPT_SECONDS = 90 * 86_400

Account = tuple[str, str]
"""Provider and currency."""


class Told(NamedTuple):
    account: Account
    figure: Figure


def put_figures(home: Home, told: Iterable[Told]) -> None:
    """Of a balance that stays the same only its first and last moment are kept.

    Raises StoreError.
    """
    with opened(home) as file:
        for (provider, currency), (at, amount, is_typed) in told:
            last = file.execute(
                "SELECT at, amount, typed FROM cash WHERE provider = ? AND currency = ? "
                "AND at < ? ORDER BY at DESC LIMIT 2",
                [provider, currency, at],
            ).fetchall()
            same = f"{amount:f}", int(is_typed)
            if [row[1:] for row in last] == [same, same]:
                file.execute(
                    "DELETE FROM cash WHERE provider = ? AND currency = ? AND at = ?",
                    [provider, currency, last[0][0]],
                )
            file.execute(
                "INSERT OR REPLACE INTO cash VALUES (?, ?, ?, ?, ?)",
                [provider, currency, at, *same],
            )
            # The last one stays, however old it is.
            file.execute(
                "DELETE FROM cash WHERE provider = ? AND currency = ? AND at < ?",
                [provider, currency, at - KEPT_SECONDS],
            )


def figures(home: Home) -> dict[Account, list[Figure]]:
    """In the order of their moments. Raises StoreError."""
    if not home.bills.exists():
        return {}
    with opened(home) as file:
        rows = file.execute(
            "SELECT provider, currency, at, amount, typed FROM cash ORDER BY provider, currency, at"
        ).fetchall()
    found: dict[Account, list[Figure]] = {}
    for provider, currency, at, amount, typed in rows:
        found.setdefault((provider, currency), []).append(Figure(at, Decimal(amount), bool(typed)))
    return found


def forget_cash(home: Home, provider: str, now: float) -> int:
    """Everything that was said of it until now; how many figures that were. Raises StoreError."""
    with opened(home) as file:
        file.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", [FORGOTTEN + provider, str(now)])
        return file.execute("DELETE FROM cash WHERE provider = ?", [provider]).rowcount


def forgotten(home: Home) -> dict[str, float]:
    """Until when the figures of a provider count no more. Raises StoreError."""
    if not home.bills.exists():
        return {}
    with opened(home) as file:
        rows = file.execute(
            "SELECT name, value FROM notes WHERE name LIKE ?", [f"{FORGOTTEN}%"]
        ).fetchall()
    return {name.removeprefix(FORGOTTEN): float(value) for name, value in rows}
