"""Asking Redis: one kept connection, three exchanges a round, each with a third of the time."""

import time
from collections.abc import Sequence

from agent.collectors.redis.refusals import Address, failure
from agent.collectors.redis.wire import Answer, Connection, NotRedis, Refused
from models.errors import SourceError

EXCHANGES = 3


class Asking:
    def __init__(self, address: Address, url: str, password: str) -> None:
        self._address = address
        self._url = url
        self._password = password
        self._connection: Connection | None = None

    def ping(self) -> tuple[float, Refused | None]:
        """Seconds until it answered, and what it answered instead. Raises SourceError."""
        started = time.perf_counter()
        try:
            answer = self._pinged()
        except (OSError, ValueError, Refused, NotRedis) as error:
            raise self._over(error) from error
        if not isinstance(answer, Refused):
            return time.perf_counter() - started, None
        # It is there all the same: a user without PING, or a Redis that cannot save.
        if not str(answer).startswith(("NOPERM", "MISCONF")):
            raise self._over(answer)
        return time.perf_counter() - started, answer

    def all_of(self, commands: Sequence[Sequence[str]]) -> list[Answer]:
        """Their answers in one exchange; a refused one's is its refusal. Raises SourceError."""
        try:
            return self._connected().exchange(commands) if commands else []
        except (OSError, ValueError, Refused, NotRedis) as error:
            raise self._over(error) from error

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _pinged(self) -> Answer:
        if self._connection is not None:
            try:
                return self._connection.exchange([["PING"]])[0]
            except ConnectionError:
                # It was started anew since the last round: that it is back is what counts.
                self.close()
        return self._connected().exchange([["PING"]])[0]

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = Connection(self._url, self._password, self._address.timeout_seconds)
        return self._connection

    def _over(self, error: Exception) -> SourceError:
        self.close()
        return failure(self._address, error)
