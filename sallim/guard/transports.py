"""Transports of httpx and httpx2 that reserve, send, read along and settle.

Interface: `BaseTransport.handle_request` and `AsyncBaseTransport.handle_async_request` of httpx
0.28 and httpx2 2.16. Both flavours are made from the same code, whichever the program has.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from sallim.guard import abandoned, durations
from sallim.guard.answers import Events, Whole
from sallim.guard.asking import Changed, with_usage
from sallim.guard.attempts import Attempt
from sallim.guard.flowing import AsyncStream, Stream, begun_aside, call_aside
from sallim.guard.loading import http_module
from sallim.guard.metering import Meter
from sallim.guard.reading import HEADERS_READ, Endpoint, Request
from sallim.guard.refusing import Refusal

NOT_SENT = (
    *("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"),
    *("LocalProtocolError", "ProxyError"),
)
"""Errors of a transport before the first byte of a request is on its way."""
ENCODINGS = "gzip, deflate"
"""What is read here without a package of its own."""
CONTENT = {name.encode(): name for name in ("content-type", "content-encoding")}


def head_of(request: Any) -> Request:
    url = request.url
    headers = _headers(request, HEADERS_READ)
    return Request(request.method, url.scheme, url.host, url.port, url.path, headers)


def _headers(message: Any, wanted: Mapping[bytes, str]) -> dict[str, str]:
    """Those of the wanted that are there; the table of headers takes three times as long to ask."""
    return {
        wanted[key]: value.decode("latin-1")
        for name, value in message.headers.raw
        if (key := name.lower()) in wanted
    }


class _Guarded:
    """Around another transport; a request that is refused never reaches it."""

    http: Any
    stream: type
    not_sent: tuple[type[BaseException], ...]

    def __init__(self, inner: Any, meter: Meter) -> None:
        self._inner, self._meter = inner, meter


class _Sync(_Guarded):
    def handle_request(self, request: Any) -> Any:
        head = head_of(request)
        endpoint = self._meter.endpoint(head)
        if isinstance(endpoint, Refusal):
            return _refused(self.http, endpoint)
        if not endpoint.flavour:
            return self._free(request, endpoint)
        attempt = self._meter.begin(endpoint, head, request.read())
        if isinstance(attempt, Refusal):
            return _refused(self.http, attempt)
        outgoing, hides = _outgoing(self.http, request, attempt)
        try:
            response = self._inner.handle_request(outgoing)
        except self.not_sent as error:
            attempt.not_sent(type(error).__name__)
            raise
        except BaseException:
            attempt.in_doubt()
            raise
        if not attempt.answered(response.status_code):
            return response
        return _response(self, response, (_reader(attempt, response, hides),))

    def _free(self, request: Any, endpoint: Endpoint) -> Any:
        response = self._inner.handle_request(request)
        if _tells(endpoint, request, response):
            durations.remember(endpoint.path, _sent(request), response.read())
        return response

    def __enter__(self) -> Any:
        self._inner.__enter__()
        return self

    def __exit__(self, *told: Any) -> None:
        self._inner.__exit__(*told)

    def close(self) -> None:
        self._inner.close()


class _Async(_Guarded):
    async def handle_async_request(self, request: Any) -> Any:
        head = head_of(request)
        endpoint = self._meter.endpoint(head)
        if isinstance(endpoint, Refusal):
            return _refused(self.http, endpoint)
        if not endpoint.flavour:
            return await self._free(request, endpoint)
        content = await request.aread()
        aside = self._meter.waits()
        attempt = await begun_aside(aside, _leave, self._meter.begin, endpoint, head, content)
        if isinstance(attempt, Refusal):
            return _refused(self.http, attempt)
        outgoing, hides = _outgoing(self.http, request, attempt)
        try:
            response = await self._inner.handle_async_request(outgoing)
        except self.not_sent as error:
            await call_aside(aside, attempt.not_sent, type(error).__name__)
            raise
        except BaseException:
            attempt.in_doubt()
            raise
        if not await call_aside(aside, attempt.answered, response.status_code):
            return response
        return _response(self, response, (_reader(attempt, response, hides), aside))

    async def _free(self, request: Any, endpoint: Endpoint) -> Any:
        response = await self._inner.handle_async_request(request)
        if _tells(endpoint, request, response):
            durations.remember(endpoint.path, _sent(request), await response.aread())
        return response

    async def __aenter__(self) -> Any:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *told: Any) -> None:
        await self._inner.__aexit__(*told)

    async def aclose(self) -> None:
        await self._inner.aclose()


@functools.cache
def transports_of(flavour: str) -> tuple[type, type]:
    """The class of the transport for that module, and the asynchronous one."""
    http = http_module(flavour)
    shared = {"http": http, "not_sent": tuple(getattr(http, name) for name in NOT_SENT)}
    stream = type("GuardStream", (Stream, http.SyncByteStream), {})
    async_stream = type("AsyncGuardStream", (AsyncStream, http.AsyncByteStream), {})
    return (
        type("GuardTransport", (_Sync, http.BaseTransport), {**shared, "stream": stream}),
        type(
            "AsyncGuardTransport",
            (_Async, http.AsyncBaseTransport),
            {**shared, "stream": async_stream},
        ),
    )


def _leave(begun: Attempt | Refusal) -> None:
    if isinstance(begun, Attempt):
        begun.not_sent("its caller left")


def _refused(http: Any, refusal: Refusal) -> Any:
    return http.Response(refusal.status, headers=refusal.headers(), content=refusal.body())


def _outgoing(http: Any, request: Any, attempt: Attempt) -> tuple[Any, bool]:
    """The request as it is sent. Only what asks for the usage is added to its body."""
    call = attempt.call
    wanted = "identity" if call.stream else ENCODINGS
    if request.headers.get("accept-encoding") != wanted:
        request.headers["accept-encoding"] = wanted
    # Where nothing is written down nothing is read along, and so nothing is asked for.
    changed = Changed(None, False) if attempt.is_over else with_usage(call)
    if changed.content is None:
        return request, changed.hides
    headers = [
        (name, value)
        for name, value in request.headers.raw
        if name.lower() not in (b"content-length", b"transfer-encoding")
    ]
    outgoing = http.Request(
        request.method,
        request.url,
        headers=headers,
        content=changed.content,
        extensions=request.extensions,
    )
    return outgoing, changed.hides


def _reader(attempt: Attempt, response: Any, hides: bool) -> Whole | Events:
    headers = _headers(response, CONTENT)
    kind = headers.get("content-type", "")
    encoding = headers.get("content-encoding", "").strip().lower()
    abandoned.watch()
    if kind.startswith("text/event-stream") and encoding in ("", "identity"):
        return Events(attempt, hides)
    return Whole(attempt, encoding)


def _response(guarded: _Guarded, response: Any, told: tuple[Any, ...]) -> Any:
    """With a stream that is read along."""
    headers = response.headers
    if isinstance(told[0], Events) and "content-length" in headers:
        del headers["content-length"]
    stream = guarded.stream(response.stream, *told)
    if not hasattr(response, "_content"):
        response.stream = stream
        return response
    # One that was read already would not ask its stream any more.
    return guarded.http.Response(
        response.status_code, headers=headers, stream=stream, extensions=response.extensions
    )


def _sent(request: Any) -> bytes:
    """The body, where it is at hand; an upload that was streamed is not."""
    content: bytes = getattr(request, "_content", b"")
    return content


def _tells(endpoint: Endpoint, request: Any, response: Any) -> bool:
    """Whether an answer that costs nothing says how long or how much something is."""
    return (
        durations.tells(endpoint.provider, endpoint.path)
        and response.status_code == 200
        and response.headers.get("content-type", "").startswith("application/json")
        and "alt=media" not in str(request.url)
    )
