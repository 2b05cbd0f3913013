"""The money of the ledger: what may be spent, what is kept free, what is spent.

Every call is reserved at its worst case before it is sent, and settled when its cost is known.
What is settled, unverified and open in a bucket never exceeds its limit by what was admitted.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

from sallim.ledger import (
    admission,
    charging,
    checking,
    keeping,
    quotas,
    rates,
    recounting,
    refusals,
    ruling,
)
from sallim.ledger.admission import Room
from sallim.ledger.budgets import Stale, check_budgets, check_periods
from sallim.ledger.errors import LedgerBusy, LedgerError
from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import (
    AMOUNT_MAX,
    Admitted,
    Asked,
    Budget,
    CallRow,
    Exchange,
    Period,
    RateRow,
    Refused,
    Settlement,
)
from sallim.ledger.open_calls import OpenCalls
from sallim.ledger.quota_rows import Quota
from sallim.ledger.seen import Seen
from sallim.ledger.statement_rows import Refusal
from sallim.ledger.statements import Statements

BUSY_SECONDS = 5.0
CROWD_SECONDS = 0.05
"""For a turn among others that write: then it is better to look again who has room."""
CHUNK_ROWS = 200
"""So many in one transaction: whoever else wants to write waits a few milliseconds at most."""


class _Undone(Exception):
    """What was only tried is not kept."""


class Accounts(Statements):
    """May be used from several threads and processes, and before and after a fork.

    Every method raises LedgerError, which names the file and what a person can do, and those that
    take rows ValueError, which names the field.
    """

    def __init__(self, file: LedgerFile) -> None:
        super().__init__(file)
        self._seen = Seen()
        self._open_calls = OpenCalls()
        self._looking = threading.Lock()

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
        with suppress(LedgerError):
            self._refusals.write()
        self._file.close()

    def reserve(self, asked: Asked) -> Admitted | Refused:
        """Keep its worst case free in all its buckets at once, or say which refuses it.

        Asking again with the same call and attempt gives the same answer and reserves nothing
        more, as long as it is open or unverified.
        """
        asked = checking.checked(asked)
        answer = self._reserve(asked)
        if type(answer) is Refused:
            self._refusals.count(asked, answer)
        elif self._refusals.is_late():
            with suppress(LedgerError):
                self._refusals.write(refusals.WAIT_SECONDS)
        return answer

    def try_write(self) -> None:
        """Write a row and undo it. Raises LedgerError where nothing can be written now."""
        row = Refusal(0, "", "", "", 0, "", "", 1, 0, 0)
        with suppress(_Undone), self._file.transaction() as connection:
            refusals.add(connection, [row])
            raise _Undone

    def note_refusal(self, row: Refusal) -> None:
        """Count a call that was refused before anything was reserved. Never raises LedgerError."""
        cleaned = [checking.clean_text(value) if type(value) is str else value for value in row]
        self._refusals.add(Refusal._make(cleaned))

    def _reserve(self, asked: Asked) -> Admitted | Refused:
        answer = self._reserve_as_before(asked)
        if answer is not None:
            return answer
        try:
            # Who is refused does not wait for those who write.
            found = self._file.glance(lambda connection: admission.look(connection, asked))
        except LedgerBusy:
            found = None
        if found is not None and not isinstance(found, Room):
            return found
        if found is not None:
            with suppress(Stale), self._file.transaction() as connection:
                answer = admission.reserve(connection, asked, found, self._seen)
                self._seen.keep(connection, asked, found)
                return answer
        with self._file.transaction() as connection:
            return admission.reserve_anew(connection, asked, self._seen)

    def _reserve_as_before(self, asked: Asked) -> Admitted | Refused | None:
        """Without reading its buckets again, by what was read for the last one; else None.

        It does not wait for a single long writer, only for its turn among many short ones.
        """
        known = self._seen.of(asked)
        if known is None:
            return None
        try:
            with self._file.transaction(
                CROWD_SECONDS if self._file.is_crowded else 0
            ) as connection:
                return admission.reserve(connection, asked, known.on(connection), self._seen)
        except (Stale, LedgerBusy):
            self._seen.drop(asked)
            return None

    def settle(self, call_id: str, attempt: int, settlement: Settlement) -> bool:
        """Book what it did cost, in the period in which it was reserved; True if this is new.

        Also of an unverified one. False for a call that is not known, settled or released.
        """
        checking.check_settlement(settlement)
        with self._file.transaction() as connection:
            return charging.settle(connection, call_id, attempt, settlement, self._seen)

    def release(self, call_id: str, attempt: int, status: int, error: str, now_us: int) -> bool:
        """It cost nothing: not sent, or refused by the provider. True if this is new.

        Also of an unverified one. `status` is that of HTTP, 0 where there was none.
        """
        with self._file.transaction() as connection:
            return charging.release(connection, call_id, attempt, (status, error, now_us))

    def expire(self, now_us: int) -> list[CallRow]:
        """Open calls past their `expires_us` become unverified at their worst case; these."""
        with self._looking:
            with self._file.statement() as connection:
                self._open_calls.look(connection)
            found = self._open_calls.overdue(now_us)
        expired = []
        for first in range(0, len(found), CHUNK_ROWS):
            with self._file.transaction() as connection:
                for call_id, attempt in found[first : first + CHUNK_ROWS]:
                    doubted = charging.doubt(connection, call_id, attempt, now_us, self._seen)
                    expired.append(doubted)
        return [call for call in expired if call is not None]

    def book(
        self,
        asked: Asked,
        settlement: Settlement,
        instead_of: Iterable[tuple[str, int]] = (),
    ) -> bool:
        """Write down what is already spent, or a correction below zero; never refused.

        An opening balance, a fixed item paid, a provider's correction. It counts in the period of
        `asked.opened_us`. `instead_of` are calls and attempts by which it was kept free: they are
        let go in the same transaction, so that it never stands there twice. True if this call and
        attempt are new.
        """
        asked = checking.checked(asked)
        checking.check_settlement(settlement, -AMOUNT_MAX)
        with self._file.transaction() as connection:
            return charging.book(connection, asked, settlement, instead_of, self._seen)

    def put_budgets(
        self, budgets: Iterable[Budget], periods: Iterable[Period], now_us: int | None = None
    ) -> None:
        """All budgets there are: one that is not named is gone, its balances are kept.

        Of each calendar that is named, all its periods. A bucket that is new begins with what the
        calls of the period that name it have already cost. Lines that the caps put below what is
        spent are crossed in the period of `now_us`; without it, in the last one.
        """
        rules, spans = list(budgets), list(periods)
        check_budgets(rules)
        check_periods(spans)
        with self._file.transaction() as connection:
            at_us = time.time_ns() // 1_000 if now_us is None else now_us
            ruling.put_budgets(connection, rules, spans, at_us, is_sure=now_us is not None)

    def hold(self, since_us: int) -> None:
        """From here on no call that costs something is let through, whatever budgets say; 0: ended.

        What was kept free before stays so, and is settled. A change of budgets leaves it in force.
        """
        with self._file.transaction() as connection:
            ruling.hold(connection, since_us)

    def recount(self, now_us: int) -> list[str]:
        """Buckets in which less counted than their calls say; all is counted anew then.

        It looks at every call of the period, and nobody waits for that unless something is wrong.
        """
        with self._file.statement() as connection:
            found = recounting.lower(connection, now_us)
        if not found:
            return []
        with self._file.transaction() as connection:
            found = recounting.lower(connection, now_us)
            if found:
                recounting.recount(connection, now_us)
        return found

    def put_quotas(self, rows: Iterable[Quota]) -> None:
        """All quotas there are; their calendars come with the budgets. Counts are kept."""
        known = list(rows)
        quotas.check_quotas(known)
        with self._file.transaction() as connection:
            quotas.replace_quotas(connection, known)

    def put_exchange(self, rows: Iterable[Exchange]) -> None:
        """All rates there are, one a provider; one that is not named is gone."""
        known = list(rows)
        rates.check_exchange(known)
        with self._file.transaction() as connection:
            rates.replace_exchange(connection, known)

    def put_rates(self, rows: Iterable[RateRow]) -> None:
        """All prices there are, one row a provider and model; one that is not named is gone."""
        known = list(rows)
        with self._file.transaction() as connection:
            rates.replace_rates(connection, known)

    def forget(self, before_us: int, up_to_seq: int, archive_folder: str | os.PathLike[str]) -> int:
        """Archive, then delete, the calls not touched since `before_us`; how many.

        `up_to_seq` is the reader's watermark: what it has not read yet is kept, and so are open
        calls. Each month has one file with its checksum. Raises ArchiveDamaged, which names the
        file, before anything is deleted.
        """
        self._refusals.write()
        return keeping.forget(self._file, before_us, up_to_seq, os.fspath(archive_folder))

    def rebuild(self, archive_folder: str | os.PathLike[str], rows: Iterable[CallRow]) -> int:
        """Bring back calls out of the archive and of `rows`, and count them; how many were new.

        Of several tellings of one call the last change counts. Raises ArchiveDamaged, which names
        the file, before anything is written.
        """
        return keeping.rebuild(self._file, os.fspath(archive_folder), rows)
