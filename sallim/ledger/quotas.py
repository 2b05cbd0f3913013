"""The tables `quotas` and `quota_counts`: how many calls may be made a minute, an hour, a day.

A day is one of the provider's own calendar. A minute and an hour are whatever minute and hour: they
are counted in twelve slots, so that never more calls are let through than are allowed, and rather
one slot later than too early. Every call that is admitted counts, whatever becomes of it.
Functions over a connection, inside a transaction of the caller.
"""

# ruff: noqa: S608  The names of columns in SQL are those of Quota.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sallim.ledger.money_rows import NO_PERIOD, QUOTA, Asked, Refused
from sallim.ledger.quota_rows import Quota, QuotaUse
from sallim.ledger.standing import API

SLOTS = 12
TYPES = (str, str, str, str, str, int, int, str)
NAME_MAX = 200
CALLS_MAX = 10**12
DAYS_KEPT_US = 7 * 86_400_000_000
ALL = ", ".join(f"q.{name}" for name in Quota._fields)
HOLDING = f"""
SELECT {ALL}, coalesce(p.start_us, 0), coalesce(p.end_us, 0) FROM quotas AS q
LEFT JOIN periods AS p ON p.calendar = q.calendar AND p.end_us > ? AND p.start_us = (
    SELECT max(start_us) FROM periods WHERE calendar = q.calendar AND start_us <= ?)
ORDER BY q.quota_id
"""
COUNTS = "SELECT start_us, calls FROM quota_counts WHERE quota_id = ? ORDER BY start_us"
MORE = "UPDATE quota_counts SET calls = calls + 1 WHERE quota_id = ? AND start_us = ?"
NEW = "INSERT INTO quota_counts (quota_id, start_us, calls) VALUES (?, ?, 1)"
FORGET = "DELETE FROM quota_counts WHERE quota_id = ? AND start_us < ?"


class Holding(NamedTuple):
    """A quota at a moment; [start_us, end_us) is that of its calendar, 0 without one."""

    quota: Quota
    start_us: int
    end_us: int

    def holds_at(self, at_us: int) -> bool:
        """Whether what was read of its calendar is right at that moment as well."""
        return not self.quota.calendar or self.start_us <= at_us < self.end_us

    @property
    def slot_us(self) -> int:
        return self.quota.window_us // SLOTS

    @property
    def days_kept_us(self) -> int:
        """A clock that is put back finds what the day before had used."""
        return DAYS_KEPT_US if self.quota.calendar else 0

    def slot_at(self, at_us: int) -> int:
        return self.start_us if self.quota.calendar else at_us - at_us % self.slot_us

    def counts_at(self, start_us: int, at_us: int) -> bool:
        """Whether a slot that begins then may hold a call of the window that ends now.

        What is more than a window ahead was counted by a clock that was wrong.
        """
        if self.quota.calendar:
            return start_us == self.start_us
        window_us = self.quota.window_us
        return at_us - window_us - self.slot_us < start_us <= at_us + window_us

    def frees_us(self, oldest_us: int) -> int:
        """When the oldest slot counts no more."""
        if self.quota.calendar:
            return self.end_us
        return oldest_us + self.quota.window_us + self.slot_us


def holding(connection: sqlite3.Connection, at_us: int) -> list[Holding]:
    """All that there are; what a stranger wrote there and is none is passed over."""
    size = len(Quota._fields)
    found = connection.execute(HOLDING, (at_us, at_us))
    known = [Holding(Quota._make(row[:size]), *row[size:]) for row in found]
    return [each for each in known if _is_whole(each.quota)]


def refusing(
    connection: sqlite3.Connection, known: Sequence[Holding], asked: Asked
) -> Refused | None:
    """The one among them that has no call left for it; of several the one that is full longest."""
    worst: Refused | None = None
    for each in known:
        if not _is_about(each.quota, asked):
            continue
        refused = _refused(connection, each, asked)
        if refused is not None and (worst is None or refused.resets_us > worst.resets_us):
            worst = refused
    return worst


def count(connection: sqlite3.Connection, known: Sequence[Holding], asked: Asked) -> bool:
    """Count it in all that it is about; False, for the transaction to be undone: one is full."""
    for each in known:
        if not _is_about(each.quota, asked):
            continue
        if _refused(connection, each, asked) is not None:
            return False
        _add(connection, each, each.slot_at(asked.opened_us))
    return True


