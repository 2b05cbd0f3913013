"""The outbox in control.sqlite3: alerts as they are put, and the messages that carry them.

An alert is put in the transaction of what it reports. What was claimed for sending and has no
end yet goes once more after a restart: a message may come twice, under one mark, and is never lost.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data.control import Control, insert
from data.outbox.rows import alert_where, alerts_where, message_with, messages_where
from models.alerts import Alert
from models.alerts.kept import (
    DEAD,
    SENDING,
    SENT,
    TOLD_NOBODY,
    WAITING,
    KeptAlert,
    KeptMessage,
    first_kept,
    kept_again,
)
from models.alerts.outlook import Bury, Compose, Keep, Move, Order, Send
from models.messages import Message, say

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


def carry_out(control: Control, orders: Iterable[Order], now: float) -> None:
    """All orders but those to send, in one transaction."""
    orders = [order for order in orders if not isinstance(order, Send)]
    if not orders:
        return
    with control.transaction() as connection:
        for order in orders:
            if isinstance(order, Keep):
                _assign(connection, order.numbers, TOLD_NOBODY)
            elif isinstance(order, Compose):
                _compose(connection, order, now)
            elif isinstance(order, Move):
                message = message_with(connection, order.id)
                changed = message._replace(channel=order.channel, routed_at=now, not_before=now)
                insert(connection, "messages", [changed])
            elif isinstance(order, Bury):
                reason = say("no channel of the settings takes it")
                insert(connection, "messages", [_dead(connection, order.id, reason, now)])


def claim(control: Control, message_id: int) -> tuple[KeptMessage, list[KeptAlert]]:
    """Before it is handed over: from here on it may have been received."""
    with control.transaction() as connection:
        message = message_with(connection, message_id)._replace(state=SENDING)
        insert(connection, "messages", [message])
        return message, alerts_where(connection, "message_id = ?", message_id)


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
            state=WAITING, tries=message.tries + 1, last=_json(reason), not_before=not_before
        )
        insert(connection, "messages", [again])


def dead(control: Control, message_id: int, reason: Message, now: float) -> None:
    """Given up: it is said in red until a person acknowledges what it told of."""
    with control.transaction() as connection:
        gone = _dead(connection, message_id, reason, now)
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
    """Whether it need not be told again: only what lasts is, and not too often."""
    if not alert.lasts or before.acknowledged_by or before.message_id is None:
        return True
    return 0 <= now - before.put_at < AGAIN_SECONDS or _is_under_way(connection, before)


def _compose(connection: sqlite3.Connection, order: Compose, now: float) -> None:
    highest = connection.execute("SELECT max(id) FROM messages").fetchone()[0] or 0
    lowest = connection.execute("SELECT max(message_id) FROM alerts").fetchone()[0] or 0
    message = KeptMessage(
        max(highest, lowest) + 1,
        order.channel,
        order.severity.value,
        int(order.is_counted),
        int(order.is_bound),
        composed_at=now,
        routed_at=now,
        not_before=now,
        tries=0,
        state=WAITING,
        last="",
        ended_at=None,
    )
    insert(connection, "messages", [message])
    _assign(connection, order.numbers, message.id)


def _assign(connection: sqlite3.Connection, numbers: Sequence[int], message_id: int) -> None:
    for number in numbers:
        kept = alert_where(connection, "number = ?", number)
        assert kept is not None, "an order names what was read a moment ago"
        insert(connection, "alerts", [kept._replace(message_id=message_id)])


def _dead(
    connection: sqlite3.Connection, message_id: int, reason: Message, now: float
) -> KeptMessage:
    message = message_with(connection, message_id)
    return message._replace(state=DEAD, last=_json(reason), ended_at=now)


def _is_under_way(connection: sqlite3.Connection, kept: KeptAlert) -> bool:
    found = messages_where(connection, "id = ?", kept.message_id)
    return any(each.ended_at is None for each in found)


def _json(reason: Message) -> str:
    return json.dumps(reason.as_json(), ensure_ascii=False, separators=(",", ":"))
