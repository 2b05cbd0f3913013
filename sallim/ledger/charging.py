"""What a call does to the balances: reserved, settled, released, in doubt, booked.

Functions over a connection, inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3

from sallim.ledger import calls, limits
from sallim.ledger.budgets import Stale, Standing, balance_ids, keep_free, standing
from sallim.ledger.limits import Cause
from sallim.ledger.money_rows import (
    BUDGET,
    NO_BUDGET,
    NO_PERIOD,
    OPEN,
    REPEATED,
    UNVERIFIED,
    Admitted,
    Asked,
    CallRow,
    Refused,
    Settlement,
)
from sallim.ledger.seen import Seen

MOVE = """
UPDATE balances SET settled_micro = settled_micro + ?, reserved_micro = reserved_micro + ?,
                    unverified_micro = unverified_micro + ?
WHERE balance_id = ?
"""
IN_BAND = """
  AND settled_micro + unverified_micro >= ? AND settled_micro + unverified_micro < ?
  AND (SELECT rules FROM money_sequence) = ?
"""
MOVE_IN_BAND = MOVE + IN_BAND


def look(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused | list[Standing]:
    """By a plain read: who refuses it, or what was said before; else its buckets, with room."""
    buckets = standing(connection, asked.buckets, asked.opened_us)
    refused = _refused(asked, buckets)
    if refused is None:
        return buckets
    return _said_before(connection, asked) or refused


def reserve(
    connection: sqlite3.Connection, asked: Asked, buckets: list[Standing], seen: Seen
) -> Admitted | Refused:
    """Keep its worst case free in all these buckets.

    Raises Stale where they are not as they were read; the transaction must be undone then.
    """
    charged = [bucket.balance_id for bucket in buckets if bucket.balance_id is not None]
    if len(charged) < len(buckets):
        raise Stale
    ids = calls.ids_text(charged)
    if not calls.ask(connection, asked, ids):
        return _said_before(connection, asked) or _refusal(REPEATED, asked, "")
    keep_free(connection, buckets, asked)
    seen.opened(connection, asked, ids)
    return Admitted(asked.call_id, asked.attempt, asked.worst_micro)


def reserve_anew(connection: sqlite3.Connection, asked: Asked, seen: Seen) -> Admitted | Refused:
    """The same, by what stands there now."""
    found = look(connection, asked)
    if isinstance(found, list):
        balance_ids(connection, found)
        found = standing(connection, asked.buckets, asked.opened_us)
        return reserve(connection, asked, found, seen)
    return found


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


def book(connection: sqlite3.Connection, asked: Asked, settlement: Settlement, seen: Seen) -> bool:
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


def _refused(asked: Asked, buckets: list[Standing]) -> Refused | None:
    if not buckets:
        return _refusal(NO_BUDGET, asked, min(asked.buckets, default=""))
    tightest: Refused | None = None
    for bucket in buckets:
        if bucket.start_us is None:
            return _refusal(NO_PERIOD, asked, bucket.bucket_id)
        limit_micro = bucket.limit_micro(asked.priority)
        left_micro = limit_micro - bucket.used_micro
        # What costs nothing is admitted also when all is used, as a model of one's own is.
        if left_micro >= asked.worst_micro or not asked.worst_micro:
            continue
        if tightest is None or left_micro < tightest.left_micro:
            tightest = Refused(
                BUDGET,
                bucket.bucket_id,
                asked.priority,
                bucket.cap_micro,
                limit_micro,
                bucket.used_micro,
                left_micro,
                asked.worst_micro,
                bucket.end_us or 0,
                bucket.calendar,
            )
    if tightest is not None and tightest.left_micro < 0:
        return tightest._replace(left_micro=0)
    return tightest


def _refusal(code: str, asked: Asked, bucket_id: str) -> Refused:
    return Refused(code, bucket_id, asked.priority, 0, 0, 0, 0, asked.worst_micro, 0)


def _said_before(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused | None:
    found = calls.find(connection, asked.call_id, asked.attempt)
    if found is None:
        return None
    if found.state in (OPEN, UNVERIFIED):
        return Admitted(asked.call_id, asked.attempt, found.worst_micro)
    return _refusal(REPEATED, asked, min(asked.buckets, default=""))


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
    row = (*moved, balance_id, band.least_micro, below, band.rules)
    return connection.execute(MOVE_IN_BAND, row).rowcount > 0


def _move(connection: sqlite3.Connection, charged: list[int], moved: tuple[int, int, int]) -> None:
    if any(moved):
        connection.executemany(MOVE, [(*moved, balance_id) for balance_id in charged])
