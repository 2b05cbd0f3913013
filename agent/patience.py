"""How long and how often the server waits for those who connect: who sends nothing must go."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS_MAX = 100
"""At one door. Each holds a file descriptor, and the collectors need some, too."""
LOOK_SECONDS = 10.0
"""A connection without a whole head of a request for that long is closed."""
LOOKS_MAX = 12
"""So many looks an exchange may last; the longest query that settings allow takes 60 s."""


class Patient:
    """Mixed into a protocol of uvicorn; those wait for ever for a first request, for a body, and
    for a reader.
    """

    look_seconds = LOOK_SECONDS
    connections_max = CONNECTIONS_MAX
    looks_max: int | None = LOOKS_MAX
    """None: an exchange may last for as long as it likes."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    connections: set[Any]
    cycle: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seen: Any = None
        self._looks = 0
        self._next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)  # type: ignore[misc]  # the protocol that it is mixed into
        if len(self.connections) > self.connections_max:
            transport.abort()
        else:
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        super().connection_lost(exc)  # type: ignore[misc]  # the protocol that it is mixed into

    def _look_later(self) -> None:
        self._next_look = self.loop.call_later(self.look_seconds, self._look)

    def _look(self) -> None:
        cycle = self.cycle
        self._looks = self._looks + 1 if cycle is self._seen else 0
        self._seen = cycle
        is_waiting = cycle is None or cycle.response_complete
        most = 1 if is_waiting else self.looks_max
        if most is not None and self._looks >= most:
            self.transport.abort()
        else:
            self._look_later()


class PatientProtocol(Patient, H11Protocol):  # type: ignore[misc]  # narrower names of the mixin
    """uvicorn's own, which is patient without end."""
