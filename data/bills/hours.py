"""How long rented machines were on, day by day; and how far that was looked at."""

from collections.abc import Iterable
from typing import NamedTuple

from data.bills.file import opened
from data.home import Home


class Day(NamedTuple):
    """Of one machine; `day` is its number in the house's zone."""

    name: str
    day: int
    seconds: float


def looked_at(home: Home) -> float | None:
    """Until when machines were looked at; None before the first look. Raises StoreError."""
    with opened(home) as file:
        row = file.execute("SELECT value FROM notes WHERE name = 'looked_at'").fetchone()
        return None if row is None else float(row[0])


def add_hours(home: Home, days: Iterable[Day], until: float) -> None:
    """In one transaction with how far was looked, so that no second counts twice."""
    with opened(home) as file:
        file.executemany(
            "INSERT INTO hours VALUES (?, ?, ?, 0) "
            "ON CONFLICT (name, day) DO UPDATE SET seconds = seconds + excluded.seconds",
            list(days),
        )
        file.execute("INSERT OR REPLACE INTO notes VALUES ('looked_at', ?)", [str(until)])


def unbooked(home: Home, before_day: int) -> list[Day]:
    """Days that are over and not yet charged, the oldest first. Raises StoreError."""
    with opened(home) as file:
        rows = file.execute(
            "SELECT name, day, seconds FROM hours WHERE booked = 0 AND day < ? ORDER BY day, name",
            [before_day],
        ).fetchall()
        return [Day(*row) for row in rows]


def note_booked(home: Home, day: Day) -> None:
    """Raises StoreError."""
    with opened(home) as file:
        file.execute("UPDATE hours SET booked = 1 WHERE name = ? AND day = ?", [day.name, day.day])
