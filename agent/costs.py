"""The ledger's money: kept in order, brought to the store, told how full each bucket is."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from agent.jobs import FORGET_EVERY_SECONDS, KEPT_SECONDS
from agent.sampling import Clocks
from data.cost_fold import (
    MICROSECONDS,
    ROWS_A_BATCH,
    balance_rows,
    fold_balances,
    fold_step,
    note_months,
    read_month,
    unread_months,
)
from data.ops.recording import CostBatch
from models.messages import Message, say
from sallim.ledger import ArchiveDamaged, Ledger, LedgerError
from sallim.ledger.accounts import Accounts
from sallim.ledger.statement_rows import Balance

log = logging.getLogger(__name__)

BATCHES_A_STEP = 1
"""Ten thousand calls in ten seconds; the store's loop must not be kept for long."""
EXPIRE_EVERY_SECONDS = 30.0
TELL_EVERY_SECONDS = 300.0
"""Balances that have not changed: the store may have lost them."""


class Keeping(Protocol):
    """What is needed of the store."""

    def watermark(self, source: str) -> int: ...
    def fold_costs(self, batch: CostBatch, now: float) -> None: ...


class Costs:
    """`step` is for the store's loop alone. No ledger is made here while nobody needs one.

    `archive` is the folder of the calls that the ledger no longer keeps.
    """

    def __init__(self, path: Path, archive: Path, store: Keeping, clocks: Clocks) -> None:
        self.problem: Message | None = None
        self._path = path
        self._archive = archive
        self._store = store
        self._clocks = clocks
        self._opened: Ledger | None = None
        self._expired_at = self._forgot_at = self._told_at = float("-inf")
        self._told: list[Balance] | None = None
        self._damaged: dict[Path, tuple[int, str]] = {}

    def step(self) -> None:
        """Bring over what is new. Raises StoreError; a ledger's trouble becomes `problem`."""
        try:
            problem = self._step() if self._path.exists() else None
        except (LedgerError, OSError, TypeError, ValueError) as trouble:
            # The last two: another program wrote what no ledger holds, say a text for a number.
            problem = say("the costs are not read: {reason}", reason=str(trouble))
        if problem is not None and problem != self.problem:
            log.error("%s", problem)
        self.problem = problem

    def _step(self) -> Message | None:
        if self._opened is None:
            self._opened = Ledger.open(self._path)
        ledger_id, accounts = self._opened.ledger_id, self._opened.accounts
        now = self._clocks.wall()
        self._put_in_order(ledger_id, accounts, now)
        for _ in range(BATCHES_A_STEP):
            if fold_step(accounts, ledger_id, self._store, now) < ROWS_A_BATCH:
                break
        self._tell_balances(accounts, now)
        return self._heal(ledger_id, now)

    def _put_in_order(self, ledger_id: str, accounts: Accounts, now: float) -> None:
        """What nobody settled is counted at its worst; what the store has goes to the archive."""
        if self._is_due(self._expired_at, EXPIRE_EVERY_SECONDS):
            self._expired_at = self._clocks.monotonic()
            accounts.expire(int(now * MICROSECONDS))
        if self._is_due(self._forgot_at, FORGET_EVERY_SECONDS):
            self._forgot_at = self._clocks.monotonic()
            folded = self._store.watermark(f"calls:{ledger_id}")
            before_us = int((now - KEPT_SECONDS) * MICROSECONDS)
            months = unread_months(ledger_id, self._store, self._archive)
            unread = {path for path, _ in months}
            try:
                if accounts.forget(before_us, folded, self._archive):
                    note_months(ledger_id, self._store, self._archive, unread, now)
            except ArchiveDamaged as damage:
                # Whoever cures it is told by `_heal` too; until then the calls stay in the ledger.
                log.error("%s", damage)

    def _tell_balances(self, accounts: Accounts, now: float) -> None:
        rows = balance_rows(accounts, int(now * MICROSECONDS))
        if rows != self._told or self._is_due(self._told_at, TELL_EVERY_SECONDS):
            fold_balances(self._store, rows, now)
            self._told, self._told_at = rows, self._clocks.monotonic()

    def _heal(self, ledger_id: str, now: float) -> Message | None:
        """One month of the archive a step; a damaged one is read again when it was changed."""
        for path, source in unread_months(ledger_id, self._store, self._archive):
            changed_ns = path.stat().st_mtime_ns
            if self._damaged.get(path, (0, ""))[0] == changed_ns:
                continue
            try:
                read_month(path, source, self._store, now)
            except ArchiveDamaged as damage:
                self._damaged[path] = (changed_ns, str(damage))
            else:
                self._damaged.pop(path, None)
            break
        self._damaged = {path: told for path, told in self._damaged.items() if path.exists()}
        reasons = [reason for _, reason in self._damaged.values()]
        if not reasons:
            return None
        return say("calls of the past are missing: {reason}", reason=reasons[0])

    def _is_due(self, last: float, seconds: float) -> bool:
        return self._clocks.monotonic() - last >= seconds


def one_after_the_other(*steps: Callable[[], None]) -> Callable[[], None]:
    """For a loop that takes one step."""

    def step() -> None:
        for each in steps:
            each()

    return step
