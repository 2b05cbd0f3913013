"""What becomes of a call that was admitted: settled, released, in doubt; and what is booked.

Functions over a connection, inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from sallim.ledger import calls, limits
from sallim.ledger.budgets import balance_ids
from sallim.ledger.limits import Cause
from sallim.ledger.money_rows import OPEN, UNVERIFIED, Asked, CallRow, Settlement
from sallim.ledger.seen import Seen
from sallim.ledger.standing import standing

MOVE = """
UPDATE balances SET settled_micro = settled_micro + ?, reserved_micro = reserved_micro + ?,
                    unverified_micro = unverified_micro + ?,
                    paced_micro = max(0, paced_micro + ?)
WHERE balance_id = ?
"""
IN_BAND = """
  AND settled_micro + unverified_micro >= ? AND settled_micro + unverified_micro < ?
  AND (SELECT rules FROM money_sequence) = ?
"""
MOVE_IN_BAND = MOVE + IN_BAND


def settle(
    connection: sqlite3.Connection, call_id: str, attempt: int, settlement: Settlement, seen: Seen
) -> bool:
    found = seen.open_call(connection, call_id, attempt)
    # The row is not read where this process knows it, and it still is as it was.
    if found is None or not calls.settle_open(connection, call_id, attempt, settlement, found):
        found = calls.find(connection, call_id, attempt)
        if found is None or found.state not in (OPEN, UNVERIFIED):
            return False
        calls.settle(connection, call_id, attempt, settlement)
    cause = Cause(call_id, attempt, found.provider, found.model, settlement.settled_us)
    amount = settlement.gross_micro
    charged = calls.ids_of(found.charged)
    _spend(connection, charged, (amount, *_taken_back(found)), cause, seen)
    if amount > found.worst_micro:
        for line in limits.lines(connection, charged):
            limits.overrun(connection, line, cause)
    return True


def release(
    connection: sqlite3.Connection, call_id: str, attempt: int, told: tuple[int, str, int]
) -> bool:
    """`told`: status, error and the moment."""
    found = calls.find(connection, call_id, attempt)
    if found is None or found.state not in (OPEN, UNVERIFIED):
        return False
    _move(connection, calls.ids_of(found.charged), (0, *_taken_back(found)))
    calls.release(connection, call_id, attempt, told)
    return True


def doubt(
    connection: sqlite3.Connection, call_id: str, attempt: int, now_us: int, seen: Seen
) -> CallRow | None:
    """An open call becomes unverified: it counts as spent, at its worst case. Else None."""
    found = calls.find(connection, call_id, attempt)
    if found is None or found.state != OPEN:
        return None
    cause = Cause(call_id, attempt, found.provider, found.model, now_us)
    worst_micro = found.worst_micro
    _spend(connection, calls.ids_of(found.charged), (0, -worst_micro, worst_micro), cause, seen)
    calls.doubt(connection, call_id, attempt, now_us)
    return calls.get(connection, call_id, attempt)


def book(
    connection: sqlite3.Connection,
    asked: Asked,
    settlement: Settlement,
    instead_of: Iterable[tuple[str, int]],
    seen: Seen,
) -> bool:
    """`instead_of`: calls and attempts by which it was kept free; they are let go."""
    for call_id, attempt in instead_of:
        release(connection, call_id, attempt, (0, "booked", settlement.settled_us))
    buckets = standing(connection, asked.buckets, asked.opened_us)
    charged = balance_ids(connection, buckets)
    if not calls.put(connection, calls.settled_row(asked, settlement), charged):
        return False
    cause = Cause(asked.call_id, asked.attempt, asked.provider, asked.model, settlement.settled_us)
    _spend(connection, charged, (settlement.gross_micro, 0, 0), cause, seen)
    return True


def _taken_back(found: calls.Found) -> tuple[int, int]:
    """What its end changes of the reserved and of the unverified."""
    return (-found.worst_micro, 0) if found.state == OPEN else (0, -found.worst_micro)


def _spend(
    connection: sqlite3.Connection,
    charged: list[int],
    moved: tuple[int, int, int],
    cause: Cause,
    seen: Seen,
) -> None:
    """Move what is settled, reserved and unverified, and write down the lines this crosses."""
    settled_micro, _, unverified_micro = moved
    more = settled_micro + unverified_micro
    if more <= 0:
        _move(connection, charged, moved)
        return
    rest = [each for each in charged if not _moved_in_band(connection, each, moved, seen)]
    if not rest:
        return
    before = limits.lines(connection, rest)
    _move(connection, rest, moved)
    for line in before:
        limits.cross(connection, line, line._replace(spent_micro=line.spent_micro + more), cause)
    seen.keep_bands(connection, limits.bands(connection, rest))


def _moved_in_band(
    connection: sqlite3.Connection, balance_id: int, moved: tuple[int, int, int], seen: Seen
) -> bool:
    """Whether it could be moved without reading its lines, since it is known to cross none."""
    band = seen.band(connection, balance_id)
    if band is None:
        return False
    settled_micro, _, unverified_micro = moved
    below = band.below_micro - settled_micro - unverified_micro
    row = (*moved, _given_back(moved), balance_id, band.least_micro, below, band.rules)
    return connection.execute(MOVE_IN_BAND, row).rowcount > 0


def _move(connection: sqlite3.Connection, charged: list[int], moved: tuple[int, int, int]) -> None:
    if any(moved):
        row = (*moved, _given_back(moved))
        connection.executemany(MOVE, [(*row, balance_id) for balance_id in charged])


def _given_back(moved: tuple[int, int, int]) -> int:
    """To what may be used at once: what was kept free for a call and did not cost."""
    return min(0, sum(moved))
