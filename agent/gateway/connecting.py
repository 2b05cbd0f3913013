"""Connections to providers, kept for the next call.

httpcore's own pool asks the kernel about every idle connection at every call; here only the one
that is taken is looked at. No redirect is followed, no proxy of the environment, no cookie kept.
"""

import ssl
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import httpcore

CONNECTIONS_MAX, IDLE_MAX, IDLE_SECONDS = 400, 64, 15.0
BROKEN = (
    *(httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError),
    httpcore.ConnectionNotAvailable,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Its body is not read yet; give it back with `Connections.done`."""

    response: httpcore.Response
    connection: httpcore.AsyncHTTPConnection
    origin: str


class Connections:
    """For one event loop."""

    def __init__(self) -> None:
        self._ssl_context = ssl.create_default_context()
        self._idle: defaultdict[str, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)
        self._busy = 0

    async def ask(self, request: httpcore.Request) -> Answer:
        """Raises what httpcore does, and PoolTimeout where too many calls are on their way."""
        if self._busy >= CONNECTIONS_MAX:
            raise httpcore.PoolTimeout
        self._busy += 1
        connection = None
        try:
            origin = str(request.url.origin)
            connection = await self._taken(origin, request.url.origin)
            return Answer(await connection.handle_async_request(request), connection, origin)
        except BaseException:
            self._busy -= 1
            if connection is not None:
                with suppress(*BROKEN):
                    await connection.aclose()
            raise

    async def _taken(self, origin: str, place: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            if connection.is_idle() and not connection.has_expired():
                return connection
            with suppress(*BROKEN):
                await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin=place, ssl_context=self._ssl_context, keepalive_expiry=IDLE_SECONDS
        )

    async def done(self, answer: Answer) -> None:
        """Call it once. A connection whose answer was not read to its end is closed."""
        self._busy -= 1
        with suppress(*BROKEN):
            await answer.response.aclose()
        idle = self._idle[answer.origin]
        if answer.connection.is_idle() and not _says_more(answer) and len(idle) < IDLE_MAX:
            idle.append(answer.connection)
        else:
            with suppress(*BROKEN):
                await answer.connection.aclose()

    async def close(self) -> None:
        for idle in self._idle.values():
            while idle:
                with suppress(*BROKEN):
                    await idle.pop().aclose()


def _says_more(answer: Answer) -> bool:
    """Whether more came than the answer: it would be taken for that of the next call.

    Asked of httpcore's own state (1.0.9), for it shows only what has not been read yet.
    """
    inner = getattr(answer.connection, "_connection", None)
    state = getattr(inner, "_h11_state", None)
    return state is not None and state.trailing_data != (b"", False)
