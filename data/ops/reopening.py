"""What may befall the open file, and the way back: a full disk, a fatal error, damage."""

import threading
from collections.abc import Callable
from contextlib import suppress
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
Told = TypeVar("Told")


class Mender:
    """Reads and writes go through it: it opens the file again, and knows what is wrong with it.

    Who writes holds `turn`; readers need none.
    """

    def __init__(self, home: Home, free_min_bytes: int, database: Database, books: Books) -> None:
        self.turn = threading.RLock()
        self.sealer = Sealer()
        self._home = home
        self._free_min_bytes = free_min_bytes
        self._database = database
        self._books = books
        self._trouble: tuple[str, Message] | None = None
        self._damage: tuple[str, Message] | None = None
        self._reopenings = 0
        self._doubtful: list[Flush] = []
