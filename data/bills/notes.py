"""When Sallim began to count here: what the month before that cost, nobody knows."""

from data.bills.file import opened
from data.home import Home


def began(home: Home, now: float) -> float:
    """When that was; it is now where it was never said. UTC epoch seconds. Raises StoreError."""
    with opened(home) as file:
        file.execute("INSERT OR IGNORE INTO notes VALUES ('began_at', ?)", [str(now)])
        row = file.execute("SELECT value FROM notes WHERE name = 'began_at'").fetchone()
        return float(row[0])
