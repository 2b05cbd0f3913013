"""How much of what is paid by the gigabyte was measured, day by day."""

from typing import NamedTuple

from data.bills.file import opened
from data.home import Home


class MeteredDay(NamedTuple):
    """Of one item; `day` is its number in the house's zone."""

    name: str
    day: int
    quantity: int
    missing_seconds: int
    booked: bool = False


def first_day(home: Home, name: str, day: int) -> int:
    """From which day on the item counts; that day where it was never said. Raises StoreError."""
    with opened(home) as file:
        file.execute("INSERT OR IGNORE INTO notes VALUES (?, ?)", [f"metered:{name}", str(day)])
        row = file.execute("SELECT value FROM notes WHERE name = ?", [f"metered:{name}"]).fetchone()
        return int(row[0])


def put_day(home: Home, told: MeteredDay) -> None:
    """Once: what stands there stays, since it may be booked. Raises StoreError."""
    with opened(home) as file:
        file.execute("INSERT OR IGNORE INTO metered VALUES (?, ?, ?, ?, ?)", told)


def metered_days(home: Home, since_day: int) -> list[MeteredDay]:
    """In the order of names and days. Raises StoreError."""
    with opened(home) as file:
        rows = file.execute(
            "SELECT name, day, quantity, missing_seconds, booked FROM metered WHERE day >= ? "
            "ORDER BY name, day",
            [since_day],
        ).fetchall()
    return [
        MeteredDay(name, day, quantity, missing, bool(booked))
        for name, day, quantity, missing, booked in rows
    ]


def note_day_booked(home: Home, told: MeteredDay) -> None:
    """Raises StoreError."""
    with opened(home) as file:
        file.execute(
            "UPDATE metered SET booked = 1 WHERE name = ? AND day = ?", [told.name, told.day]
        )
