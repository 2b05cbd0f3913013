"""Raises and releases of budgets in control.sqlite3, and what keeps them true: their end."""

import sqlite3
from collections.abc import Iterable

from data.control import Control, insert
from models.budget.overrides import Override

KEPT_SECONDS = 400 * 86_400.0


def overrides(control: Control) -> list[Override]:
    """All that are kept, in the order of their making."""
    rows = control.rows("overrides", "created_at, override_id")
    return [Override(*row[:-1]) for row in rows]


def put(connection: sqlite3.Connection, override: Override) -> None:
    """In the caller's transaction of control, beside what it writes of the request."""
    _keep(connection, override)


def revoke(connection: sqlite3.Connection, override_id: str, now: float) -> bool:
    """End it before its time; False where it is not known, or is over already."""
    known = [each for each in _read(connection) if each.override_id == override_id]
    if not known or not known[0].is_live(now):
        return False
    _keep(connection, known[0]._replace(revoked_at=now))
    return True


def end_those_over(control: Control, now: float) -> list[Override]:
    """Write down which are over, so that a clock that is put back does not revive them; these."""
    over = [
        each for each in overrides(control) if each.revoked_at is None and not each.is_live(now)
    ]
    if over:
        with control.transaction() as connection:
            _end(connection, over, now)
    return over


def _end(connection: sqlite3.Connection, over: Iterable[Override], now: float) -> None:
    for each in over:
        _keep(connection, each._replace(revoked_at=each.expires_at))
    connection.execute("DELETE FROM overrides WHERE expires_at < ?", [now - KEPT_SECONDS])


def _keep(connection: sqlite3.Connection, override: Override) -> None:
    """Moments as the columns hold them: the checksum is one of what is read again."""
    moments = (override.created_at, override.expires_at)
    created_at, expires_at = map(float, moments)
    revoked_at = None if override.revoked_at is None else float(override.revoked_at)
    row = override._replace(created_at=created_at, expires_at=expires_at, revoked_at=revoked_at)
    insert(connection, "overrides", [row])


def _read(connection: sqlite3.Connection) -> list[Override]:
    rows = connection.execute("SELECT * FROM overrides ORDER BY created_at, override_id")
    return [Override(*row[:-1]) for row in rows]
