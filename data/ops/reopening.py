"""What may befall the open file, and the way back: a full disk, a fatal error, damage."""

import threading
from collections.abc import Callable
from typing import TypeVar

import duckdb

from data.control import Flush
from data.home import Home
from data.ops.books import Books
from data.ops.connection import told_apart
from data.ops.database import Database
from data.ops.periods import period_of
from data.ops.records import forget_watermarks
from data.ops.room import FULL, lack_of_room
from data.ops.sealing import Sealer
from models.errors import StoreDamaged, StoreError, StoreFull
from models.messages import Message, say
from models.tiers import RAW

Connection = duckdb.DuckDBPyConnection
Answer = TypeVar("Answer")


class Mender:
    """Reads and writes go through it: it opens the file again, and knows what is wrong with it.

    Whoever writes holds `turn`; `read`, `read_again` and `state` are for any number at any time.
    """

    def __init__(
        self, home: Home, free_min_bytes: int, database: Database, books: Books, sealer: Sealer
    ) -> None:
        self.turn = threading.RLock()
        self.reopenings = 0
        self._home = home
        self._free_min_bytes = free_min_bytes
        self._database = database
        self._books = books
        self._sealer = sealer
        self._trouble: tuple[str, Message] | None = None
        self._damage: tuple[str, Message] | None = None
        self._doubtful: list[Flush] = []

    @property
    def state(self) -> tuple[str, Message | None]:
        """As in `StoreStatus`, with its reason."""
        return self._trouble or self._damage or ("ok", None)

    def check_room(self) -> None:
        """Raise StoreFull when the disk is too full to write; come back when it is not."""
        lack = lack_of_room(self._home.path, self._free_min_bytes)
        if lack is not None:
            self._trouble = ("lean", lack)
            raise StoreFull(str(lack))
        if not (self._database.is_open and self._database.is_writable):
            self._reopen()
        if not self._database.is_writable:
            self._trouble = ("lean", FULL)
            raise StoreFull(f"{self._home.ops}: {FULL}")
        self._trouble = None

    def attempt(self, action: Callable[[], None]) -> None:
        """Run a writing action; after a fatal error open the file again and run it once more."""
        try:
            try:
                action()
            except duckdb.FatalException:
                self._reopen()
                action()
        except BaseException as error:
            self._give_up(error)
            raise

    def change(self, action: Callable[[Connection], None]) -> None:
        """Run an action in a transaction, which must bear being run twice.

        Raises StoreFull while the disk has no room, StoreError otherwise.
        """

        def committed() -> None:
            with self._database.transaction() as connection:
                action(connection)

        with self.turn:
            self.check_room()
            self.attempt(committed)

    def read(self, ask: Callable[[Connection], Answer]) -> Answer:
        """Ask on a cursor of its own. Raises StoreError."""
        try:
            with self._database.reading() as cursor:
                return ask(cursor)
        except duckdb.Error as error:
            raise self._told(error) from error

    def read_again(self, ask: Callable[[Connection], Answer]) -> Answer:
        """As `read`; after a fatal error the file is opened again, and asked once more."""
        last: duckdb.Error
        for _ in range(2):
            seen = self.reopenings
            try:
                with self._database.reading() as cursor:
                    return ask(cursor)
            except duckdb.FatalException as error:
                last = error
                with self.turn:
                    if self.reopenings == seen:
                        self._reopen()
            except duckdb.Error as error:
                raise self._told(error) from error
        raise self._told(last) from last

    def holds(self, seq: int) -> bool:
        """Whether that flush is in the file."""
        sql = "SELECT 1 FROM flushes WHERE seq = ?"
        return self._database.connection.execute(sql, [seq]).fetchone() is not None

    def doubt(self, flushes: list[Flush]) -> None:
        """They were not acknowledged.

        Where the file cannot be opened again just now, nobody knows whether they are in.
        """
        self._doubtful = [] if self._database.is_open else flushes

    def note(self, error: StoreError) -> None:
        """Control could not take what was told to it."""
        self._trouble = ("lean", FULL) if isinstance(error, StoreFull) else _broken(error)

    def _give_up(self, error: BaseException) -> None:
        """Forget what a rolled-back transaction had noted; tell errors of DuckDB apart."""
        self._sealer.abandon()
        if self._database.is_open:
            try:
                self._books.reload(self._database.connection)
            except duckdb.Error:
                self._database.close()
        if not isinstance(error, duckdb.Error):
            return
        raise self._told(error) from error

    def _told(self, error: duckdb.Error) -> StoreError:
        told = told_apart(self._home.ops, error)
        if isinstance(told, StoreFull):
            self._trouble = ("lean", FULL)
        elif isinstance(told, StoreDamaged):
            self._damage = _broken(told)
        return told

    def _reopen(self) -> None:
        self.reopenings += 1
        self._sealer.abandon()
        try:
            self._database.reopen()
            self._take_back_doubtful()
            self._books.reload(self._database.connection)
        except StoreError as error:
            self._trouble = _broken(error)
            raise
        except duckdb.Error as error:
            self._database.close()
            raise self._told(error) from error

    def _take_back_doubtful(self) -> None:
        """Rows that were refused, yet may be in: whoever handed them over will do so again."""
        if not (self._doubtful and self._database.is_writable):
            return
        with self._database.transaction() as connection:
            for flush in self._doubtful:
                if self.holds(flush.seq):
                    table = period_of(RAW, flush.first_at).table
                    connection.execute(f"DELETE FROM {table} WHERE seq = ?", [flush.seq])  # noqa: S608 our own name
                    connection.execute("DELETE FROM flushes WHERE seq = ?", [flush.seq])
            forget_watermarks(connection)
        self._doubtful = []


def _broken(error: StoreError) -> tuple[str, Message]:
    return "broken", say("{reason}", reason=str(error))
