"""Budgets in which the next hours of a running machine have no room: what a refused call is to a
program. A budget that stops services stops them then, before they cost what it does not have.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sallim.ledger.statement_rows import Balance

BACK_PERCENT = 95
"""What a correction takes below the cap comes back only here, or it would come and go; so does a
machine, or it would be started for the minutes that are left.
"""
MICRO = 1_000_000


class Full(NamedTuple):
    """In the month that begins then, by that cap; `needed_micro` had no room."""

    bucket_id: str
    start: float
    cap_micro: int
    needed_micro: int


def filled(names: Iterable[str], needed_micro: int, balances: Iterable[Balance]) -> frozenset[Full]:
    """Which of these buckets have no room for so much.

    >>> total = Balance("total", 0, 9_000_000, 100, 60, 30, 0, 1)
    >>> filled(["servers", "total"], 11, [total])
    frozenset({Full(bucket_id='total', start=0.0, cap_micro=100, needed_micro=11)})
    >>> filled(["total"], 10, [total])
    frozenset()
    """
    return frozenset(
        Full(each.bucket_id, each.start_us / MICRO, each.cap_micro, needed_micro)
        for each in balances
        if each.bucket_id in names and _committed(each) + needed_micro > each.cap_micro
    )


def still_full(known: Iterable[Full], balances: Iterable[Balance]) -> frozenset[Full]:
    """Those that have no room for it yet, though the machine is off by now. Of another month, or
    by another cap, nothing is known.

    >>> total = Balance("total", 0, 9_000_000, 100, 60, 30, 0, 1)
    >>> [len(still_full([Full("total", 0.0, cap, 6)], [total])) for cap in (100, 200)]
    [1, 0]
    """
    rooms = {
        (each.bucket_id, each.start_us / MICRO, each.cap_micro): each.cap_micro * BACK_PERCENT
        - _committed(each) * 100
        for each in balances
    }
    return frozenset(
        each
        for each in known
        if rooms.get(each[:3], each.needed_micro * 100) < each.needed_micro * 100
    )


def _committed(balance: Balance) -> int:
    return balance.settled_micro + balance.reserved_micro + balance.unverified_micro
