"""The outbox in control.sqlite3: alerts as they are put, and the messages that carry them.

An alert is put in the transaction of what it reports. What was claimed for sending and has no
end yet goes once more after a restart: a message may come twice, under one mark, and is never lost.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from data.control import Control, insert
from data.outbox.orders import carry_out
from data.outbox.rows import (
    alert_where,
    alerts_where,
    dead_row,
    message_with,
    messages_where,
    reason_text,
)
from models.alerts import RESOLVED_KIND, Alert, Severity
from models.alerts.kept import (
    DEAD,
    SENDING,
    SENT,
    WAITING,
    KeptAlert,
    KeptMessage,
    first_kept,
    kept_again,
)
from models.messages import Message

__all__ = [
    "Connection",
    "Standing",
    "acknowledge",
    "acknowledge_about",
    "acknowledged",
    "carry_out",
    "claim",
    "dead",
    "dead_letters",
    "drop",
    "failed",
    "forget_acknowledgements",
    "message_of",
    "prune",
    "put",
    "sent",
    "settle",
    "shift",
    "standing",
    "told_lately",
    "unclaim",
]

Connection = sqlite3.Connection
"""Of a transaction of `Control`, for rooms that speak no SQL."""
AGAIN_SECONDS = 4 * 3600.0
"""What lasts is told again after this long."""
KEPT_SECONDS = 100 * 86_400.0
DEAD_SECONDS = 7 * 86_400.0
"""How long a message that was given up is a problem."""
SENT_SECONDS = 26 * 3600.0
"""How far back the limits of an hour and a day look; a day has 25 hours at most."""


def put(connection: sqlite3.Connection, alert: Alert, now: float) -> int | None:
    """In the caller's transaction. Its number, None where it was put before and is told.

    `now` is UTC epoch seconds.
    """
    before = alert_where(connection, "dedup_key = ?", alert.dedup_key)
    if before is None:
        highest = connection.execute("SELECT max(number) FROM alerts").fetchone()[0] or 0
        kept = first_kept(alert, highest + 1, now)
    elif _is_told(connection, alert, before, now):
        return None
    else:
        kept = kept_again(alert, before, now)
    insert(connection, "alerts", [kept])
    return kept.number


def settle(connection: sqlite3.Connection, dedup_key: str) -> None:
    """What lasted is over: put again, it is told at once. In the caller's transaction."""
    before = alert_where(connection, "dedup_key = ?", dedup_key)
    if before is not None and before.message_id is not None:
        # The moment of the last time is forgotten; the number and how often stay.
        insert(connection, "alerts", [before._replace(put_at=-AGAIN_SECONDS, acknowledged_by="")])


def acknowledge(control: Control, number: int, by: str) -> bool:
    """A person knows: it is not told again. False where there is no such number."""
    with control.transaction() as connection:
        kept = alert_where(connection, "number = ?", number)
        if kept is None:
            return False
        insert(connection, "alerts", [kept._replace(acknowledged_by=by)])
        return True


def acknowledge_about(control: Control, name: str, by: str) -> int:
    """The same of all that was told of a budget or service; how many they are."""
    with control.transaction() as connection:
        found = alerts_where(
            connection, "(bucket_id = ? OR target = ?) AND acknowledged_by = ''", name, name
        )
        insert(connection, "alerts", (each._replace(acknowledged_by=by) for each in found))
        return len(found)


def acknowledged(control: Control) -> list[KeptAlert]:
    with control.transaction() as connection:
        return alerts_where(connection, "acknowledged_by <> ''")


def told_lately(control: Control, since: float) -> list[KeptAlert]:
    """What was put since then and nobody has acknowledged, the newest first; no tests, no ends."""
    where = "acknowledged_by = '' AND channel = '' AND kind <> ? AND put_at >= ?"
    with control.transaction() as connection:
        return alerts_where(connection, where, RESOLVED_KIND, since)[::-1]


