"""The purse of a process: who is asked before a call is sent, and told what it did cost."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from sallim.guard import abandoned
from sallim.guard.refusing import LEDGER, NO_LEDGER
from sallim.guard.spool import Spool
from sallim.guard.spooled import quietly_replay_left
from sallim.guard.tariff import Kept, Tariff
from sallim.guard.telling import tell_once
from sallim.ledger.accounts import Accounts
from sallim.ledger.errors import LedgerError
from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import ESSENTIAL, Admitted, Asked, Refused, Settlement
from sallim.ledger.statement_rows import Refusal
from sallim.recording import OFF, ledger_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Purse(Protocol):
        """`reserve` and `tariff` raise PurseClosed; the others never raise."""

        waits: bool
        """Whether it waits for a network, so that an event loop must not."""

        def tariff(self, anew: bool = False) -> Tariff: ...
        def reserve(self, asked: Asked) -> Admitted | Refused: ...
        def settle(self, call_id: str, attempt: int, settlement: Settlement) -> bool: ...
        def release(
            self, call_id: str, attempt: int, status: int, error: str, now_us: int
        ) -> bool: ...
        def refused(self, row: Refusal) -> None: ...
        def close(self) -> None: ...


BUSY_SECONDS = 1.0
REFRESH_SECONDS = 300.0
"""So often prices are read again."""


class PurseClosed(Exception):
    """Nobody can say whether there is money for it; the text says what a person can do.

    `code` is that of a refusal.
    """

    def __init__(self, text: str, code: str = LEDGER) -> None:
        super().__init__(text)
        self.code = code
        self.is_final = False
        """Whether another try would end the same."""


class FilePurse:
    """The ledger of this machine; by way of a spool while it cannot be written."""

    waits = False

    def __init__(self, path: str, busy_seconds: float = BUSY_SECONDS) -> None:
        self.path = path
        self._accounts = Accounts(LedgerFile(path, busy_seconds))
        self._spool = Spool(path)
        self._tariff = Kept(self._read, REFRESH_SECONDS)
        self._pid = 0

    @property
    def accounts(self) -> Accounts:
        """Those that it asks; for the gateway, which also tells how they are."""
        return self._accounts

    @property
    def spooled(self) -> bool:
        """Whether something waits that is not in the ledger yet; the next call brings it there."""
        return self._spool.waits

    def replay(self) -> None:
        """Bring it there now, where that can be."""
        if self._spool.waits:
            self._try_replay()

    def tariff(self, anew: bool = False) -> Tariff:
        """Never fails: without a ledger those that come with the package hold."""
        return self._tariff.now(anew)

    def _read(self) -> Tariff | None:
        """None where it cannot be read now; with the next call it is tried again."""
        try:
            rows = self._accounts.all_rates()
            providers = {"", *(row.provider for row in rows), *_PROVIDERS}
            exchange = {
                provider: row
                for provider in providers
                if (row := self._accounts.exchange_for(provider)) is not None
            }
            salt = self._accounts.prompt_salt()
        except LedgerError:
            return None
        return Tariff(rows, exchange, salt)

    def reserve(self, asked: Asked) -> Admitted | Refused:
        try:
            pid = os.getpid()
            if self._pid != pid and quietly_replay_left(self._accounts, self.path):
                self._pid = pid
            if self._spool.waits:
                self._spool.replay(self._accounts, time.time_ns() // 1_000)
            return self._accounts.reserve(asked)
        except LedgerError as trouble:
            return self._without_ledger(asked, str(trouble))

    def _without_ledger(self, asked: Asked, why: str) -> Admitted:
        tell_once("ledger", f"{why} Only essential calls go on, for a small allowance.")
        if asked.priority != ESSENTIAL:
            raise PurseClosed(f"the ledger cannot be asked, so nothing may be spent: {why}")
        if not self._spool.admit(asked):
            raise PurseClosed(
                f"the ledger cannot be asked, and what an essential call may spend without it is "
                f"used up or cannot be written down: {why}"
            )
        return Admitted(asked.call_id, asked.attempt, asked.worst_micro)

    def settle(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        if not self._spool.holds(call_id, attempt):
            try:
                return self._accounts.settle(call_id, attempt, settlement)
            except LedgerError as trouble:
                tell_once("ledger", f"{trouble} What calls did cost is written down later.")
        kept = self._spool.settled(call_id, attempt, settlement)
        self._try_replay()
        return kept

    def release(self, call_id: str, attempt: int, status: int, error: str, now_us: int) -> bool:
        if not self._spool.holds(call_id, attempt):
            try:
                return self._accounts.release(call_id, attempt, status, error, now_us)
            except LedgerError as trouble:
                tell_once("ledger", f"{trouble} What calls did cost is written down later.")
        kept = self._spool.released(call_id, attempt, (status, error, now_us))
        self._try_replay()
        return kept

    def refused(self, row: Refusal) -> None:
        """Count a call that was refused without asking it."""
        self._accounts.note_refusal(row)

    def _try_replay(self) -> None:
        with suppress(LedgerError):
            self._spool.replay(self._accounts, time.time_ns() // 1_000)

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        if self._spool.waits:
            self._try_replay()
        self._accounts.close()


_PROVIDERS = ("openai", "anthropic", "google", "openrouter", "deepseek", "groq", "mistral", "x-ai")

_purses: dict[tuple[str, ...], Purse] = {}
_making = threading.Lock()


def purse_for(environ: Mapping[str, str]) -> Purse:
    """The gateway where SALLIM_URL names one, else the ledger's file. Raises PurseClosed.

    One a process for each; as `sallim.job` finds its place.
    """
    if environ.get("SALLIM_LEDGER") == OFF:
        raise PurseClosed(
            "SALLIM_LEDGER=off keeps no ledger, and without one nothing may be spent. Unset it, or "
            "use a client without a guard on purpose.",
            NO_LEDGER,
        )
    url, token = environ.get("SALLIM_URL", ""), environ.get("SALLIM_TOKEN", "").strip()
    if url:
        return _one(("url", url, token))
    path = ledger_path(environ)
    if not path:
        raise PurseClosed(
            "no ledger is set. Set SALLIM_HOME to the home of the agent, which `python -m agent "
            "status` names, or SALLIM_URL and SALLIM_TOKEN for a gateway on another machine.",
            NO_LEDGER,
        )
    return _one(("file", path))


def _one(key: tuple[str, ...]) -> Purse:
    with _making:
        if key not in _purses:
            if key[0] == "url":
                from sallim.guard.remote import RemotePurse

                _purses[key] = RemotePurse(key[1], key[2])
            else:
                _purses[key] = FilePurse(key[1])
        return _purses[key]


def close_all() -> None:
    """Of this process: write what waits and let go. The next call opens anew."""
    abandoned.flush()
    with _making:
        known = list(_purses.values())
        _purses.clear()
    for purse in known:
        with suppress(PurseClosed):
            purse.close()


def _forget_after_fork() -> None:
    global _making  # noqa: PLW0603 it may have been held by a thread that the child has not
    _making = threading.Lock()
    _purses.clear()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
