"""The money of the ledger: what may be spent, what is kept free, what is spent.

Every call is reserved at its worst case before it is sent, and settled when its cost is known.
What is settled, unverified and open in a bucket never exceeds its limit by what was admitted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import (
    Admitted,
    Asked,
    Balance,
    Budget,
    CallRow,
    DayRow,
    Exchange,
    LimitEvent,
    Period,
    RateRow,
    Refusal,
    Refused,
    Settlement,
)

BUSY_SECONDS = 5.0


class Accounts:
    """May be used from several threads and processes, and before and after a fork.

    Every method raises LedgerError, which names the file and what a person can do, and those that
    take rows ValueError, which names the field.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self.path = file.path

    @classmethod
    def open(cls, path: str | os.PathLike[str], busy_seconds: float = BUSY_SECONDS) -> Accounts:
        """Open the file; it is made when there is none, but not its folder.

        `busy_seconds`: how long another process that writes is waited for.
        """
        accounts = cls(LedgerFile(os.fspath(path), busy_seconds))
        with accounts._file.statement():
            return accounts

    def close(self) -> None:
        """Write what is still counted in memory, and let go of the file."""
        self._file.close()

    def reserve(self, asked: Asked) -> Admitted | Refused:
        """Keep its worst case free in all its buckets at once, or say which refuses it.

        Asking again with the same call and attempt gives the same answer and reserves nothing
        more, as long as it is open or unverified.
        """
        raise NotImplementedError

    def settle(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        """Book what it did cost, in the period in which it was reserved; True if this is new.

        Also of an unverified one. False for a call that is not known, settled or released.
        """
        raise NotImplementedError

    def release(self, call_id: str, attempt: int, status: int, error: str, now_us: int) -> bool:
        """It cost nothing: not sent, or refused by the provider. True if this is new.

        Also of an unverified one. `status` is that of HTTP, 0 where there was none.
        """
        raise NotImplementedError

    def expire(self, now_us: int) -> list[CallRow]:
        """Open calls past their `expires_us` become unverified at their worst case; these."""
        raise NotImplementedError

    def book(self, asked: Asked, settlement: Settlement) -> bool:
        """Write down what is already spent, or a correction below zero; never refused.

        An opening balance, a fixed item paid, a provider's correction. It counts in the period of
        `asked.opened_us`. True if this call and attempt are new.
        """
        raise NotImplementedError

    def put_budgets(self, budgets: Iterable[Budget], periods: Iterable[Period]) -> None:
        """All budgets there are: one that is not named is gone, its balances are kept.

        Of each calendar that is named, all its periods. A bucket that is new begins with what the
        calls of the period that name it have already cost.
        """
        raise NotImplementedError

    def put_exchange(self, rows: Iterable[Exchange]) -> None:
        """All rates there are, one a provider; one that is not named is gone."""
        raise NotImplementedError

    def put_rates(self, rows: Iterable[RateRow]) -> None:
        """All prices there are, one row a provider and model; one that is not named is gone."""
        raise NotImplementedError

    def exchange_for(self, provider: str) -> Exchange | None:
        """Of that provider, else the one for all."""
        raise NotImplementedError

    def rates_for(self, provider: str, model: str) -> RateRow | None:
        """Exactly that model's."""
        raise NotImplementedError

    def all_rates(self) -> list[RateRow]:
        """In the order of provider and model."""
        raise NotImplementedError

    def balances(self, now_us: int) -> list[Balance]:
        """Of every budget in its period at that moment, in the order of their ids."""
        raise NotImplementedError

    def calls_since(self, seq: int, limit: int) -> list[CallRow]:
        """Calls changed after `seq`, in the order of their change."""
        raise NotImplementedError

    def refusals_since(self, seq: int, limit: int) -> list[Refusal]:
        """Minutes of refusals changed after `seq`, in the order of their change."""
        raise NotImplementedError

    def limit_events_since(self, seq: int, limit: int) -> list[LimitEvent]:
        """In the order in which they happened."""
        raise NotImplementedError

    def days(self, since_day: str, until_day: str) -> list[DayRow]:
        """Of calls that were archived, [since_day, until_day); days are such as "2026-11-20"."""
        raise NotImplementedError

    def forget(self, before_us: int, up_to_seq: int, archive_folder: str) -> int:
        """Archive, then delete, the calls not touched since `before_us`; how many.

        `up_to_seq` is the reader's watermark: what it has not read yet is kept, and so are open
        calls. Each month has one file with its checksum. Raises ArchiveDamaged, which names the
        file, before anything is deleted.
        """
        raise NotImplementedError

    def rebuild(self, archive_folder: str, rows: Iterable[CallRow]) -> int:
        """Bring back calls out of the archive and of `rows`, and count them; how many were new.

        Of several tellings of one call the last change counts. Raises ArchiveDamaged, which names
        the file, before anything is written.
        """
        raise NotImplementedError
