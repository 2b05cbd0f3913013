"""The first configuration, asked for by a page: look around, show the lines, write them once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.server.bodies import json_in, refusal, sent_in
from agent.server.sessions import insist_on_owner
from agent.sessions import Sessions
from models.errors import ConfigError, IntakeRefused, SignInRefused


class Connects(Protocol):
    """Raises ConfigError when the answers make no settings or the file cannot be written."""

    def found(self) -> dict[str, Any]: ...
    def draft(self, answers: Mapping[str, object], *, write: bool) -> dict[str, Any]: ...


def connect_routes(connects: Connects, sessions: Sessions | None = None) -> list[Route]:
    """With `sessions`, only an owner's page and the agent's own user may write."""

    async def found(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(connects.found))

    async def draft(request: Request) -> Response:
        shape = json_in(await sent_in(request))
        answers = shape.get("answers") if isinstance(shape, dict) else None
        if not isinstance(shape, dict) or not isinstance(answers, dict):
            raise IntakeRefused('send JSON like {"answers": {}, "write": false}')
        write = shape.get("write") is True
        if write and sessions is not None:
            insist_on_owner(request, sessions)
        return JSONResponse(await run_in_threadpool(lambda: connects.draft(answers, write=write)))

    return [
        Route("/connect", _told(found), methods=["GET"]),
        Route("/connect", _told(draft), methods=["POST"]),
    ]


def _told(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def careful(request: Request) -> Response:
        try:
            return await answer(request)
        except IntakeRefused as trouble:
            return refusal(str(trouble), trouble.status)
        except SignInRefused as trouble:
            return refusal(str(trouble), trouble.status)
        except ConfigError as trouble:
            return refusal(str(trouble), 422)

    return careful
