"""What people ask for, over the Unix socket: who asks is found out here, all else by `Requests`.

A page sends its session in X-Sallim-Session. A command says so in X-Sallim-Via, and the kernel
says whose process it is; a page that forgot its session is nobody.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.requests import Requests
from agent.server.bodies import body_of, refusal
from agent.server.peers import PEER, VIA, Peer, Trusted
from models.errors import RequestRefused, StoreError
from models.messages import say
from models.requests import Actor, Caller
from models.requests.kept import hashed
from models.requests.shapes import COMMAND
from sallim.ledger import LedgerError

BYTES_MAX = 16_000
SESSION = "x-sallim-session"

Who = Callable[[str], Actor | None]
"""Whose a session is, and what he may do now."""
Answer = Callable[[Caller, Request, object], dict[str, object]]
"""Called on a thread, with the JSON that came."""


class People(NamedTuple):
    """What stands behind the routes: `state` says how the budgets stand, `waiting` what waits for
    money, `months` what is over, `demand` what is forecast and how.
    """

    requests: Requests
    who: Who
    trusted: Trusted
    state: Callable[[], Mapping[str, object]]
    waiting: Callable[[], Mapping[str, object]] = dict
    months: Callable[[], Mapping[str, object]] = dict
    demand: Callable[[], Mapping[str, object]] = dict

    def caller(self, request: Request) -> Caller:
        """Raises RequestRefused: 403 for a process that may not be here, 401 for nobody."""
        peer = getattr(request.state, PEER, None)
        if not isinstance(peer, Peer) or not self.trusted.may_connect(peer):
            name = peer.name if isinstance(peer, Peer) else "nobody"
            stranger = Actor(name, "viewer", "socket", "" if peer is None else f"pid {peer.pid}")
            raise self.requests.turned_away(
                stranger, say("{name} may not ask at this socket", name=name)
            )
        sessions = request.headers.getlist(SESSION)
        if not sessions and request.headers.get(VIA) == COMMAND and self.trusted.is_owner(peer):
            actor = Actor(peer.name, "owner", COMMAND, f"uid {peer.uid}")
            return Caller(actor, f"uid:{peer.uid}")
        known = self.who(sessions[0]) if len(sessions) == 1 else None
        if known is None:
            raise RequestRefused(say("nobody is signed in: sign in, then ask anew"), 401)
        return Caller(known, hashed(f"session:{sessions[0]}"))


def request_routes(people: People) -> list[Route]:
    requests = people.requests

    def ask(caller: Caller, _: Request, shape: object) -> dict[str, object]:
        return requests.ask(caller, shape).as_json()

    def recent(caller: Caller, _: Request, __: object) -> dict[str, object]:
        return {"requests": [row.as_json() for row in requests.recent(caller)]}

    def audited(caller: Caller, request: Request, _: object) -> dict[str, object]:
        text = request.query_params.get("after", "0")
        rows, head = requests.audited(caller, int(text) if _is_number(text) else 0)
        return {"rows": [list(row) for row in rows], "head": None if head is None else list(head)}

    def state(caller: Caller, _: Request, __: object) -> dict[str, object]:
        requests.permit(caller, "look", "")
        return dict(people.state())

    def waiting(caller: Caller, _: Request, __: object) -> dict[str, object]:
        requests.permit(caller, "look", "")
        return dict(people.waiting())

    def months(caller: Caller, _: Request, __: object) -> dict[str, object]:
        requests.permit(caller, "look", "")
        return dict(people.months())

    def demand(caller: Caller, _: Request, __: object) -> dict[str, object]:
        requests.permit(caller, "look", "")
        return dict(people.demand())

    answers: list[tuple[str, str, Answer]] = [
        ("/requests", "POST", ask),
        ("/requests/nonce", "POST", lambda caller, _, shape: requests.nonce(caller, shape)),
        ("/requests/preview", "POST", lambda caller, _, shape: requests.preview(caller, shape)),
        ("/requests", "GET", recent),
        ("/audit", "GET", audited),
        ("/budget", "GET", state),
        ("/waiting", "GET", waiting),
        ("/months", "GET", months),
        ("/demand", "GET", demand),
    ]
    return [
        Route(path, _careful(people, answer), methods=[method]) for path, method, answer in answers
    ]


def _careful(people: People, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """The answer, also where it is a refusal."""

    def answered(request: Request, body: bytes) -> dict[str, object]:
        caller = people.caller(request)
        return answer(caller, request, json_of(body) if request.method == "POST" else None)

    async def careful(request: Request) -> Response:
        body = await body_of(request, BYTES_MAX)
        if body is None:
            return refusal(f"a request has at most {BYTES_MAX} bytes", 413)
        try:
            return JSONResponse(await run_in_threadpool(answered, request, body))
        except RequestRefused as trouble:
            return _refused(trouble)
        except (StoreError, LedgerError) as trouble:
            message = say("nothing was done: {reason}", reason=str(trouble))
            return _refused(RequestRefused(message, 503))

    return careful


def _refused(trouble: RequestRefused) -> Response:
    shape = {
        "error": str(trouble),
        "message": trouble.message.as_json(),
        "request": trouble.kept,
    }
    return JSONResponse(shape, status_code=trouble.status)


def json_of(body: bytes) -> object:
    """Strict: no number that is none, no key twice, nothing deep. Raises RequestRefused."""
    try:
        shape: object = json.loads(body, parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _NotTaken) else type(error).__name__
        raise RequestRefused(say("the body is no JSON ({reason})", reason=reason)) from error
    return shape


class _NotTaken(ValueError):
    """JSON to Python, and none to us."""


def _no_number(text: str) -> object:
    raise _NotTaken(f"{text} is no number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    shape = dict(pairs)
    if len(shape) < len(pairs):
        raise _NotTaken("a key stands there twice")
    return shape


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
