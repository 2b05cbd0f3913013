"""Whether the money in the ledger is still what Sallim wrote there, and made so again where not.

Whoever may write the file can write past `sallim`; the caps that hold are those of the settings
and of control. What was written is remembered in control by a hash. Before it is written anew the
hash is forgotten in the transaction that tells of a change, so whoever is killed in between tells
nothing twice and never calls its own half a change.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress

from agent.sampling import Clocks
from data.control import Control
from data.drift import forget_written, keep_written, written
from data.outbox import Connection
from models.alerts import Alert
from models.budget.drift import changes, drift_alert, drift_problem, lift, miscounted, seal_of
from models.messages import Message
from models.tiers import DAY_SECONDS
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Miscount
from sallim.money import MICRO

log = logging.getLogger(__name__)

RECOUNT_SECONDS = 600.0
SHOWN_SECONDS = float(DAY_SECONDS)
Tell = Callable[[Connection, Alert], object]


class Drift:
    """For one thread at a time; what it is asked for raises LedgerError or StoreError."""

    def __init__(self, control: Control, clocks: Clocks) -> None:
        self.tell: Tell | None = None
        """Puts an alert into the outbox, in that transaction of control."""
        self._control = control
        self._clocks = clocks
        self._recount_at = float("-inf")
        self._seen_at = float("-inf")
        self._texts: Sequence[Message] = ()
        self._left: Collection[tuple[str, int]] = ()
        """Of what was told: calls were taken out, and that stays so to the end of the month."""

    @property
    def problem(self) -> Message | None:
        """For a day after it was seen."""
        if not self._texts or self._clocks.monotonic() - self._seen_at > SHOWN_SECONDS:
            return None
        return drift_problem(self._texts)

    def is_due(self, accounts: Accounts) -> bool:
        """Whether the rules are other than they were written, or were never written there."""
        found = accounts.rules()
        known = written(self._control, found.ledger_id)
        return known is None or bool(changes(known, found, _last_call(accounts)))

    def begin(self, accounts: Accounts) -> bool:
        """Before the rules are written anew; whether somebody else had changed them."""
        found = accounts.rules()
        known = written(self._control, found.ledger_id)
        texts = changes(known, found, _last_call(accounts))
        if texts:
            self._recount_at = float("-inf")
        with self._control.transaction() as connection:
            self._put(connection, texts)
            forget_written(connection, found.ledger_id)
        return bool(texts)

    def end(self, accounts: Accounts) -> None:
        """After it."""
        rules = accounts.rules()
        keep_written(self._control, rules.ledger_id, seal_of(rules, _last_call(accounts)))

    def lifted(self) -> None:
        """The stop of everything was ended in the ledger alone."""
        with self._control.transaction() as connection:
            self._put(connection, [lift()])

    def recount(self, accounts: Accounts) -> None:
        """Whether each balance is the sum of its calls; every ten minutes, and when it is none."""
        now_us = int(self._clocks.wall() * MICRO)
        if self._clocks.monotonic() < self._recount_at and accounts.are_whole(now_us):
            return
        self._recount_at = self._clocks.monotonic() + RECOUNT_SECONDS
        counted = accounts.miscounts(now_us)
        found = [each for each in counted if each.is_lower or _as_left(each) not in self._left]
        if found:
            # Told first: whoever is killed before it is counted anew finds it once more.
            with self._control.transaction() as connection:
                self._put(connection, miscounted(found))
        if any(each.is_lower for each in found):
            accounts.recount(now_us)
            counted = accounts.miscounts(now_us)
        self._left = {_as_left(each) for each in counted if not each.is_lower}

    def _put(self, connection: Connection, texts: Sequence[Message]) -> None:
        if not texts:
            return
        for text in texts:
            log.error("something other than Sallim changed the ledger: %s", text)
        self._texts, self._seen_at = texts, self._clocks.monotonic()
        if self.tell is not None:
            self.tell(connection, drift_alert(texts, self._clocks.wall()))


def _as_left(found: Miscount) -> tuple[str, int]:
    """The same for as long as honest calls come to it."""
    return found.bucket_id, found.balance_micro - found.calls_micro


def _last_call(accounts: Accounts) -> int:
    """0 where somebody else wrote there what is no number."""
    with suppress(ValueError, OverflowError):
        return accounts.last_seqs()[0]
    return 0