def forget_acknowledgements(connection: sqlite3.Connection, numbers: Sequence[int]) -> None:
    """Of what lasts: put again, it is told again. In the caller's transaction."""
    for number in numbers:
        kept = alert_where(connection, "number = ?", number)
        if kept is not None and kept.lasts:
            settle(connection, kept.dedup_key)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a round of the sender must know."""

    waiting: Sequence[KeptAlert]
    unsent: Sequence[KeptMessage]
    sent: Sequence[KeptMessage]


def standing(control: Control, now: float) -> Standing:
    with control.transaction() as connection:
        return Standing(
            alerts_where(connection, "message_id IS NULL"),
            messages_where(connection, "state IN (?, ?)", WAITING, SENDING),
            messages_where(connection, "state = ? AND ended_at > ?", SENT, now - SENT_SECONDS),
        )


def claim(control: Control, message_id: int) -> tuple[KeptMessage, list[KeptAlert]]:
    """Before it is handed over: from here on it may have been received."""
    with control.transaction() as connection:
        message = message_with(connection, message_id)._replace(state=SENDING)
        insert(connection, "messages", [message])
        return message, alerts_where(connection, "message_id = ?", message_id)


def drop(control: Control, message_id: int) -> None:
    """All that it told of is told by another message meanwhile."""
    with control.transaction() as connection:
        connection.execute("DELETE FROM messages WHERE id = ?", [message_id])


def unclaim(control: Control) -> int:
    """After a start: what was being sent when the agent ended goes once more. How many."""
    with control.transaction() as connection:
        claimed = messages_where(connection, "state = ?", SENDING)
        insert(connection, "messages", (each._replace(state=WAITING) for each in claimed))
        return len(claimed)


def message_of(control: Control, message_id: int) -> KeptMessage:
    with control.transaction() as connection:
        return message_with(connection, message_id)


def sent(control: Control, message_id: int, now: float) -> None:
    with control.transaction() as connection:
        message = message_with(connection, message_id)
        done = message._replace(state=SENT, tries=message.tries + 1, ended_at=now)
        insert(connection, "messages", [done])


def failed(control: Control, message_id: int, reason: Message, not_before: float) -> None:
    with control.transaction() as connection:
        message = message_with(connection, message_id)
        again = message._replace(
            state=WAITING, tries=message.tries + 1, last=reason_text(reason), not_before=not_before
        )
        insert(connection, "messages", [again])


def dead(control: Control, message_id: int, reason: Message, now: float) -> None:
    """Given up: it is said in red until a person acknowledges what it told of."""
    with control.transaction() as connection:
        gone = dead_row(connection, message_id, reason, now)
        insert(connection, "messages", [gone._replace(tries=gone.tries + 1)])


def shift(control: Control, seconds: float) -> None:
    """The wall clock was set by so much: what is under way keeps its age and its waits."""
    with control.transaction() as connection:
        alerts = alerts_where(connection, "message_id IS NULL")
        insert(
            connection, "alerts", (each._replace(put_at=each.put_at + seconds) for each in alerts)
        )
        unsent = messages_where(connection, "state IN (?, ?)", WAITING, SENDING)
        insert(
            connection,
            "messages",
            (
                each._replace(
                    composed_at=each.composed_at + seconds,
                    routed_at=each.routed_at + seconds,
                    not_before=each.not_before + seconds,
                )
                for each in unsent
            ),
        )


def prune(control: Control, now: float) -> None:
    """Forget what is long over; the highest number stays, so that none is given twice."""
    before = now - KEPT_SECONDS
    with control.transaction() as connection:
        connection.execute("DELETE FROM messages WHERE ended_at < ?", [before])
        connection.execute(
            """
            DELETE FROM alerts
            WHERE message_id IS NOT NULL AND put_at < ?
                AND number < (SELECT max(number) FROM alerts)
                AND message_id NOT IN (SELECT id FROM messages)
            """,
            [before],
        )


def dead_letters(control: Control, now: float) -> list[tuple[KeptMessage, list[KeptAlert]]]:
    """Those of the last days of which nobody knows yet, the newest first."""
    with control.transaction() as connection:
        found = []
        since = now - DEAD_SECONDS
        for message in reversed(
            messages_where(connection, "state = ? AND ended_at > ?", DEAD, since)
        ):
            alerts = alerts_where(connection, "message_id = ?", message.id)
            unknown = [each for each in alerts if not each.acknowledged_by]
            if unknown:
                found.append((message, unknown))
        return found


def _is_told(connection: sqlite3.Connection, alert: Alert, before: KeptAlert, now: float) -> bool:
    """Whether it need not be told again: only what lasts is, when it is worse or hours later."""
    if not alert.lasts:
        return True
    if alert.severity.is_worse_than(Severity(before.severity)):
        return False
    if before.acknowledged_by or before.message_id is None:
        return True
    return 0 <= now - before.put_at < AGAIN_SECONDS or _is_under_way(connection, before)


def _is_under_way(connection: sqlite3.Connection, kept: KeptAlert) -> bool:
    found = messages_where(connection, "id = ?", kept.message_id)
    return any(each.ended_at is None for each in found)
