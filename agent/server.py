"""The agent's own HTTP: reads for the pages over a Unix socket, metrics for Prometheus over TCP."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from agent.exposition import CONTENT_TYPE, exposition
from agent.live import KEPT_SECONDS
from agent.patience import PatientProtocol
from models.errors import QueryRefused, StoreError

log = logging.getLogger(__name__)

BODY_BYTES_MAX = 1_000_000
QUESTIONS_MAX = 4
"""Answered at the same time; each holds a thread, and memory for its rows."""
QUEUE_SECONDS_MAX = 2.0
MINUTES_MAX = int(KEPT_SECONDS) // 60
HEARTBEAT_SECONDS = 10.0


class View(Protocol):
    """What the server may know and ask of the agent."""

    def health(self) -> dict[str, Any]: ...
    def live(self, history: Sequence[str], minutes: int) -> bytes: ...
    def query(self, sql: str, params: Sequence[object]) -> bytes: ...
    def metrics(self) -> list[tuple[str, str, dict[str, str], float]]: ...


@dataclass(frozen=True, slots=True)
class Door:
    """One address that is served: an open socket, and the application behind it."""

    socket: socket.socket
    app: ASGIApp


def inner_app(view: View) -> Starlette:
    """For the Unix socket: whoever may open the file may ask."""
    free = asyncio.Semaphore(QUESTIONS_MAX)

    async def health(_: Request) -> Response:
        return JSONResponse(view.health())

    async def live(request: Request) -> Response:
        query = request.query_params
        names = [name for name in query.get("history", "").split(",") if name]
        text = query.get("minutes", "15")
        minutes = min(int(text), MINUTES_MAX) if text.isdigit() else MINUTES_MAX
        return Response(view.live(names, minutes), media_type="application/json")

    async def query(request: Request) -> Response:
        return await _query(view, request, free)

    async def metrics(_: Request) -> Response:
        return await _metrics(view)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/live", live),
            Route("/query", query, methods=["POST"]),
            Route("/metrics", metrics),
        ]
    )


NameOfToken = Callable[[str], str | None]
"""The name of a token that is known and not revoked, else None."""


def outer_app(view: View, name_of_token: NameOfToken) -> Starlette:
    """For the TCP listener: every request carries a bearer token that the agent knows."""

    async def metrics(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            name = await run_in_threadpool(name_of_token, token) if token else None
        except StoreError:
            return _refusal("the tokens cannot be read; `python -m agent doctor` says why", 503)
        if scheme.lower() != "bearer" or name is None:
            return JSONResponse(
                {
                    "error": "a bearer token is needed. Make one with "
                    "`python -m agent token create NAME` and send it as "
                    "`Authorization: Bearer ...`."
                },
                status_code=401,
                headers={"www-authenticate": "Bearer"},
            )
        return await _metrics(view)

    return Starlette(routes=[Route("/metrics", metrics)])


async def _metrics(view: View) -> Response:
    text = await run_in_threadpool(lambda: exposition(view.metrics()))
    return Response(text, media_type=CONTENT_TYPE)


async def _query(view: View, request: Request, free: asyncio.Semaphore) -> Response:
    body = await _body_of(request)
    if body is None:
        return _refusal(f"the question is longer than the limit of {BODY_BYTES_MAX} bytes", 413)
    try:
        shape = json.loads(body)
        sql, params = str(shape["sql"]), list(shape.get("params") or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _refusal('send JSON like {"sql": "SELECT ...", "params": []}', 400)
    try:
        await asyncio.wait_for(free.acquire(), QUEUE_SECONDS_MAX)
    except TimeoutError:
        return _refusal(f"{QUESTIONS_MAX} other questions are being answered. Ask again soon.", 503)
    try:
        stream = await run_in_threadpool(view.query, sql, params)
    except QueryRefused as refusal:
        return _refusal(str(refusal), 422)
    except StoreError as trouble:
        return _refusal(str(trouble), 503)
    finally:
        free.release()
    return Response(stream, media_type="application/vnd.apache.arrow.stream")


async def _body_of(request: Request) -> bytes | None:
    """None when it is too long; nothing beyond the limit is kept."""
    body = bytearray()
    # Of somebody who went away there is nothing to tell, and nobody to tell it to.
    with suppress(ClientDisconnect):
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                return None
    return bytes(body)


def _refusal(reason: str, status: int) -> Response:
    # What is left of a question that was too long is not read for.
    headers = {"connection": "close"} if status == 413 else None
    return JSONResponse({"error": reason}, status_code=status, headers=headers)


def listen_on_path(path: Path, mode: int = 0o600) -> socket.socket:
    """Bind the Unix socket; what an agent that was killed left behind is replaced.

    Call it only while holding the home's lock: then nobody else can be listening here.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(mode)
    listener.listen(128)
    return listener


def listen_on_tcp(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


class _Quiet(uvicorn.Server):
    """uvicorn that sleeps until it is told to end, instead of waking ten times a second."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=PatientProtocol,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        self.ending = asyncio.Event()

    async def main_loop(self) -> None:
        await self.ending.wait()


class ServerLoop:
    """Serves all doors from one thread; `ticked_at` moves while its event loop is alive."""

    period_seconds = HEARTBEAT_SECONDS

    def __init__(self, doors: Sequence[Door], monotonic: Callable[[], float]) -> None:
        self.ticked_at = monotonic()
        self._doors = doors
        self._monotonic = monotonic
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: list[_Quiet] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def start(self) -> None:
        """Return once the doors are open."""
        self._thread.start()
        self._ready.wait(10)

    def stop(self, seconds: float) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end)
        self._thread.join(seconds)

    def _end(self) -> None:
        for server in self._servers:
            server.ending.set()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            log.exception("the agent's HTTP server ended")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._servers = [_Quiet(door.app) for door in self._doors]
        heartbeat = asyncio.create_task(self._beat())
        pairs = zip(self._servers, self._doors, strict=True)
        serving = [asyncio.create_task(s.serve(sockets=[d.socket])) for s, d in pairs]
        self._ready.set()
        await asyncio.gather(*serving)
        heartbeat.cancel()

    async def _beat(self) -> None:
        while True:
            self.ticked_at = self._monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)
