"""One kept connection that can only read, and never waits longer than it may."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent.collectors.postgres.refusals import Address, refusal, silent
from models.errors import SourceUnreachable

if TYPE_CHECKING:
    from agent.collectors.postgres.bounded import Bounded

STATEMENT_SECONDS = 2.0
LOCK_SECONDS = 1.0
Params = Sequence[object]
Row = tuple[Any, ...]

# Set by a statement, not by startup options: a connection pooler in between refuses those.
GUARDS = (
    "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false), "
    "set_config('default_transaction_read_only', 'on', false)"
)


class QueryFailed(Exception):
    """The server refused one query and goes on. `code` is its SQLSTATE."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Session:
    """`source` and `address` are whom its errors name. `made` counts the connections made."""

    def __init__(
        self, source: str, url: str, address: Address, password: str, timeout_seconds: float
    ) -> None:
        self._source = source
        self._url = url
        self._address = address
        self._password = password
        self._timeout_seconds = timeout_seconds
        self._connection: Bounded | None = None
        self._end_seconds = 0.0
        self.made = 0

    def begin(self) -> None:
        """A round begins: connect where there is no connection. Raises SourceError."""
        self._end_seconds = time.monotonic() + self._timeout_seconds
        if self._connection is not None:
            self._connection.end_seconds = self._end_seconds
            if not self._answers():
                # The server was restarted since: that it is back is what counts.
                self.close()
        if self._connection is None:
            self._connection = self._connected()
            self.made += 1

    def rows(self, sql: str, params: Params = ()) -> list[Row]:
        """Raises QueryFailed where only this query fails, SourceUnreachable where all is over."""
        import psycopg

        from agent.collectors.postgres.bounded import RoundOver

        connection = self._connection
        if connection is None:
            raise silent(self._source, self._address, self._timeout_seconds)
        try:
            with connection.cursor() as cursor:
                # Never prepared: a pooler may answer the next one from another session.
                cursor.execute(sql.encode(), params or None, prepare=False)
                return cursor.fetchall()
        except RoundOver as error:
            self.close()
            raise silent(self._source, self._address, self._timeout_seconds) from error
        except psycopg.Error as error:
            if connection.closed or (error.sqlstate or "").startswith(("57P", "08")):
                self.close()
                raise self._lost(error) from error
            raise QueryFailed(error.sqlstate or "", str(error)) from error

    @property
    def host(self) -> str:
        """A name, an address, or the folder of the socket; "" without a connection."""
        return self._connection.info.host if self._connection is not None else ""

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _answers(self) -> bool:
        try:
            self._guard()
        except (QueryFailed, SourceUnreachable):
            if time.monotonic() >= self._end_seconds:
                raise
            return False
        return True

    def _guard(self) -> None:
        """Every round: a pooler may have given us another session since."""
        self.rows(GUARDS, (f"{STATEMENT_SECONDS:g}s", f"{LOCK_SECONDS:g}s"))

    def _connected(self) -> "Bounded":
        import psycopg

        from agent.collectors.postgres.bounded import Bounded, PlainInt

        try:
            connection = Bounded.connect(
                self._url,
                autocommit=True,
                prepare_threshold=None,
                password=self._password or None,
                application_name="sallim",
                # Whole seconds, and never less than two: the driver's own rule.
                connect_timeout=max(2, int(self._timeout_seconds) - 1),
            )
        except psycopg.errors.ConnectionTimeout as error:
            raise silent(self._source, self._address, self._timeout_seconds) from error
        except (psycopg.Error, UnicodeError, OSError) as error:
            raise refusal(self._source, self._address, str(error)) from error
        connection.adapters.register_dumper(int, PlainInt)
        connection.end_seconds = self._end_seconds
        self._connection = connection
        try:
            self._guard()
        except QueryFailed as error:
            self.close()
            raise refusal(self._source, self._address, f"FATAL {error}") from error
        return connection

    def _lost(self, error: Exception) -> SourceUnreachable:
        failure = refusal(self._source, self._address, str(error))
        return SourceUnreachable(self._source, failure.reason)
