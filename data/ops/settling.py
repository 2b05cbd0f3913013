"""The end of the ladder: both files brought to one account, and what a person should know."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from data.control import Control, Flush, Loss
from data.ops import account
from data.ops.accident import ENDS_EARLY, Accident
from data.ops.books import Books
from data.ops.control_opening import REBUILT
from data.ops.database import Database
from data.ops.quarantine import Quarantine
from models.errors import StoreFull
from models.messages import Message, say


class Settled(NamedTuple):
    """`pending`: flushes that control had no room to acknowledge."""

    losses: list[Loss]
    pending: list[Flush]
    is_written: bool


@dataclass(frozen=True, slots=True)
class Settling:
    """Brings both files to one account after they were opened."""

    control: Control
    database: Database
    books: Books
    accident: Accident
    now: float

    def settle(self, balance: account.Balance) -> Settled:
        losses = account.losses_of(balance.short, self.accident.cause, int(self.now))
        try:
            if losses and not self.accident.happened:
                self.accident.remember(ENDS_EARLY, is_kept=False)
            account.settle(self.control, balance, losses)
            if not self.database.is_writable:
                return Settled(losses, [], is_written=False)
            account.settle_series(self.database, self.control)
            # Series that came back have ids: the writer must not give these to others.
            self.books.series.reload(self.database.connection)
            if self.accident.happened:
                account.settle_flushes(self.database, self.books)
                losses += account.settle_rollups(
                    self.database, self.control, self.books, self.accident.cause, self.now
                )
                self.accident.close()
            self.control.clear_state(REBUILT)
        except StoreFull:
            # What is not written down is found again by the next opening.
            return Settled(losses, balance.fresh, is_written=False)
        return Settled(losses, [], is_written=True)


def messages_of(quarantine: Quarantine, settled: Settled, *, is_rebuilt: bool) -> Iterator[Message]:
    """What a person should know, most important first."""
    yield from (_message_of(loss) for loss in settled.losses)
    if not settled.is_written:
        yield say("The disk is full: what was found at opening is written down when there is room.")
    if is_rebuilt:
        yield say(
            "control.sqlite3 was damaged and made anew from its intact rows and from ops.duckdb. "
            "Of flushes that both files lost, nothing is known."
        )
    if quarantine.is_used:
        yield say("The damaged files are kept in {path}.", path=str(quarantine.path))


def _message_of(loss: Loss) -> Message:
    if loss.first_seq is None:
        return say(
            "{rows} rows of {table} are lost: {cause}",
            rows=loss.rows_lost,
            table=loss.table_name,
            cause=loss.cause,
        )
    return say(
        "{rows} rows of {table} are lost (flushes {first_seq} to {last_seq}): {cause}",
        rows=loss.rows_lost,
        table=loss.table_name,
        first_seq=loss.first_seq,
        last_seq=loss.last_seq or loss.first_seq,
        cause=loss.cause,
    )
