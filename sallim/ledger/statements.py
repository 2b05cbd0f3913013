"""What the money of a ledger says, to whoever only reads it."""

from __future__ import annotations

from collections.abc import Sequence

from sallim.ledger import calls, keeping, limits, quotas, rates, recounting, refusals, ruling
from sallim.ledger.budgets import current_balances
from sallim.ledger.file import LedgerFile
from sallim.ledger.money_rows import STATES, CallRow, Exchange, RateRow
from sallim.ledger.quota_rows import QuotaUse
from sallim.ledger.statement_rows import (
    Balance,
    DayRow,
    LimitEvent,
    Miscount,
    Refusal,
    Rules,
)


class Statements:
    """The half of `Accounts` that changes nothing, but for refusals that were still in memory."""

    def __init__(self, file: LedgerFile) -> None:
        self._file = file
        self.path = file.path
        self._refusals = refusals.Counter(file)

    def exchange_for(self, provider: str) -> Exchange | None:
        """Of that provider, else the one for all."""
        with self._file.statement() as connection:
            return rates.exchange_for(connection, provider)

    def rates_for(self, provider: str, model: str) -> RateRow | None:
        """Exactly that model's."""
        with self._file.statement() as connection:
            return rates.rates_for(connection, provider, model)

    def all_rates(self) -> list[RateRow]:
        """In the order of provider and model."""
        with self._file.statement() as connection:
            return rates.all_rates(connection)

    def balances(self, now_us: int) -> list[Balance]:
        """Of every budget in its period at that moment, in the order of their ids."""
        with self._file.statement() as connection:
            return current_balances(connection, now_us)

    def held_us(self) -> int:
        """Since when a person has all calls stopped that cost something; 0: they are not."""
        with self._file.statement() as connection:
            return ruling.held_us(connection)

    def rules(self) -> Rules:
        """The rules as they stand in the file, whoever wrote them."""
        with self._file.statement() as connection:
            return ruling.rules(connection)

    def miscounts(self, now_us: int) -> list[Miscount]:
        """Buckets in which not what their calls say is counted; it looks at every call of them."""
        with self._file.statement() as connection:
            return recounting.miscounts(connection, now_us)

    def are_whole(self, now_us: int) -> bool:
        """Whether numbers stand where counts do: until they do, nothing is let through."""
        with self._file.statement() as connection:
            return recounting.are_whole(connection, now_us)

    def quota_use(self, now_us: int) -> list[QuotaUse]:
        """Of every quota, in the order of their ids."""
        with self._file.statement() as connection:
            return quotas.used(connection, now_us)

    def calls_since(self, seq: int, limit: int) -> list[CallRow]:
        """Calls changed after `seq`, in the order of their change."""
        with self._file.statement() as connection:
            return calls.since(connection, seq, limit)

    def flat_calls_since(self, seq: int, limit: int) -> list[tuple[object, ...]]:
        """The same as they stand in the file, in the columns of `calls.COLUMNS`: for very many."""
        with self._file.statement() as connection:
            return calls.flat_since(connection, seq, limit)

    def prompt_salt(self) -> bytes:
        """What hashes of prompts are keyed with; the same for as long as there is this file."""
        with self._file.statement() as connection:
            return rates.prompt_salt(connection)

    def calls_named(self, prefix: str, states: Sequence[str] = STATES) -> list[CallRow]:
        """Attempts in one of these states of the calls whose id begins so, by id and attempt."""
        with self._file.statement() as connection:
            return calls.named(connection, prefix, states)

    def worst_micro(self, call_id: str, attempt: int) -> int | None:
        """What was kept free for one attempt; None for one that is not known."""
        with self._file.statement() as connection:
            found = calls.find(connection, call_id, attempt)
        return None if found is None else found.worst_micro

    def calls_opened_since(self, provider: str, at_us: int) -> list[CallRow]:
        """Those of a provider, in the order of their opening. It looks at every call there is."""
        with self._file.statement() as connection:
            return calls.opened_since(connection, provider, at_us)

    def last_seqs(self) -> tuple[int, int, int]:
        """The highest ever given to calls, refusals and limit events.

        A file whose are lower than what a reader has seen is an older copy that was put back.
        """
        with self._file.statement() as connection:
            return (
                int(connection.execute(calls.LAST_SEQ).fetchone()[0]),
                int(connection.execute(refusals.LAST_SEQ).fetchone()[0]),
                limits.last_seq(connection),
            )

    def refusals_since(self, seq: int, limit: int) -> list[Refusal]:
        """Minutes of refusals changed after `seq`, in the order of their change."""
        self._refusals.write()
        with self._file.statement() as connection:
            return refusals.since(connection, seq, limit)

    def limit_events_since(self, seq: int, limit: int) -> list[LimitEvent]:
        """In the order in which they happened."""
        with self._file.statement() as connection:
            return limits.since(connection, seq, limit)

    def days(self, since_day: str, until_day: str) -> list[DayRow]:
        """Of calls that were archived, [since_day, until_day); days are such as "2026-11-20"."""
        with self._file.statement() as connection:
            return keeping.days(connection, since_day, until_day)
