"""What was written of the rules in a ledger, remembered in control.sqlite3 under its id.

One that is made anew has another id, so of it nothing is remembered.
"""

import sqlite3

from data.control import Control
from models.budget.drift import Seal


def written(control: Control, ledger_id: str) -> Seal | None:
    return Seal.from_text(control.state(_key(ledger_id)))


def keep_written(control: Control, ledger_id: str, seal: Seal) -> None:
    control.set_state(_key(ledger_id), seal.as_text())


def forget_written(connection: sqlite3.Connection, ledger_id: str) -> None:
    """Before they are written anew, in the caller's transaction."""
    connection.execute("DELETE FROM state WHERE key = ?", [_key(ledger_id)])


def _key(ledger_id: str) -> str:
    return f"ledger_rules:{ledger_id}"
