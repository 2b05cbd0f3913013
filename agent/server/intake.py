"""What is sent in: pushes of probes, heartbeats, jobs. The same at both doors."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.server.bodies import json_in, refusal, sent_in, unpacked
from agent.server.peers import PEER, Peer, is_command
from models.beats import FAIL, MESSAGE_MAX, OK, STATES, Word, seconds_of
from models.errors import IntakeRefused, StoreError
from models.pushing import Push, push_of

UNPACKED_MAX = 2
"""Bodies that are read at the same time at one door; the others wait for their turn."""
JOBS_MAX = 1000
"""In one request."""
LOCAL = ""
"""Whose what comes in by the Unix socket is: no token's."""
COMMAND_LINE = ".venv/bin/python -m agent machines"
WORDS = ("every", "grace", "state", "exit", "message")

Shape = Mapping[str, object]
Taker = Callable[[Request, str], Awaitable[Response]]
"""Takes a request of the holder of that token."""


class Intake(Protocol):
    """Where what is sent in goes. Raises IntakeRefused, and StoreError while it cannot be kept."""

    def push(self, push: Push, token: str) -> Shape: ...
    def beat(self, name: str, word: Word, token: str) -> Shape: ...
    def jobs(self, told: list[dict[str, object]]) -> int: ...
    def machines(self) -> Shape: ...
    def switch(self, kind: str, name: str, state: str) -> Shape: ...
    def probe_file(self) -> bytes: ...


def takers(intake: Intake) -> list[tuple[str, str, Taker]]:
    """Path, method and taker of what is sent in."""
    free = asyncio.Semaphore(UNPACKED_MAX)

    async def unpack(request: Request, take: Callable[[object], object]) -> object:
        """What `take` makes of the JSON that came, a few at a time: unpacked it may be large."""
        packed = await sent_in(request)
        encoding = request.headers.get("content-encoding", "")
        async with free:
            return await run_in_threadpool(lambda: take(json_in(unpacked(packed, encoding))))

    async def push(request: Request, token: str) -> Response:
        return JSONResponse(await unpack(request, lambda shape: intake.push(push_of(shape), token)))

    async def beat(request: Request, token: str) -> Response:
        name, word = request.path_params["name"], word_of(request, await sent_in(request))
        return JSONResponse(await run_in_threadpool(intake.beat, name, word, token))

    async def jobs(request: Request, _: str) -> Response:
        taken = await unpack(request, lambda shape: intake.jobs(jobs_of(shape)))
        return JSONResponse({"taken": taken})

    async def probe_file(_: Request, __: str) -> Response:
        data = await run_in_threadpool(intake.probe_file)
        named = {"content-disposition": 'attachment; filename="sallim-probe.pyz"'}
        return Response(data, media_type="application/octet-stream", headers=named)

    return [
        ("/push", "POST", push),
        ("/beat/{name}", "POST", beat),
        ("/jobs", "POST", jobs),
        ("/probe.pyz", "GET", probe_file),
    ]


def local_routes(intake: Intake) -> list[Route]:
    """For the Unix socket: the same without a token, and what a person on this machine may do."""

    async def machines(_: Request, __: str) -> Response:
        return JSONResponse(await run_in_threadpool(intake.machines))

    async def switch(request: Request, _: str) -> Response:
        _insist_on_command(request)
        shape = json_in(await sent_in(request))
        state = shape.get("state") if isinstance(shape, dict) else None
        kind, name = request.path_params["kind"], request.path_params["name"]
        return JSONResponse(await run_in_threadpool(intake.switch, kind, name, str(state)))

    mine = [("/machines", "GET", machines), ("/{kind:str}/{name:path}", "POST", switch)]
    return [
        Route(path, local(taker), methods=[method])
        for path, method, taker in [*takers(intake), *mine]
    ]


def _insist_on_command(request: Request) -> None:
    """What is off is watched no more, so nobody else at the socket may say it. Raises
    IntakeRefused.
    """
    peer = getattr(request.state, PEER, None)
    if not isinstance(peer, Peer) or not is_command(request.headers, peer):
        raise IntakeRefused(f"only `{COMMAND_LINE}` may do this, by the user of the agent", 403)


def local(taker: Taker) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await told(taker, request, LOCAL)

    return answer


async def told(taker: Taker, request: Request, token: str) -> Response:
    """The answer, also where it is a refusal."""
    try:
        return await taker(request, token)
    except IntakeRefused as trouble:
        return refusal(str(trouble), trouble.status)
    except StoreError as trouble:
        return refusal(str(trouble), 503)


def word_of(request: Request, body: bytes) -> Word:
    """One beat, out of the address, or out of a body like `every=24h&state=fail`.

    Any other body is its message. Raises IntakeRefused.
    """
    text = body[: 4 * MESSAGE_MAX].decode(errors="replace").strip()
    pairs = parse_qsl(text, keep_blank_values=True)
    said = dict(request.query_params)
    if pairs and all(name in WORDS for name, _ in pairs):
        said |= dict(pairs)
    elif text:
        said["message"] = text
    every, grace = said.get("every"), said.get("grace")
    return Word(
        state=_state(said),
        message=said.get("message", "")[:MESSAGE_MAX],
        every_seconds=seconds_of(every) if every else None,
        grace_seconds=seconds_of(grace) if grace else None,
    )


def _state(said: Mapping[str, str]) -> str:
    if "exit" in said:
        return OK if said["exit"] == "0" else FAIL
    state = said.get("state", OK)
    if state not in STATES:
        raise IntakeRefused(f"state is {state[:20]!r}; it takes one of {', '.join(STATES)}")
    return state


def jobs_of(shape: object) -> list[dict[str, object]]:
    """One job, or {"jobs": [...]}. Raises IntakeRefused."""
    told = shape.get("jobs", [shape]) if isinstance(shape, dict) else None
    if not isinstance(told, list) or not all(isinstance(job, dict) for job in told):
        raise IntakeRefused(
            'send one job like {"job_id": "7", "name": "analysis", "state": "succeeded"}, or '
            '{"jobs": [...]} with several'
        )
    if len(told) > JOBS_MAX:
        raise IntakeRefused(f"at most {JOBS_MAX} jobs fit into one request", 413)
    return told
