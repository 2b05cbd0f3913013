"""What is remembered of a pool between two looks, and when the next one is due."""

from collections.abc import Sequence
from typing import Protocol

from agent.asking import Asking
from agent.planning.imagined import Imagined
from agent.planning.looking import Seen
from agent.planning.paying import Fleet
from models.errors import SallimError
from models.scaling.decide import Past
from models.scaling.shapes import Plan
from sallim.ledger import LedgerError

QUICK_SECONDS, REST_FACTOR, REST_SECONDS_MAX = 1.0, 19, 120.0
"""A look that took longer (a slow statement of one's own) is at most a twentieth of the time."""
FAILS = (
    SallimError,
    LedgerError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    ArithmeticError,
)


class Keeper(Protocol):
    def keep_plans(self, plans: Sequence[Plan]) -> None: ...


class Keeping(Asking, Protocol):
    """What is needed of the store. Raises StoreError."""

    @property
    def demand(self) -> Keeper: ...


def rest_seconds(took_seconds: float) -> float:
    """How long a pool is not looked at again, whose look took so long.

    >>> rest_seconds(0.2), rest_seconds(2.0), rest_seconds(10.0)
    (0.0, 38.0, 120.0)
    """
    if took_seconds <= QUICK_SECONDS:
        return 0.0
    return min(REST_FACTOR * took_seconds, REST_SECONDS_MAX)


class Kept:
    """Of one pool; for one thread. `fleet`: what it holds back of its budgets."""

    def __init__(self) -> None:
        self.machines = Imagined()
        self.past: Past = ()
        self.seen: Seen | None = None
        self.seen_step = -1
        self.fleet: Fleet | None = None
        self.rests_until = float("-inf")
