"""One request carried to its provider, and the answer back, chunk by chunk."""

import functools
import zlib
from asyncio import timeout
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import httpcore

from agent.gateway.along import Along, Asked, encoding_of
from agent.gateway.connecting import BROKEN, Answer, Connections
from agent.gateway.heads import Header, incoming
from agent.gateway.refusing import HEADERS, Refused
from agent.gateway.uploads import ADDRESSES
from agent.gateway.upstreams import Upstream
from sallim.guard import abandoned
from sallim.guard.answers import plain
from sallim.guard.attempts import Attempt

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Aside = Callable[..., Awaitable[Any]]
"""Calls a function on a thread: the ledger may wait for others."""

CONNECT_SECONDS = 10.0
ERROR_BYTES_MAX = 1_000_000
"""Of an answer that says no: it is read as a whole, so that no key in it goes on."""
NOT_SENT = (
    *(httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout),
    *(httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, httpcore.ProxyError),
)
"""Before the first byte of a request is on its way."""


class Cut(Exception):
    """The answer ended before its end, or its reader did; what was sent of it stands."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is carried. Without `attempt` it costs nothing; `asked` is what a free answer tells of.

    `waits`: the end of the attempt may have to wait for the ledger, or is long to work out.
    `own_address` turns an address for the rest of an upload into one of the gateway.
    """

    upstream: Upstream
    request: httpcore.Request
    attempt: Attempt | None
    hides: bool = False
    asked: Asked | None = None
    waits: bool = False
    own_address: Callable[[bytes], bytes] | None = None
    also: tuple[Header, ...] = ()
    """What the gateway says beside the provider."""

    def told(self, headers: list[Header]) -> list[Header]:
        """What the provider says, with the gateway's addresses in it. Raises Refused."""
        own = self.own_address
        if own is None:
            return [*headers, *self.also]
        return [
            (name, own(value) if name.lower() in ADDRESSES else value) for name, value in headers
        ]


def request_to(
    upstream: Upstream, method: str, target: bytes, headers: list[Header], content: bytes
) -> httpcore.Request:
    """To that provider and no other, whatever the target says."""
    told = [(b"host", upstream.host_header()), *upstream.key_headers(), *headers]
    told.append((b"accept-encoding", b"identity"))
    if content or method not in ("GET", "HEAD", "OPTIONS", "DELETE"):
        told.append((b"content-length", str(len(content)).encode()))
    url = httpcore.URL(
        scheme=upstream.scheme.encode(),
        host=upstream.host.encode(),
        port=upstream.port,
        target=upstream.prefix + target,
    )
    return httpcore.Request(method, url, headers=told, content=content)


