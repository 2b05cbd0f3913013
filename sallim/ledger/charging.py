"""What a call does to the balances: reserved, settled, released, in doubt, booked.

Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  Only marks for parameters are put together.

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


def look(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused | list[Standing]:
    """By a plain read: who refuses it, or what was said before; else its buckets, with room."""
    buckets = standing(connection, asked.buckets, asked.opened_us)
    refused = _refused(asked, buckets)
    if refused is None:
        return buckets
    return _said_before(connection, asked) or refused


def reserve(
    connection: sqlite3.Connection, asked: Asked, buckets: list[Standing]
) -> Admitted | Refused:
    """Keep its worst case free in all these buckets.

    Raises Stale where they are not as they were read; the transaction must be undone then.
    """
    charged = [bucket.balance_id for bucket in buckets if bucket.balance_id is not None]
    if len(charged) < len(buckets):
        raise Stale
    if not calls.ask(connection, asked, charged):
        return _said_before(connection, asked) or _refusal(REPEATED, asked, "")
    keep_free(connection, buckets, asked)
    return Admitted(asked.call_id, asked.attempt, asked.worst_micro)


def reserve_anew(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused:
    """The same, by what stands there now."""
    found = look(connection, asked)
    if isinstance(found, list):
        balance_ids(connection, found)
        found = standing(connection, asked.buckets, asked.opened_us)
        return reserve(connection, asked, found)
    return found


def settle(
    connection: sqlite3.Connection, call_id: str, attempt: int, settlement: Settlement
) -> bool:
    found = calls.find(connection, call_id, attempt)
    if found is None or found[0] not in (OPEN, UNVERIFIED):
        return False
    state, charged, worst_micro, provider, model = found
    cause = Cause(call_id, attempt, provider, model, settlement.settled_us)
    amount = settlement.gross_micro
    reserved, unverified = _taken_back(state, worst_micro)
    _spend(connection, charged, (amount, reserved, unverified), cause)
    if amount > worst_micro:
        for line in limits.lines(connection, charged):
            limits.overrun(connection, line, cause)
    calls.settle(connection, call_id, attempt, settlement)
    return True


def release(
    connection: sqlite3.Connection, call_id: str, attempt: int, told: tuple[int, str, int]
) -> bool:
    """`told`: status, error and the moment."""
    found = calls.find(connection, call_id, attempt)
    if found is None or found[0] not in (OPEN, UNVERIFIED):
        return False
    state, charged, worst_micro, _, _ = found
    _move(connection, charged, (0, *_taken_back(state, worst_micro)))
    calls.release(connection, call_id, attempt, told)
    return True


def doubt(
    connection: sqlite3.Connection, call_id: str, attempt: int, now_us: int
) -> CallRow | None:
    """An open call becomes unverified: it counts as spent, at its worst case. Else None."""
    found = calls.find(connection, call_id, attempt)
    if found is None or found[0] != OPEN:
        return None
    _, charged, worst_micro, provider, model = found
    cause = Cause(call_id, attempt, provider, model, now_us)
    _spend(connection, charged, (0, -worst_micro, worst_micro), cause)
    calls.doubt(connection, call_id, attempt, now_us)
    return calls.get(connection, call_id, attempt)


def book(connection: sqlite3.Connection, asked: Asked, settlement: Settlement) -> bool:
    buckets = standing(connection, asked.buckets, asked.opened_us)
    charged = balance_ids(connection, buckets)
    if not calls.put(connection, calls.settled_row(asked, settlement), charged):
        return False
    cause = Cause(asked.call_id, asked.attempt, asked.provider, asked.model, settlement.settled_us)
    _spend(connection, charged, (settlement.gross_micro, 0, 0), cause)
    return True


def _taken_back(state: str, worst_micro: int) -> tuple[int, int]:
    """What its end changes of the reserved and of the unverified."""
    return (-worst_micro, 0) if state == OPEN else (0, -worst_micro)


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
    state, _, worst_micro, _, _ = found
    if state in (OPEN, UNVERIFIED):
        return Admitted(asked.call_id, asked.attempt, worst_micro)
    return _refusal(REPEATED, asked, min(asked.buckets, default=""))


def _spend(
    connection: sqlite3.Connection,
    charged: list[int],
    moved: tuple[int, int, int],
    cause: Cause,
) -> None:
    """Move what is settled, reserved and unverified, and write down the lines this crosses."""
    settled_micro, _, unverified_micro = moved
    more = settled_micro + unverified_micro
    before = limits.lines(connection, charged) if more > 0 else []
    _move(connection, charged, moved)
    for line in before:
        spent_micro = line.spent_micro + more
        if limits.reaches_any(line, spent_micro):
            limits.cross(connection, line, line._replace(spent_micro=spent_micro), cause)


def _move(connection: sqlite3.Connection, charged: list[int], moved: tuple[int, int, int]) -> None:
    if not charged or not any(moved):
        return
    marks = ", ".join("?" * len(charged))
    connection.execute(
        f"""
        UPDATE balances SET settled_micro = settled_micro + ?, reserved_micro = reserved_micro + ?,
                            unverified_micro = unverified_micro + ?
        WHERE balance_id IN ({marks})
        """,
        (*moved, *charged),
    )
