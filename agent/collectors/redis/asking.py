"""Asking Redis: one kept connection, three exchanges a round, each with a third of the time."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from agent.collectors.redis.refusals import Address, failure

if TYPE_CHECKING:
    import redis

EXCHANGES = 3
Command = tuple[str, ...]


class Asking:
    def __init__(self, address: Address, url: str, password: str) -> None:
        self._address = address
        self._url = url
        self._password = password
        self._client: redis.Redis | None = None

    def ping(self) -> tuple[float, Exception | None]:
        """Seconds until it answered, and what it answered instead. Raises SourceError."""
        import redis
        from redis.exceptions import NoPermissionError

        started = time.perf_counter()
        refused = None
        try:
            self._connected().ping()
        except redis.ResponseError as error:
            # It is there all the same: a user without PING, or a Redis that cannot save.
            if not isinstance(error, NoPermissionError) and "MISCONF" not in str(error):
                raise self._over(error) from error
            refused = error
        except (redis.RedisError, OSError, ValueError) as error:
            raise self._over(error) from error
        return time.perf_counter() - started, refused

    def all_of(self, commands: Sequence[Command]) -> list[Any]:
        """Their answers in one exchange; a refused one's is an exception."""
        import redis

        if not commands:
            return []
        pipeline: Any = self._connected().pipeline(transaction=False)
        try:
            for command in commands:
                pipeline.execute_command(*command)
            return list(pipeline.execute(raise_on_error=False))
        except (redis.RedisError, OSError, ValueError) as error:
            raise self._over(error) from error

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close()

    def _over(self, error: Exception) -> Exception:
        self.close()
        return failure(self._address, error)

    def _connected(self) -> "redis.Redis":
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        if self._client is None:
            seconds = self._address.timeout_seconds
            self._client = redis.Redis.from_url(
                self._url,
                password=self._password or None,
                protocol=2,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                # Once more where it was restarted since the last round; never after a silence.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
                decode_responses=True,
                encoding_errors="replace",
                client_name=None,
                max_connections=1,
            )
        return self._client
