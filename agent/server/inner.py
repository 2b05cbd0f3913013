"""For the Unix socket: whoever may open the file may ask."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.exposition import CONTENT_TYPE, exposition
from agent.live import KEPT_SECONDS
from agent.server.bodies import BODY_BYTES_MAX, body_of, refusal
from agent.server.connect import Connects, connect_routes
from agent.server.intake import Intake, local_routes
from agent.server.requests import People, request_routes
from agent.server.sessions import SignIn, session_routes
from models.errors import QueryRefused, StoreError

QUESTIONS_MAX = 4
"""Answered at the same time; each holds a thread, and memory for its rows."""
QUEUE_SECONDS_MAX = 2.0
MINUTES_MAX = int(KEPT_SECONDS) // 60


class View(Protocol):
    """What the server may know and ask of the agent."""

    def health(self) -> dict[str, Any]: ...
    def live(self, history: Sequence[str], minutes: int) -> bytes: ...
    def details(self) -> Mapping[str, object]: ...
    def stops(self) -> Mapping[str, object]: ...
    def query(self, sql: str, params: Sequence[object]) -> bytes: ...
    def metrics(self) -> list[tuple[str, str, dict[str, str], float]]: ...


def inner_app(
    view: View,
    intake: Intake | None = None,
    connects: Connects | None = None,
    sign_in: SignIn | None = None,
    people: People | None = None,
) -> Starlette:
    """Without `intake` nothing can be sent in; without `connects` nothing is configured; without
    `sign_in` nobody is let in; without `people` nobody can ask for anything.
    """
    free = asyncio.Semaphore(QUESTIONS_MAX)
    sessions = sign_in.sessions if sign_in is not None else None

    async def health(_: Request) -> Response:
        return JSONResponse(view.health())

    async def live(request: Request) -> Response:
        query = request.query_params
        names = [name for name in query.get("history", "").split(",") if name]
        text = query.get("minutes", "15")
        minutes = min(int(text), MINUTES_MAX) if _is_number(text) else MINUTES_MAX
        return Response(view.live(names, minutes), media_type="application/json")

    async def details(_: Request) -> Response:
        text = await run_in_threadpool(lambda: json.dumps(view.details(), default=str))
        return Response(text, media_type="application/json")

    async def stops(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(view.stops))

    async def query(request: Request) -> Response:
        return await _query(view, request, free)

    async def metrics(_: Request) -> Response:
        return await metrics_of(view)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/live", live),
            Route("/details", details),
            Route("/stops", stops),
            Route("/query", query, methods=["POST"]),
            Route("/metrics", metrics),
            *(request_routes(people) if people is not None else ()),
            *(session_routes(sign_in) if sign_in is not None else ()),
            *(local_routes(intake) if intake is not None else ()),
            *(connect_routes(connects, sessions) if connects is not None else ()),
        ]
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


async def metrics_of(view: View) -> Response:
    text = await run_in_threadpool(lambda: exposition(view.metrics()))
    return Response(text, media_type=CONTENT_TYPE)


async def _query(view: View, request: Request, free: asyncio.Semaphore) -> Response:
    body = await body_of(request)
    if body is None:
        return refusal(f"the question is longer than the limit of {BODY_BYTES_MAX} bytes", 413)
    try:
        shape = json.loads(body)
        sql, params = str(shape["sql"]), list(shape.get("params") or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return refusal('send JSON like {"sql": "SELECT ...", "params": []}', 400)
    try:
        await asyncio.wait_for(free.acquire(), QUEUE_SECONDS_MAX)
    except TimeoutError:
        return refusal(f"{QUESTIONS_MAX} other questions are being answered. Ask again soon.", 503)
    try:
        stream = await run_in_threadpool(view.query, sql, params)
    except QueryRefused as trouble:
        return refusal(str(trouble), 422)
    except StoreError as trouble:
        return refusal(str(trouble), 503)
    finally:
        free.release()
    return Response(stream, media_type="application/vnd.apache.arrow.stream")
