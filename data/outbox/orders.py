"""Orders of the plan, carried out on the rows of the outbox."""

import sqlite3
from collections.abc import Iterable, Sequence

from data.control import Control, insert
from data.outbox.rows import alert_where, dead_row, message_with
from models.alerts.kept import TOLD_NOBODY, WAITING, KeptMessage
from models.alerts.outlook import Bury, Compose, Keep, Move, Order, Send
from models.messages import say


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
                insert(connection, "messages", [dead_row(connection, order.id, reason, now)])


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
