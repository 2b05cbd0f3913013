"""Something that a person must be told, as whoever knows of it makes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.messages import Message


class Severity(StrEnum):
    """`critical` is never held back; `warn` waits for the end of quiet hours, `info` too."""

    INFO = "info"
    WARN = "warn"
    CRITICAL = "critical"

    def is_worse_than(self, other: "Severity") -> bool:
        return ORDER.index(self) > ORDER.index(other)


ORDER = tuple(Severity)
RESOLVED_KIND = "budget.resolved"
"""The end of what was told as refused or stopped."""
UNCOUNTED_KINDS = frozenset({"incident", "block", "stop", "overrun", "test", RESOLVED_KIND})
"""What does not count to the few messages of a day: incidents, blocks, their end, and the weekly
test.
"""


def worst(severities: Iterable[Severity]) -> Severity:
    """The one that decides about all of them."""
    return max(severities, key=ORDER.index)


@dataclass(frozen=True, slots=True)
class Alert:
    """`lines` say what happened, what was done, what to do, what it cost; any may be left out.

    `dedup_key` names the event: put twice, it is told once. Where it `lasts`, it is told again
    every four hours, and when it is worse, for as long as it is put again and nobody
    acknowledged it. `link` is a path
    of the app, put behind `app.public_url`. `channel` names the only one that is to have it.
    """

    dedup_key: str
    kind: str
    severity: Severity
    title: Message
    lines: Sequence[Message] = ()
    link: str = ""
    bucket_id: str = ""
    target: str = ""
    lasts: bool = False
    channel: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether it counts to the messages of a day: neither critical nor of a kind that must."""
        return self.severity is not Severity.CRITICAL and self.kind not in UNCOUNTED_KINDS
