"""A connection whose every wait ends when the round does. Loads the driver: import it late."""

import time
from math import inf
from typing import Any

import psycopg
from psycopg.adapt import Dumper

Row = tuple[Any, ...]


class RoundOver(Exception):
    """There was no answer before the end of the round. The connection is of no more use."""


class PlainInt(Dumper):
    """The driver's own one asks numpy, and fails where data/lean.py bars it."""

    oid = psycopg.postgres.types["int8"].oid

    def dump(self, obj: Any) -> bytes:
        return str(obj).encode()


class Bounded(psycopg.Connection[Row]):
    """`statement_timeout` is kept by the server, and one that hangs keeps nothing."""

    end_seconds = inf
    """Of the monotonic clock."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        left = max(self.end_seconds - time.monotonic(), 0.0)
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.Error as error:
            if time.monotonic() >= self.end_seconds:
                raise RoundOver from error
            raise
