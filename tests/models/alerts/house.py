"""An outbox in memory whose clock is a number: what `data/outbox.py` and the sender do, by hand.

It carries out the orders of `plan` as they stand, so that what is shown is what the policy says.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.alerts import Severity
from models.alerts.outlook import (
    Bury,
    Channel,
    Compose,
    Keep,
    Move,
    Outlook,
    Rules,
    Send,
    Sent,
    Unsent,
    Waiting,
)
from models.alerts.planning import plan
from models.alerts.trying import Breaker, Cause, Outcome, is_dead, wait_seconds

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 17, 3, tzinfo=UTC).timestamp()
"""12:00 in Seoul, a Tuesday."""
RULES = Rules([Channel("slack"), Channel("mail"), Channel("sms", (Severity.CRITICAL,))], SEOUL)
DOWN = Outcome(is_sent=False, cause=Cause.NETWORK)
TAKEN = Outcome(is_sent=True)


@dataclass
class Message:
    unsent: Unsent
    numbers: list[int]
    is_counted: bool
    composed_at: float


@dataclass
class House:
    """`answers` says what each channel answers at a moment; `told` is what got through."""

    rules: Rules = RULES
    now: float = NOON
    down: set[str] = field(default_factory=set)
    answer: Outcome = DOWN
    """Of what is down."""
    waiting: list[Waiting] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    told: list[tuple[float, str, list[int]]] = field(default_factory=list)
    dead: list[list[int]] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    chance: float = 0.5
    _numbers: int = 0
    _ids: int = 0

    def put(
        self, severity=Severity.WARN, *, bucket="", is_counted=True, channel="", target=""
    ) -> int:
        self._numbers += 1
        counted = is_counted and severity is not Severity.CRITICAL
        alert = Waiting(self._numbers, severity, self.now, bucket, counted, channel, target)
        self.waiting.append(alert)
        return self._numbers

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += step
            self.round()

    def round(self) -> None:
        unsent = [each.unsent for each in self.messages.values()]
        outlook = Outlook(self.waiting, unsent, self.sent, self.breakers)
        for order in plan(outlook, self.rules, self.now):
            self._obey(order)

    def _obey(self, order) -> None:
        if isinstance(order, Keep):
            self.kept += order.numbers
            self._leave(order.numbers)
        elif isinstance(order, Compose):
            self._ids += 1
            self._leave(order.numbers)
            unsent = Unsent(
                self._ids,
                order.channel,
                order.severity,
                self.now,
                self.now,
                is_bound=order.is_bound,
            )
            self.messages[self._ids] = Message(
                unsent, list(order.numbers), order.is_counted, self.now
            )
        elif isinstance(order, Move):
            message = self.messages[order.id]
            message.unsent = replace(
                message.unsent, channel=order.channel, routed_at=self.now, not_before=self.now
            )
        elif isinstance(order, Bury):
            self.dead.append(self.messages.pop(order.id).numbers)
        elif isinstance(order, Send):
            self._try(order.id)

    def _try(self, message_id: int) -> None:
        message = self.messages[message_id]
        channel = message.unsent.channel
        outcome = self.answer if channel in self.down else TAKEN
        breaker = self.breakers.get(channel, Breaker())
        self.breakers[channel] = breaker.after(outcome, self.now, self.chance)
        if outcome.is_sent:
            del self.messages[message_id]
            self.sent.append(Sent(channel, self.now, message.is_counted))
            self.told.append((self.now, channel, message.numbers))
        elif is_dead(message.unsent.tries + 1, self.now - message.composed_at, outcome):
            self.dead.append(self.messages.pop(message_id).numbers)
        else:
            wait = wait_seconds(message.unsent.tries, outcome, self.chance)
            message.unsent = replace(
                message.unsent, tries=message.unsent.tries + 1, not_before=self.now + wait
            )

    def _leave(self, numbers) -> None:
        self.waiting = [each for each in self.waiting if each.number not in numbers]
