"""What pages read with: the agent's socket, or the file itself while the agent is silent.

Columns come as numpy arrays, since figures want them so; SQL stands in the other modules of
`data/`, which are handed a reader.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

from data.asking import Answer, ask
from data.home import Home
from models.errors import AgentSilent, QueryRefused, StoreError
from models.live import Live, live_from_json
from models.sessions import SESSION_HEADER

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

SILENCE_SECONDS = 2.0
"""How long a silent agent is not asked again, so that a page of many parts waits only once."""

Source = Literal["agent", "file", "nothing"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each kind of question may take, in seconds."""

    live_seconds: float = 1.5
    query_seconds: float = 8.0
    look_seconds: float = 30.0
    """To look around and ask every source once."""


class Reader:
    """One for a process; safe to use from several threads.

    `source` says who answered last: the agent, the file (read-only, agent silent), or nothing.
    """

    def __init__(
        self,
        home: Home,
        patience: Patience | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.home = home
        self.source: Source = "nothing"
        self._patience = patience or Patience()
        self._monotonic = monotonic
        self._silent_until = 0.0

    def live(self, history: Sequence[str] = (), minutes: int = 15) -> Live | None:
        """Latest values and states from the agent's memory; None while the agent is silent.

        `history` names metrics whose last minutes are wanted too.
        """
        wanted = {"history": ",".join(history), "minutes": minutes} if history else {}
        try:
            return live_from_json(self._get(f"/live?{urlencode(wanted)}"))
        except AgentSilent:
            return None

    def health(self) -> dict[str, Any] | None:
        """What `GET /health` says; None while the agent is silent."""
        try:
            return self._get("/health")
        except AgentSilent:
            return None

    def details(self) -> dict[str, Any] | None:
        """What sources know that no series can say, by their name; None while nobody answers."""
        try:
            return self._get("/details")
        except AgentSilent:
            return None

    def asked(
        self, target: str, shape: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]:
        """Ask the agent to look or to do something, for whoever has that session; its answer.

        Raises QueryRefused with the agent's reason, AgentSilent when nobody answers.
        """
        body = None if shape is None else json.dumps(shape).encode()
        answer: dict[str, Any] = json.loads(
            self._ask(target, self._patience.look_seconds, body, session)
        )
        return answer

    def columns(self, sql: str, params: Sequence[object] = ()) -> "dict[str, np.ndarray[Any, Any]]":
        """Run one SELECT; a numpy array a column, in the order of the statement.

        Raises QueryRefused when the statement breaks a rule or is wrong, and AgentSilent when
        neither the agent nor the file can answer.
        """
        table = self._table(sql, params)
        return {
            name: table.column(name).to_numpy(zero_copy_only=False) for name in table.column_names
        }

    def frame(self, sql: str, params: Sequence[object] = ()) -> "pd.DataFrame":
        """Like `columns`, as a DataFrame."""
        frame: pd.DataFrame = self._table(sql, params).to_pandas()
        return frame

    def _get(self, target: str) -> dict[str, Any]:
        shape: dict[str, Any] = json.loads(self._ask(target, self._patience.live_seconds))
        return shape

    def _table(self, sql: str, params: Sequence[object]) -> "pa.Table":
        question = json.dumps({"sql": sql, "params": list(params)}).encode()
        try:
            stream = self._ask("/query", self._patience.query_seconds, question)
        except AgentSilent:
            return self._table_from_file(sql, params)
        import pyarrow.ipc

        self.source = "agent"
        return pyarrow.ipc.open_stream(stream).read_all()

    def _ask(
        self, target: str, seconds: float, body: bytes | None = None, session: str | None = None
    ) -> bytes:
        if self._monotonic() < self._silent_until:
            raise AgentSilent(f"the agent at {self.home.socket} did not answer a moment ago")
        try:
            # A program of the household sends none, and is judged by its user.
            headers = {} if session is None else {SESSION_HEADER: session}
            answer = ask(self.home.socket, target, seconds, body, headers)
        except AgentSilent:
            self._silent_until = self._monotonic() + SILENCE_SECONDS
            raise
        if answer.status >= 400:
            raise QueryRefused(_reason(target, answer))
        return answer.body

    def _table_from_file(self, sql: str, params: Sequence[object]) -> "pa.Table":
        """Open, read, close: a held handle would keep the agent from starting."""
        import duckdb

        from data.ops.connection import first_line, open_for_reading

        self.source = "nothing"
        if not self.home.ops.exists():
            raise AgentSilent(
                f"there is no store at {self.home.ops} yet. Start the agent with `make run`."
            )
        try:
            with open_for_reading(self.home) as connection:
                table = connection.execute(sql, list(params)).to_arrow_table()
        except StoreError as error:
            raise AgentSilent(str(error)) from error
        except duckdb.Error as error:
            # Of an older version, for example, which the agent brings up to date when it starts.
            raise QueryRefused(f"Query refused: {first_line(error)}") from error
        self.source = "file"
        return table


def _reason(target: str, answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the agent answered {answer.status} to {target}"
