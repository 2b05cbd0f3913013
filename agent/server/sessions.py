"""Signing in, over the Unix socket: a link is used, a session is asked about, ended, made.

The app sends the session in a header, empty where its visitor has none. Who sends no such header
is a command, and is judged by the user that the kernel names.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.attempts import Attempts
from agent.oidc import Oidc
from agent.server.bodies import json_in, sent_in
from agent.server.peers import PEER, Peer, is_command
from agent.sessions import Sessions
from models.errors import ConfigError, IntakeRefused, SignInRefused, StoreError
from models.messages import Message, say
from models.requests.shapes import COMMAND, Actor
from models.sessions import OWNER, SESSION_HEADER, Browser, Visit, number_of

Shape = dict[str, Any]


class SignIn(NamedTuple):
    """What answers behind these routes."""

    sessions: Sessions
    attempts: Attempts
    oidc: Oidc


Answer = Callable[[SignIn, Request, Shape], Shape]


def actor_of(request: Request, sessions: Sessions) -> Actor | None:
    """None where nobody is signed in, and it is no command of the household's own user."""
    token = request.headers.get(SESSION_HEADER)
    if token is not None:
        return sessions.who(token)
    peer = getattr(request.state, PEER, None)
    if not isinstance(peer, Peer) or not is_command(request.headers, peer):
        return None
    return Actor(peer.name, OWNER, COMMAND, f"uid {peer.uid}")


def session_routes(sign_in: SignIn) -> list[Route]:
    return [
        Route(path, _told(answer, sign_in), methods=[method]) for method, path, answer in ANSWERS
    ]


# --- for whoever is signed in --------------------------------------------------------------------


def _who(sign_in: SignIn, request: Request, _: Shape) -> Shape:
    visit = sign_in.sessions.visit(_token(request))
    if visit is None:
        raise SignInRefused(say("Nobody is signed in here."), 401)
    return visit_shape(visit)


def _use(sign_in: SignIn, _: Request, shape: Shape) -> Shape:
    browser = browser_in(shape)
    try:
        # First: others at this address who fail must not shut out who has a link. Nobody guesses
        # 256 bits, however often.
        token, visit = sign_in.sessions.use_link(str(shape.get("link", "")), browser)
    except SignInRefused:
        sign_in.attempts.refuse_many(browser.address)
        sign_in.attempts.failed(browser.address)
        raise
    return {"session": str(token), **visit_shape(visit)}


def _provider(sign_in: SignIn, _: Request, __: Shape) -> Shape:
    return {"name": sign_in.oidc.name}


def _begin(sign_in: SignIn, _: Request, __: Shape) -> Shape:
    return dict(sign_in.oidc.begin())


def _finish(sign_in: SignIn, _: Request, shape: Shape) -> Shape:
    browser = browser_in(shape)
    sign_in.attempts.refuse_many(browser.address)
    try:
        email = sign_in.oidc.finish(str(shape.get("state", "")), str(shape.get("code", "")))
        token, visit = sign_in.sessions.sign_in(email, browser)
    except SignInRefused:
        sign_in.attempts.failed(browser.address)
        raise
    return {"session": str(token), **visit_shape(visit)}


def _used(sign_in: SignIn, request: Request, _: Shape) -> Shape:
    sign_in.sessions.used(_token(request))
    return {}


def _remember(sign_in: SignIn, request: Request, shape: Shape) -> Shape:
    wanted = shape.get("remember") is True
    return visit_shape(sign_in.sessions.remember(_token(request), wanted=wanted))


def _devices(sign_in: SignIn, request: Request, _: Shape) -> Shape:
    token = _token(request)
    devices = sign_in.sessions.devices(token)
    own = sign_in.sessions.visit(token)
    return {
        "devices": [
            {
                "id": number_of(each),
                "person": each.person,
                "device": each.device,
                "address": each.address,
                "used_at": each.used_at,
                "expires_at": each.expires_at,
                "this": own is not None and each.sha256 == own.session.sha256,
            }
            for each in devices
        ]
    }


