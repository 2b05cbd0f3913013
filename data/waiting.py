"""Work that waits for money, in control.sqlite3: a row each, by what it is.

A row is there before anything is done for it, and only whole transactions change it, so that
whoever begins anew finds how far each had come.
"""

import sqlite3
from collections.abc import Iterable

from data.control import Control, insert
from models.waiting.item import OPEN, WaitingItem

OPEN_MAX = 2_000
"""What is above is not taken in: a loop that fails for a month must not fill the disk."""
KEPT_SECONDS = 90 * 86_400.0
MARKS = ", ".join("?" * len(OPEN))


def items(control: Control) -> list[WaitingItem]:
    """The oldest first."""
    return [WaitingItem(*row[:-1]) for row in control.rows("waiting", "since, item_id")]


def take_in(control: Control, fresh: Iterable[WaitingItem]) -> int:
    """Keep those that are not known yet; how many had no room."""
    left_out = 0
    with control.transaction() as connection:
        sql = f"SELECT count(*) FROM waiting WHERE state IN ({MARKS})"  # noqa: S608
        [count] = connection.execute(sql, OPEN).fetchone()
        for item in fresh:
            if _row(connection, item.item_id) is not None:
                continue
            if count >= OPEN_MAX:
                left_out += 1
                continue
            insert(connection, "waiting", [_kept(item)])
            count += 1
    return left_out


def change(control: Control, before: WaitingItem, after: WaitingItem) -> bool:
    """Whether the row still stood as `before`; if somebody was faster, nothing is changed."""
    with control.transaction() as connection:
        if _row(connection, before.item_id) != before:
            return False
        insert(connection, "waiting", [_kept(after)])
        return True


def forget_old(control: Control, now: float) -> None:
    """What is over for longer than the history is kept."""
    sql = f"DELETE FROM waiting WHERE changed_at < ? AND state NOT IN ({MARKS})"  # noqa: S608
    with control.transaction() as connection:
        connection.execute(sql, [now - KEPT_SECONDS, *OPEN])


def _row(connection: sqlite3.Connection, item_id: str) -> WaitingItem | None:
    row = connection.execute("SELECT * FROM waiting WHERE item_id = ?", [item_id]).fetchone()
    return None if row is None else WaitingItem(*row[:-1])


def _kept(item: WaitingItem) -> WaitingItem:
    """Moments as the columns hold them: the checksum is one of what is read again."""
    return item._replace(
        since=float(item.since),
        begun_at=float(item.begun_at),
        changed_at=float(item.changed_at),
    )
