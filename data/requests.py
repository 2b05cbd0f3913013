"""People's requests in control.sqlite3: nonces, what was asked, what holds for a while.

What is decided and its row of the audit are on the disk together, or not at all. Everything here
raises StoreFull while there is no room to write.
"""

import sqlite3

from data.audit import append
from data.control import Control, insert
from models.audit import AuditRow, Entry
from models.requests.kept import KeptRequest, StandingOrder
from models.requests.nonces import NOT_USED, Claim, Nonce, check_claim
from models.requests.shapes import ACCEPTED

NONCES_MAX = 20
"""Not used yet, of one session; the oldest goes first."""
DAY_US = 86_400_000_000
KEPT_US = 400 * DAY_US
RECENT_MAX = 100


def put_nonce(control: Control, nonce: Nonce) -> None:
    """Keep it, without those that are long over."""
    with control.transaction() as connection:
        insert(connection, "nonces", [nonce])
        connection.execute(
            "DELETE FROM nonces WHERE issued_at_us < ?", [nonce.issued_at_us - DAY_US]
        )
        connection.execute(
            """
            DELETE FROM nonces WHERE bound_to = ? AND used_at_us = ? AND nonce_sha256 NOT IN (
                SELECT nonce_sha256 FROM nonces WHERE bound_to = ? AND used_at_us = ?
                ORDER BY issued_at_us DESC, rowid DESC LIMIT ?)
            """,
            [nonce.bound_to, NOT_USED, nonce.bound_to, NOT_USED, NONCES_MAX],
        )
        connection.execute(
            "DELETE FROM requests WHERE changed_at_us < ? AND state <> ?",
            [nonce.issued_at_us - KEPT_US, ACCEPTED],
        )


def admit(control: Control, claim: Claim, row: KeptRequest, entry: Entry) -> AuditRow:
    """Use up its nonce and keep a request, decided, with its row of the audit: all or nothing.

    Raises RequestRefused where the nonce is not taken.
    """
    with control.transaction() as connection:
        nonce = _nonce(connection, claim.nonce_sha256)
        check_claim(nonce, claim, _request(connection, row.request_id), row.asked_at_us)
        assert nonce is not None, "an unknown one is not taken"
        insert(connection, "nonces", [nonce._replace(used_at_us=row.asked_at_us)])
        # Before the request: one without a row of the audit says that rows were taken out.
        audited = append(connection, entry)
        insert(connection, "requests", [row])
        return audited


def end(control: Control, row: KeptRequest, entry: Entry) -> AuditRow:
    """Keep what became of a request, with its row of the audit."""
    with control.transaction() as connection:
        insert(connection, "requests", [row])
        return append(connection, entry)


def _nonce(connection: sqlite3.Connection, nonce_sha256: str) -> Nonce | None:
    sql = "SELECT * FROM nonces WHERE nonce_sha256 = ?"
    row = connection.execute(sql, [nonce_sha256]).fetchone()
    return None if row is None else Nonce(*row[:-1])


def _request(connection: sqlite3.Connection, request_id: str) -> KeptRequest | None:
    sql = "SELECT * FROM requests WHERE request_id = ?"
    row = connection.execute(sql, [request_id]).fetchone()
    return None if row is None else KeptRequest(*row[:-1])


def recent(control: Control, limit: int = RECENT_MAX) -> list[KeptRequest]:
    """The newest first."""
    sql = "SELECT * FROM requests ORDER BY asked_at_us DESC, rowid DESC LIMIT ?"
    with control.transaction() as connection:
        return [KeptRequest(*row[:-1]) for row in connection.execute(sql, [limit])]


def unfinished(control: Control) -> list[KeptRequest]:
    """Accepted, and nobody has said what became of it; the oldest first."""
    sql = "SELECT * FROM requests WHERE state = ? ORDER BY asked_at_us, rowid"
    with control.transaction() as connection:
        return [KeptRequest(*row[:-1]) for row in connection.execute(sql, [ACCEPTED])]


def put_order(control: Control, order: StandingOrder) -> bool:
    """True if this is new: one request gives one order, however often it is carried out."""
    with control.transaction() as connection:
        if _order_named(connection, order.request_id) is not None:
            return False
        insert(connection, "standing_orders", [order])
        return True


def order_named(control: Control, request_id: str) -> StandingOrder | None:
    with control.transaction() as connection:
        return _order_named(connection, request_id)


def orders(control: Control, kind: str, now: float) -> list[StandingOrder]:
    """Those of a kind (acknowledge, silence, pause) that hold at that moment."""
    with control.transaction() as connection:
        return _orders(connection, kind, now)


def end_orders(control: Control, kind: str, ending: StandingOrder) -> list[StandingOrder]:
    """End those of a kind that hold, and keep the order that ended them; which they were."""
    with control.transaction() as connection:
        held = _orders(connection, kind, ending.since_at)
        ended = [order._replace(ended_at=ending.since_at) for order in held]
        insert(connection, "standing_orders", [*ended, ending])
        return held


def _order_named(connection: sqlite3.Connection, request_id: str) -> StandingOrder | None:
    sql = "SELECT * FROM standing_orders WHERE request_id = ?"
    row = connection.execute(sql, [request_id]).fetchone()
    return None if row is None else StandingOrder(*row[:-1])


def _orders(connection: sqlite3.Connection, kind: str, now: float) -> list[StandingOrder]:
    sql = "SELECT * FROM standing_orders WHERE kind = ? ORDER BY since_at, rowid"
    found = [StandingOrder(*row[:-1]) for row in connection.execute(sql, [kind])]
    return [order for order in found if order.holds(now)]
