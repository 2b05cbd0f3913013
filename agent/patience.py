"""How long and how often the server waits for those who connect: who sends nothing must go."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

CONNECTIONS_MAX = 100
"""At one door. Each holds a file descriptor, and the collectors need some, too."""
LOOK_SECONDS = 10.0
"""A connection without a whole head of a request for that long is closed."""
LOOKS_MAX = 12
"""So many looks an exchange may last; the longest query that settings allow takes 60 s."""


class PatientProtocol(H11Protocol):
    """uvicorn's own, which waits for ever for a first request, for a body, and for a reader."""

    look_seconds = LOOK_SECONDS
    connections_max = CONNECTIONS_MAX

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seen: RequestResponseCycle | None = None
        self._looks = 0
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        super().connection_made(transport)
        if len(self.connections) > self.connections_max:
            transport.abort()
        else:
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self.look_seconds, self._look)

    def _look(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        self._looks = self._looks + 1 if cycle is self._seen else 0
        self._seen = cycle
        is_waiting = cycle is None or cycle.response_complete
        if self._looks >= (1 if is_waiting else LOOKS_MAX):
            self.transport.abort()
        else:
            self._look_later()
