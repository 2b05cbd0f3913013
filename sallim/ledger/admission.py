"""Whether a call may be sent: its worst case kept free in all its buckets, or who refuses it.

Functions over a connection; those that write, inside a transaction of the caller.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from sallim.ledger import calls, quotas
from sallim.ledger.budgets import Stale, balance_ids, keep_free
from sallim.ledger.money_rows import (
    BUDGET,
    HELD,
    NO_BUDGET,
    NO_PERIOD,
    OPEN,
    PACE,
    REPEATED,
    UNVERIFIED,
    Admitted,
    Asked,
    Refused,
)
from sallim.ledger.quotas import Holding
from sallim.ledger.standing import HOUR_MS, Standing, standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sallim.ledger.seen import Seen


class Room(NamedTuple):
    """The buckets of a call, in which there is room for it, and all quotas that there are."""

    buckets: list[Standing]
    quotas: list[Holding]


def look(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused | Room:
    """By a plain read: who refuses it, or what was said before; else where there is room."""
    buckets = standing(connection, asked.buckets, asked.opened_us)
    known = quotas.holding(connection, asked.opened_us)
    refused = _refused(asked, buckets) or quotas.refusing(connection, known, asked)
    refused = refused or _paced(asked, buckets)
    if refused is None:
        return Room(buckets, known)
    return _said_before(connection, asked) or refused


def reserve(
    connection: sqlite3.Connection, asked: Asked, room: Room, seen: Seen
) -> Admitted | Refused:
    """Keep its worst case free in all these buckets, and count it.

    Raises Stale where they are not as they were read; the transaction must be undone then.
    """
    buckets = room.buckets
    charged = [bucket.balance_id for bucket in buckets if bucket.balance_id is not None]
    if len(charged) < len(buckets):
        raise Stale
    ids = calls.ids_text(charged)
    if not calls.ask(connection, asked, ids):
        return _said_before(connection, asked) or _refusal(REPEATED, asked, "")
    keep_free(connection, buckets, asked)
    if room.quotas and not quotas.count(connection, room.quotas, asked):
        raise Stale
    seen.opened(connection, asked, ids)
    return Admitted(asked.call_id, asked.attempt, asked.worst_micro)


def reserve_anew(connection: sqlite3.Connection, asked: Asked, seen: Seen) -> Admitted | Refused:
    """The same, by what stands there now."""
    found = look(connection, asked)
    if isinstance(found, Room):
        balance_ids(connection, found.buckets)
        buckets = standing(connection, asked.buckets, asked.opened_us)
        return reserve(connection, asked, found._replace(buckets=buckets), seen)
    return found


def _refused(asked: Asked, buckets: list[Standing]) -> Refused | None:
    if not buckets:
        return _refusal(NO_BUDGET, asked, min(asked.buckets, default=""))
    tightest: Refused | None = None
    for bucket in buckets:
        if bucket.is_held(asked):
            refused = _refusal(HELD, asked, bucket.bucket_id)
            return refused._replace(calendar=bucket.calendar, since_us=bucket.held_us)
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


def _paced(asked: Asked, buckets: list[Standing]) -> Refused | None:
    """Of several buckets that are too full for it, the one that takes longest to empty."""
    slowest: Refused | None = None
    for bucket in buckets:
        if not asked.worst_micro or not bucket.is_paced(asked):
            continue
        used_micro = bucket.paced_at(asked.opened_us)
        above_micro = used_micro - bucket.room_micro(asked)
        if above_micro <= 0:
            continue
        limit_micro = bucket.at_once_micro(asked.priority)
        wait_ms = -(-above_micro * HOUR_MS // bucket.pace_micro) + 1
        refused = Refused(
            *(PACE, bucket.bucket_id, asked.priority, bucket.pace_micro, limit_micro, used_micro),
            *(max(0, limit_micro - used_micro), asked.worst_micro),
            max(asked.opened_us, bucket.paced_us) + wait_ms * 1000,
        )
        if slowest is None or refused.resets_us > slowest.resets_us:
            slowest = refused
    return slowest


def _refusal(code: str, asked: Asked, bucket_id: str) -> Refused:
    return Refused(code, bucket_id, asked.priority, 0, 0, 0, 0, asked.worst_micro, 0)


def _said_before(connection: sqlite3.Connection, asked: Asked) -> Admitted | Refused | None:
    found = calls.find(connection, asked.call_id, asked.attempt)
    if found is None:
        return None
    if found.state in (OPEN, UNVERIFIED):
        return Admitted(asked.call_id, asked.attempt, found.worst_micro)
    return _refusal(REPEATED, asked, min(asked.buckets, default=""))