def _add(connection: sqlite3.Connection, each: Holding, slot_us: int) -> None:
    """A slot that is new takes the place of those that count no more."""
    name = each.quota.quota_id
    if connection.execute(MORE, (name, slot_us)).rowcount:
        return
    connection.execute(NEW, (name, slot_us))
    kept_us = slot_us - max(each.quota.window_us + each.slot_us, each.days_kept_us)
    connection.execute(FORGET, (name, kept_us))


def used(connection: sqlite3.Connection, at_us: int) -> list[QuotaUse]:
    found = []
    for each in holding(connection, at_us):
        calls, oldest_us = _counted(connection, each, at_us)
        frees_us = each.frees_us(oldest_us) if calls else 0
        found.append(QuotaUse(each.quota.quota_id, calls, each.quota.calls_max, frees_us))
    return found


def replace_quotas(connection: sqlite3.Connection, quotas: Sequence[Quota]) -> None:
    """All that there are; what is counted of those that stay is kept."""
    known = [each.quota for each in holding(connection, 0)]
    if known == sorted(quotas):
        return
    connection.execute("UPDATE money_sequence SET rules = rules + 1")
    connection.execute("DELETE FROM quotas")
    names, marks = ", ".join(Quota._fields), ", ".join("?" * len(Quota._fields))
    connection.executemany(f"INSERT INTO quotas ({names}) VALUES ({marks})", quotas)
    connection.execute(
        "DELETE FROM quota_counts WHERE quota_id NOT IN (SELECT quota_id FROM quotas)"
    )


def check_quotas(quotas: Iterable[Quota]) -> None:
    """Raises ValueError that names the quota and the field."""
    seen = set()
    for quota in quotas:
        name = quota.quota_id
        if not 0 < len(name) <= NAME_MAX or not name.isprintable() or name in seen:
            raise ValueError(
                f"quota_id {name[:NAME_MAX]!r}: it must be one line of 1 to {NAME_MAX} characters "
                "and stand there once"
            )
        seen.add(name)
        if type(quota.calls_max) is not int or not 0 <= quota.calls_max <= CALLS_MAX:
            raise ValueError(f"calls_max of {name} is {quota.calls_max!r}: 0 to {CALLS_MAX:,}")
        if not quota.calendar and quota.window_us < SLOTS:
            raise ValueError(f"{name}: it needs a window_us or a calendar")


def _refused(connection: sqlite3.Connection, each: Holding, asked: Asked) -> Refused | None:
    name = f"quota:{each.quota.quota_id}"
    told = (name, asked.priority, 0, 0, 0, 0, asked.worst_micro)
    if each.quota.calendar and not each.end_us:
        return Refused(NO_PERIOD, *told, 0)
    calls, oldest_us = _counted(connection, each, asked.opened_us)
    if calls < each.quota.calls_max:
        return None
    frees_us = each.frees_us(oldest_us) if calls else 0
    return Refused(QUOTA, *told, frees_us, calls_max=each.quota.calls_max)


def _counted(connection: sqlite3.Connection, each: Holding, at_us: int) -> tuple[int, int]:
    """How many calls count, and where the oldest of their slots begins."""
    rows = connection.execute(COUNTS, [each.quota.quota_id]).fetchall()
    found = [
        (start_us, calls)
        for start_us, calls in rows
        if type(start_us) is type(calls) is int and each.counts_at(start_us, at_us)
    ]
    return sum(calls for _, calls in found), min((start_us for start_us, _ in found), default=0)


def _is_whole(quota: Quota) -> bool:
    if tuple(map(type, quota)) != TYPES:
        return False
    return bool(quota.calendar) or quota.window_us >= SLOTS


def _is_about(quota: Quota, asked: Asked) -> bool:
    from fnmatch import fnmatchcase

    if API not in asked.buckets:
        # What is kept free for a machine or a fixed item asks nobody for anything.
        return False
    said = (
        (quota.provider, asked.provider),
        (quota.workflow, asked.workflow),
        (quota.key_label, asked.key_label),
    )
    if any(wanted and wanted != value for wanted, value in said):
        return False
    if not quota.model:
        return True
    from sallim.prices.finding import plain

    # As prices know it: a provider that takes one name in two spellings counts both as one.
    return fnmatchcase(plain(asked.model), plain(quota.model))
