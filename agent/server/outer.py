"""For the TCP listener: every request carries a bearer token that may do what it asks for."""

import time
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.server.bodies import refusal
from agent.server.inner import View, metrics_of
from agent.server.intake import Intake, Taker, takers, told
from agent.turnstile import Turnstile
from data.tokens import METRICS, PUSH, Holder
from models.errors import StoreError

AGENT = ".venv/bin/python -m agent"
"""As the README says it: who asks from elsewhere is not told where things are here."""
HolderOf = Callable[[str], Holder | None]
"""Whose a token is, and what it is for; None when it is not known or revoked."""


def outer_app(
    view: View,
    holder_of: HolderOf,
    intake: Intake | None = None,
    turnstile: Turnstile | None = None,
) -> Starlette:
    """Without `intake` it serves metrics and nothing else."""
    turnstile = turnstile or Turnstile(time.monotonic)

    def guarded(scope: str, taker: Taker) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            holder = await _holder(request, holder_of, scope)
            if isinstance(holder, Response):
                return holder
            if scope not in holder.scopes:
                return refusal(_not_for(holder.name, scope), 403)
            wait_seconds = turnstile.wait_seconds(holder.name)
            if wait_seconds:
                return _too_many(wait_seconds)
            return await told(taker, request, holder.name)

        return answer

    async def metrics(_: Request, __: str) -> Response:
        return await metrics_of(view)

    sent_in = takers(intake) if intake is not None else []
    return Starlette(
        routes=[
            Route("/metrics", guarded(METRICS, metrics)),
            *(
                Route(path, guarded(PUSH, taker), methods=[method])
                for path, method, taker in sent_in
            ),
        ]
    )


async def _holder(request: Request, holder_of: HolderOf, scope: str) -> Holder | Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return _not_let_in(
            f"no bearer token came with the request. {_made(scope)} and send it in the header "
            "Authorization, as `Bearer TOKEN`.",
            "Bearer",
        )
    try:
        holder = await run_in_threadpool(holder_of, token)
    except StoreError:
        return refusal(f"the tokens cannot be read; `{AGENT} doctor` says why", 503)
    if holder is None:
        return _not_let_in(
            "the token that came with the request is not known here: it is mistyped, cut off, "
            f"revoked, or of another agent. `{AGENT} token list` shows what there is. "
            f"{_made(scope)}.",
            'Bearer error="invalid_token"',
        )
    return holder


def _not_let_in(reason: str, challenge: str) -> Response:
    return JSONResponse({"error": reason}, status_code=401, headers={"www-authenticate": challenge})


def _made(scope: str) -> str:
    return f"Make one in the folder of the agent with `{AGENT} token create NAME --for {scope}`"


def _not_for(name: str, scope: str) -> str:
    return f"the token {name} is not for {scope}. {_made(scope)}."


def _too_many(wait_seconds: float) -> Response:
    seconds = str(int(wait_seconds) + 1)
    return JSONResponse(
        {"error": f"too many requests with this token; ask again in {seconds} s"},
        status_code=429,
        headers={"retry-after": seconds},
    )
