"""The tables `exchange` and `rates`: functions over a connection, inside a transaction of the
caller. What prices mean is not known here.
"""

# ruff: noqa: S608  The names of columns in SQL are those of the rows.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sallim.ledger.money_rows import Exchange, RateRow

TYPES = (str, str, str, int, int, int, str, int)
EXCHANGE, RATES = ", ".join(Exchange._fields), ", ".join(RateRow._fields)


def replace_exchange(connection: sqlite3.Connection, rows: Iterable[Exchange]) -> None:
    connection.execute("DELETE FROM exchange")
    for row in rows:
        connection.execute(
            f"INSERT INTO exchange ({EXCHANGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
        )


def replace_rates(connection: sqlite3.Connection, rows: Iterable[RateRow]) -> None:
    connection.execute("DELETE FROM rates")
    for row in rows:
        connection.execute(f"INSERT INTO rates ({RATES}) VALUES (?, ?, ?, ?, ?, ?)", row)


def exchange_for(connection: sqlite3.Connection, provider: str) -> Exchange | None:
    """Of that provider, else the one for all, which has the name ""; None where it is none."""
    row = connection.execute(
        f"""
        SELECT {EXCHANGE} FROM exchange WHERE provider IN (?, '') ORDER BY provider DESC LIMIT 1
        """,
        [provider],
    ).fetchone()
    is_known = row and tuple(map(type, row)) == TYPES
    return Exchange(*row) if is_known else None


def rates_for(connection: sqlite3.Connection, provider: str, model: str) -> RateRow | None:
    row = connection.execute(
        f"SELECT {RATES} FROM rates WHERE provider = ? AND model = ?", (provider, model)
    ).fetchone()
    return RateRow(*row) if row else None


def all_rates(connection: sqlite3.Connection) -> list[RateRow]:
    sql = f"SELECT {RATES} FROM rates ORDER BY provider, model"
    return [RateRow(*row) for row in connection.execute(sql)]


def prompt_salt(connection: sqlite3.Connection) -> bytes:
    row = connection.execute("SELECT salt FROM prompt_salt").fetchone()
    return row[0] if row and isinstance(row[0], bytes) else b""


def check_exchange(rows: Iterable[Exchange]) -> None:
    """Raises ValueError that names the provider and the field."""
    for row in rows:
        for name in ("micro_won_per_usd", "vat_ppm", "fee_ppm"):
            value = getattr(row, name)
            least = 1 if name == "micro_won_per_usd" else 0
            if type(value) is not int or value < least:
                raise ValueError(
                    f"{name} of {row.provider!r} is {value!r}: it must be a whole number from "
                    f"{least}"
                )
