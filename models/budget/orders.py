"""What the policy can order. An order repeats each round until it does not hold any more; obeying
one twice must be harmless. A `Tell` alone is for once.
"""

from dataclasses import dataclass
from typing import Literal

from models.messages import Message

Severity = Literal["info", "warn", "critical"]
TellKind = Literal["threshold", "overrun", "projection", "full", "resolved"]
Step = Literal["batch", "cheaper_model"]


@dataclass(frozen=True, slots=True)
class Block:
    """New calls of these priorities that count in this bucket are refused; the ledger does it."""

    bucket_id: str
    priorities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopPaid:
    """Stop what costs money and counts in this bucket, but for these priorities."""

    bucket_id: str
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PauseWorkflow:
    """It can only fail: its calls are refused."""

    name: str


@dataclass(frozen=True, slots=True)
class BringBack:
    """Start again what was stopped or paused for this bucket."""

    bucket_id: str


@dataclass(frozen=True, slots=True)
class Advise:
    """A step that the owner allows to be advised; no call is changed by it."""

    bucket_id: str
    step: Step


@dataclass(frozen=True, slots=True)
class Tell:
    """`percent` of the cap is spent (a line), or is expected to be (a projection); or what runs has
    no room in it for its next hours.
    """

    kind: TellKind
    bucket_id: str
    percent: int
    severity: Severity
    message: Message


Order = Block | StopPaid | PauseWorkflow | BringBack | Advise | Tell
TURNS = (Block, StopPaid, PauseWorkflow, BringBack, Advise, Tell)
"""In which order they are carried out: blocked before anybody is told."""
