"""Closes of months and plans of the next one, in control.sqlite3.

A month has one row, whatever the clock did: its name is the key.
"""

import sqlite3
from collections.abc import Callable

from data.control import Control, insert
from models.budget.kept_months import NOBODY_SAID, REOPENED, KeptClose, KeptPlan

Tell = Callable[[sqlite3.Connection], None]
"""Puts what is to be sent into the same transaction."""


def closes(control: Control) -> list[KeptClose]:
    """In the order of their months."""
    return [KeptClose(*row[:-1]) for row in control.rows("month_closes", "month")]


def close_month(control: Control, fresh: KeptClose, tell: Tell) -> bool:
    """Keep and tell it, once: False where it is closed already, and nothing is changed."""
    with control.transaction() as connection:
        known = _close(connection, fresh.month)
        if known is not None and known.closed_at != REOPENED:
            return False
        if known is not None:
            revision = known.revision + (fresh.document != known.document)
            fresh = _with_charge(fresh, known)._replace(revision=revision)
        _keep_close(connection, fresh)
        tell(connection)
    return True


def correct_close(control: Control, month: str, document: str, now: float) -> bool:
    """What bills have changed of a month that is closed: its next revision."""
    with control.transaction() as connection:
        known = _close(connection, month)
        if known is None or known.document == document:
            return False
        revision = known.revision + 1
        _keep_close(
            connection, known._replace(document=document, revision=revision, changed_at=now)
        )
    return True


def reopen(control: Control, month: str, now: float) -> None:
    """It was closed by a clock that was ahead, or the one of now is behind."""
    with control.transaction() as connection:
        known = _close(connection, month)
        if known is not None and known.closed_at != REOPENED:
            _keep_close(connection, known._replace(closed_at=REOPENED, changed_at=now))


def charge(control: Control, month: str, charged_micro: int, by: str, now: float) -> bool:
    """What its owner says that the card was charged; False where the month is not known."""
    with control.transaction() as connection:
        known = _close(connection, month)
        if known is None:
            return False
        said = known._replace(charged_micro=charged_micro, charged_by=by, charged_at=now)
        _keep_close(connection, said)
    return True


def plans(control: Control) -> list[KeptPlan]:
    """In the order in which they were made."""
    rows = control.rows("month_plans", "created_at, rowid")
    return [KeptPlan(*row[:-1]) for row in rows]


def put_plan(control: Control, plan: KeptPlan) -> None:
    """Instead of those of the same month; one that is kept already is left as it is."""
    with control.transaction() as connection:
        known = _plans(connection)
        if any(each.plan_id == plan.plan_id for each in known):
            return
        _revoke(connection, plan.month, plan.created_at)
        insert(connection, "month_plans", [plan._replace(created_at=float(plan.created_at))])


def revoke_plans(control: Control, month: str, now: float) -> list[KeptPlan]:
    """Those of that month, and which they were."""
    with control.transaction() as connection:
        return _revoke(connection, month, now)


def _revoke(connection: sqlite3.Connection, month: str, now: float) -> list[KeptPlan]:
    held = [each for each in _plans(connection) if each.month == month and each.revoked_at is None]
    insert(connection, "month_plans", [each._replace(revoked_at=float(now)) for each in held])
    return held


def _plans(connection: sqlite3.Connection) -> list[KeptPlan]:
    rows = connection.execute("SELECT * FROM month_plans ORDER BY created_at, rowid")
    return [KeptPlan(*row[:-1]) for row in rows]


def _close(connection: sqlite3.Connection, month: str) -> KeptClose | None:
    row = connection.execute("SELECT * FROM month_closes WHERE month = ?", [month]).fetchone()
    return None if row is None else KeptClose(*row[:-1])


def _with_charge(fresh: KeptClose, known: KeptClose) -> KeptClose:
    if known.charged_micro == NOBODY_SAID:
        return fresh
    return fresh._replace(
        charged_micro=known.charged_micro,
        charged_by=known.charged_by,
        charged_at=known.charged_at,
    )


def _keep_close(connection: sqlite3.Connection, close: KeptClose) -> None:
    """Moments as the columns hold them: the checksum is one of what is read again."""
    row = close._replace(
        closed_at=float(close.closed_at),
        changed_at=float(close.changed_at),
        until_at=float(close.until_at),
        charged_at=float(close.charged_at),
    )
    insert(connection, "month_closes", [row])
