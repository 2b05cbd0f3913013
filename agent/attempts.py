"""How often somebody may fail to sign in."""

import threading
from collections.abc import Callable

from models.errors import SignInRefused
from models.messages import say

FAILURES_MAX = 5
WINDOW_SECONDS = 60.0
ADDRESSES_MAX = 1_000


class Attempts:
    """Thread-safe. Counts failures alone, an address each: who gets in is never slowed down."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures: dict[str, list[float]] = {}

    def refuse_many(self, address: str) -> None:
        """Raises SignInRefused where this address, or all together, failed too often."""
        with self._lock:
            self._forget_old()
            is_full = len(self._failures) >= ADDRESSES_MAX
            if is_full or len(self._failures.get(address, ())) >= FAILURES_MAX:
                raise SignInRefused(
                    say("Too many attempts to sign in. Try again in a minute."), 429
                )

    def failed(self, address: str) -> None:
        with self._lock:
            self._failures.setdefault(address, []).append(self._monotonic())

    def _forget_old(self) -> None:
        since = self._monotonic() - WINDOW_SECONDS
        fresh = {
            address: [at for at in moments if at > since]
            for address, moments in self._failures.items()
        }
        self._failures = {address: moments for address, moments in fresh.items() if moments}
