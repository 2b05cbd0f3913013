"""What stands in the outbox, the rules for it, and the orders that follow from both."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from models.alerts import Severity
from models.alerts.quiet import QuietHours
from models.alerts.trying import Breaker


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that is in no message yet; moments are UTC epoch seconds."""

    number: int
    severity: Severity
    put_at: float
    bucket_id: str = ""
    is_counted: bool = True
    channel: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A message on its way, or between two tries. `is_bound` to its channel: it never moves."""

    id: int
    channel: str
    severity: Severity
    routed_at: float
    not_before: float
    tries: int = 0
    is_sending: bool = False
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is through."""

    channel: str
    at: float
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Channel:
    name: str
    severities: Collection[Severity] = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Rules:
    """As the settings have them; the order of the channels is that of failover."""

    channels: Sequence[Channel]
    zone: ZoneInfo
    quiet: QuietHours | None = None
    buckets: Collection[str] = ("total", "api")
    messages_a_day: int = 3
    silenced: Collection[str] = ()
    """Buckets and targets of which a person wants to hear nothing now that is not critical."""

    def chain(self, severity: Severity) -> list[str]:
        return [each.name for each in self.channels if severity in each.severities]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of the outbox: everything unsent, and what was sent within a day or so."""

    waiting: Sequence[Waiting] = ()
    unsent: Sequence[Unsent] = ()
    sent: Sequence[Sent] = ()
    breakers: Mapping[str, Breaker] = field(default_factory=dict)

    def is_open(self, channel: str, now: float) -> bool:
        return channel in self.breakers and self.breakers[channel].is_open(now)


@dataclass(frozen=True, slots=True)
class Keep:
    """These alerts are sent to nobody: they stand on the page alone."""

    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Compose:
    """One message of these alerts, to this channel."""

    channel: str
    severity: Severity
    numbers: Sequence[int]
    is_counted: bool
    is_bound: bool = False
    """It is for this channel alone: a test of it."""


@dataclass(frozen=True, slots=True)
class Move:
    """The message goes to the next channel."""

    id: int
    channel: str


@dataclass(frozen=True, slots=True)
class Send:
    id: int


@dataclass(frozen=True, slots=True)
class Bury:
    """No channel of the settings takes it any more."""

    id: int


Order = Keep | Compose | Move | Send | Bury