def _end(sign_in: SignIn, request: Request, shape: Shape) -> Shape:
    token = _token(request)
    if shape.get("everywhere") is True:
        sign_in.sessions.end_everywhere(token)
    elif shape.get("device"):
        sign_in.sessions.end_device(token, str(shape["device"]))
    else:
        sign_in.sessions.end(token)
    return {}


# --- for commands, and for owners ----------------------------------------------------------------


def _link(sign_in: SignIn, request: Request, shape: Shape) -> Shape:
    insist_on_owner(request, sign_in.sessions)
    days = shape.get("days", 0)
    if type(days) is not int:
        raise IntakeRefused("days is a whole number")
    name, role = str(shape.get("name", "")), str(shape.get("role", ""))
    token, made = sign_in.sessions.make_link(name, role, days)
    return {"link": str(token), "person": made.person, "expires_at": made.expires_at}


def _people(sign_in: SignIn, request: Request, _: Shape) -> Shape:
    insist_on_owner(request, sign_in.sessions)
    return {"people": [person._asdict() for person in sign_in.sessions.everybody()]}


def _put(sign_in: SignIn, request: Request, shape: Shape) -> Shape:
    insist_on_owner(request, sign_in.sessions)
    name = str(shape.get("name", ""))
    if shape.get("remove") is True:
        if not sign_in.sessions.remove_person(name):
            raise SignInRefused(say("There is nobody named {name}.", name=name[:80]), 404)
    else:
        role, email = str(shape.get("role", "")), str(shape.get("email", ""))
        sign_in.sessions.put_person(name, role, email)
    return _people(sign_in, request, {})


ANSWERS: tuple[tuple[str, str, Answer], ...] = (
    ("GET", "/session", _who),
    ("GET", "/session/devices", _devices),
    ("POST", "/session/use", _use),
    ("GET", "/session/provider", _provider),
    ("POST", "/session/provider/begin", _begin),
    ("POST", "/session/provider/finish", _finish),
    ("POST", "/session/used", _used),
    ("POST", "/session/remember", _remember),
    ("POST", "/session/end", _end),
    ("POST", "/session/links", _link),
    ("GET", "/people", _people),
    ("POST", "/people", _put),
)


def visit_shape(visit: Visit) -> Shape:
    return {
        "name": visit.person.name,
        "role": visit.role,
        "granted": visit.person.role,
        "device": visit.session.device,
        "expires_at": visit.session.expires_at,
        "remembered": bool(visit.session.remembered),
    }


def browser_in(shape: Shape) -> Browser:
    return Browser(
        str(shape.get("device", "")),
        str(shape.get("address", "")),
        shape.get("remember") is True,
    )


def _token(request: Request) -> str:
    return request.headers.get(SESSION_HEADER, "")


def insist_on_owner(request: Request, sessions: Sessions) -> None:
    """Raises SignInRefused."""
    actor = actor_of(request, sessions)
    if actor is None or actor.role != OWNER:
        raise SignInRefused(
            say("Only an owner may do this, or the user of the agent on its own machine.")
        )


def _told(answer: Answer, sign_in: SignIn) -> Callable[[Request], Awaitable[Response]]:
    """On a thread, since it waits for the disk; with each refusal as a sentence to translate."""

    async def careful(request: Request) -> Response:
        try:
            shape = json_in(await sent_in(request)) if request.method == "POST" else {}
            if not isinstance(shape, dict):
                return _refused(say("send JSON like {example}", example="{}"), 422)
            return JSONResponse(await run_in_threadpool(answer, sign_in, request, shape))
        except SignInRefused as trouble:
            return _refused(trouble.reason, trouble.status)
        except ConfigError as trouble:
            return _refused(trouble.problems[0], 422)
        except (IntakeRefused, StoreError) as trouble:
            status = trouble.status if isinstance(trouble, IntakeRefused) else 503
            return _refused(say("{text}", text=str(trouble)), status)

    return careful


def _refused(reason: Message, status: int) -> Response:
    shape = {"error": str(reason), "message": reason.as_json()}
    return JSONResponse(shape, status_code=status)
