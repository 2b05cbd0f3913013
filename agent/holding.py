"""The hold of a person over all paid calls: remembered in control, in force by the ledger.

Guards read the ledger alone, so it stands with the agent dead. Control says what is wanted, so that
a ledger that is new, or an older copy that was put back, is held again.
"""

import threading
from contextlib import closing

from data.control import Control
from data.home import Home
from data.requests import end_orders, order_named, orders, put_order
from models.requests.kept import StandingOrder
from sallim.ledger.accounts import Accounts
from sallim.money import MICRO

STOP_ALL = "stop_all"


class Holding:
    """Thread-safe. What touches the ledger raises LedgerError, what touches control StoreError."""

    def __init__(self, home: Home, control: Control) -> None:
        self._home = home
        self._control = control
        self._lock = threading.Lock()

    def since(self) -> float | None:
        """UTC epoch seconds, by the ledger; None: calls are let through."""
        if not self._home.ledger.exists():
            return None
        with closing(Accounts.open(self._home.ledger)) as accounts:
            return accounts.held_us() / MICRO or None

    def knows(self, request_id: str) -> bool:
        """Whether a hold or its end was written down for that request."""
        return order_named(self._control, request_id) is not None

    def begin(self, order: StandingOrder) -> None:
        with self._lock:
            put_order(self._control, order)
            self._bring()

    def end(self, ending: StandingOrder) -> None:
        """All there are."""
        with self._lock:
            end_orders(self._control, STOP_ALL, ending)
            self._bring()

    def bring(self) -> None:
        """Have the ledger know what control says: after a crash in between."""
        with self._lock:
            self._bring()

    def insist(self, accounts: Accounts) -> bool:
        """What control knows holds again; but only a person's word ends what the ledger has.

        True where the ledger did not have it.
        """
        with self._lock:
            wanted = self._wanted_us()
            if not wanted or accounts.held_us() == wanted:
                return False
            accounts.hold(wanted)
            return True

    def _bring(self) -> None:
        with closing(Accounts.open(self._home.ledger)) as accounts:
            accounts.hold(self._wanted_us())

    def _wanted_us(self) -> int:
        held = orders(self._control, STOP_ALL, 0.0)
        return min((order.since_at for order in held), default=0) * MICRO
