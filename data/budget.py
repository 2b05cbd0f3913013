"""Which lines of budgets were told, and which stops are in force, in control.sqlite3.

The ledger and control never commit together. An event of the ledger is taken over by its key: read
again after a crash, it is found to be told, or is told now; its alert is written in the transaction
that takes it over.
"""

import sqlite3
from collections.abc import Callable, Iterable

from data.control import Control, insert
from models.budget.kept import Stop, Told

KEPT_US = 400 * 86_400_000_000
KEY = ("bucket_id", "start_us", "version", "kind", "threshold_ppm", "once")
KNOWN = f"SELECT 1 FROM budget_told WHERE {' AND '.join(f'{name} = ?' for name in KEY)}"  # noqa: S608
Tell = Callable[[sqlite3.Connection, Told], None]
"""Puts what is to be sent into the same transaction."""


def watermark(control: Control, ledger_id: str) -> int | None:
    """The last event of that ledger that was taken over; None before the first."""
    text = control.state(_mark(ledger_id))
    return None if text is None else int(text)


def take_over(control: Control, rows: Iterable[Told], tell: Tell) -> list[Told]:
    """Remember and tell those that were not told yet; these."""
    with control.transaction() as connection:
        return _fresh(connection, rows, tell)


def take_over_events(
    control: Control, ledger_id: str, seq: int, rows: Iterable[Told], tell: Tell
) -> list[Told]:
    """The same of events of a ledger up to `seq`, which becomes its watermark."""
    with control.transaction() as connection:
        fresh = _fresh(connection, rows, tell)
        connection.execute(
            "INSERT OR REPLACE INTO state VALUES (?, ?)", [_mark(ledger_id), str(seq)]
        )
    return fresh


def told(control: Control, since_us: int) -> list[Told]:
    """Of periods that begin at or after that moment."""
    rows = control.rows("budget_told", "start_us, at_us, bucket_id, threshold_ppm")
    return [each for each in (Told(*row[:-1]) for row in rows) if each.start_us >= since_us]


def forget(control: Control, now_us: int) -> None:
    """What is older than the ledger's own events."""
    with control.transaction() as connection:
        connection.execute("DELETE FROM budget_told WHERE end_us < ?", [now_us - KEPT_US])


def stops(control: Control) -> list[Stop]:
    return [Stop(*row[:-1]) for row in control.rows("budget_stops", "bucket_id")]


def keep_stop(control: Control, stop: Stop) -> None:
    with control.transaction() as connection:
        insert(connection, "budget_stops", [stop._replace(ordered_at=float(stop.ordered_at))])


def drop_stop(control: Control, bucket_id: str) -> None:
    with control.transaction() as connection:
        connection.execute("DELETE FROM budget_stops WHERE bucket_id = ?", [bucket_id])


def _fresh(connection: sqlite3.Connection, rows: Iterable[Told], tell: Tell) -> list[Told]:
    fresh = []
    for row in rows:
        if connection.execute(KNOWN, row[: len(KEY)]).fetchone() is None:
            insert(connection, "budget_told", [row._replace(told_at=float(row.told_at))])
            tell(connection, row)
            fresh.append(row)
    return fresh


def _mark(ledger_id: str) -> str:
    return f"limit_events:{ledger_id}"
