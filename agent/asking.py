"""What is needed of the store by whoever asks it from inside the agent."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from data.ops.asked import Connection

T = TypeVar("T")


class Asking(Protocol):
    def read(self, ask: Callable[[Connection], T]) -> T:
        """Ask by a function of `data/ops/asked.py` or `metering.py`. Raises StoreError."""