class Relay:
    def __init__(
        self,
        connections: Connections,
        aside: Aside,
        seconds: float,
        client_seconds: float,
    ) -> None:
        self._connections = connections
        self._aside = aside
        self._timeouts = {
            "connect": CONNECT_SECONDS,
            "read": seconds,
            "write": seconds,
        }
        self._client_seconds = client_seconds

    async def carry(self, errand: Errand, send: Send) -> None:
        """Raises Refused before anything was answered, and Cut afterwards.

        The end of the call is told to the ledger in every case.
        """
        abandoned.watch()
        answer = await self._asked(errand)
        try:
            await self._answered(errand, answer.response, send)
        finally:
            await self._connections.done(answer)

    async def _asked(self, errand: Errand) -> Answer:
        errand.request.extensions["timeout"] = self._timeouts
        name, attempt = errand.upstream.name, errand.attempt
        try:
            return await self._connections.ask(errand.request)
        except NOT_SENT as error:
            kind = type(error).__name__
            if attempt is not None:
                await self._end(errand, attempt.not_sent, kind)
            raise Refused(502, f"{name} cannot be reached ({kind}); nothing was sent") from None
        except BROKEN as error:
            if attempt is not None:
                attempt.in_doubt()
            status = 504 if isinstance(error, httpcore.TimeoutException) else 502
            raise Refused(status, f"{name} did not answer ({type(error).__name__})") from None
        except BaseException:
            if attempt is not None:
                abandoned.later(
                    functools.partial(attempt.settle_estimated, None, None, "its caller left")
                )
            raise

    async def _answered(self, errand: Errand, response: httpcore.Response, send: Send) -> None:
        attempt, status = errand.attempt, response.status
        if not 200 <= status < 300:
            if attempt is not None:
                await self._end(errand, attempt.answered, status)
            await self._no(errand, response, send)
            return
        headers = {name.lower(): value for name, value in response.headers}
        reads = attempt if attempt is not None and attempt.answered(status) else None
        along = Along(reads, headers, errand.hides, errand.asked)
        key = (errand.upstream.key or "").encode()
        shown = incoming(errand.told(response.headers), along.keeps_length, key)
        start = {"type": "http.response.start", "status": status, "headers": shown}
        try:
            await self._out(send, start)
            await self._passed(errand, response, along, send)
        except (*BROKEN, TimeoutError) as error:
            await self._end(errand, along.end, False)
            raise Cut(type(error).__name__) from None
        except BaseException:
            along.leave()
            raise

    async def _passed(
        self, errand: Errand, response: httpcore.Response, along: Along, send: Send
    ) -> None:
        async for part in response.aiter_stream():
            shown = along.feed(part)
            if along.is_last:
                await self._end(errand, along.end, True, along.is_long)
            if shown:
                await self._out(send, _part(shown, True))
        rest = along.rest()
        if along.needs_end:
            await self._end(errand, along.end, True, along.is_long)
        # First the connection is free again, for the caller may come back at once.
        await response.aclose()
        await self._out(send, _part(rest, False))

    async def _no(self, errand: Errand, response: httpcore.Response, send: Send) -> None:
        """What is no success is short; a key that it repeats is taken out."""
        status, name = response.status, errand.upstream.name
        if 300 <= status < 400 and status != 304:
            raise Refused(502, f"{name} answered with a redirect, and none is followed")
        content = await _whole(response, name)
        key = (errand.upstream.key or "").encode()
        encoding = encoding_of({name.lower(): value for name, value in response.headers})
        try:
            content = plain(content, encoding)
        except (ValueError, zlib.error):
            raise Refused(502, f"{name} said {status} in a form that cannot be read") from None
        if key:
            content = content.replace(key, b"...")
        headers = [
            header
            for header in incoming(response.headers, False, key)
            if header[0] != b"content-encoding"
        ]
        if status not in (204, 304):
            headers.append((b"content-length", str(len(content)).encode()))
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await self._out(send, start)
        await self._out(send, {"type": "http.response.body", "body": content})

    async def _end(
        self, errand: Errand, end: Callable[..., Any], told: object, is_long: bool = False
    ) -> None:
        """Tell it to the ledger: here, or on a thread where that may take its time."""
        if errand.waits or is_long:
            await self._aside(end, told)
        else:
            end(told)

    async def _out(self, send: Send, message: MutableMapping[str, Any]) -> None:
        """Raises TimeoutError where nobody takes it."""
        async with timeout(self._client_seconds):
            await send(message)


def _part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def say_no(send: Send, refused: Refused) -> None:
    await send_whole(send, refused.status, refused.headers, refused.body())


async def send_whole(send: Send, status: int, headers: list[Header], content: bytes) -> None:
    told = [*(headers or HEADERS), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": content})


async def _whole(response: httpcore.Response, name: str) -> bytes:
    parts, size = [], 0
    try:
        async for part in response.aiter_stream():
            size += len(part)
            if size > ERROR_BYTES_MAX:
                break
            parts.append(part)
    except BROKEN as error:
        raise Refused(
            502, f"{name} said {response.status} and broke off ({type(error).__name__})"
        ) from None
    return b"".join(parts)
