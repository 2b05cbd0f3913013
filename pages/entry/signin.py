"""The page `/signin`: a link or a provider lets somebody in; who is in sees his devices and leaves.

Plain HTML without Streamlit: an HttpOnly cookie can only be set by an answer over HTTP.
"""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from models.doors import SIGNIN, is_same_site, link_in, place_after, session_in
from models.errors import AgentSilent, SignInRefused
from models.messages import Message, say
from models.oidc import CALLBACK
from models.sessions import device_of
from pages.entry.cookies import (
    LINK_COOKIE,
    drop_link,
    drop_session,
    drop_visit,
    keep_session,
    keep_visit,
    visit_of,
)
from pages.entry.drawing import drawn
from pages.entry.house import home, settings_now
from pages.entry.visitors import Visitor, Visitors, cookie_name, visitors_of

FORM_BYTES_MAX = 4_000
Form = dict[str, str]
Posted = Callable[[Request, Form], Response]


def signin_routes() -> list[Route]:
    return [
        Route(SIGNIN, _show, methods=["GET"]),
        Route(SIGNIN, _posted(_sign_in), methods=["POST"]),
        Route(f"{SIGNIN}/oidc", _to_provider, methods=["GET"]),
        Route(CALLBACK, _from_provider, methods=["GET"]),
        Route(f"{SIGNIN}/remember", _posted(_remember), methods=["POST"]),
        Route(f"{SIGNIN}/end", _posted(_end), methods=["POST"]),
    ]


async def _show(request: Request) -> Response:
    return await run_in_threadpool(page, request)


def page(request: Request, refused: Message | None = None, status: int = 200) -> Response:
    """The page as it is for whoever asks; `refused` says why what he did had no effect."""
    house = settings_now()
    place = place_after(request.query_params.get("next", "/"))
    shown: dict[str, Any] = {"asks_who": house.asks_who, "next": place, "refused": refused}
    try:
        visitor = _visitor(request) if house.asks_who else None
        shown["visitor"] = visitor
        if visitor is not None:
            devices = _visitors().asked("/session/devices", _token(request))["devices"]
            shown["devices"] = sorted(
                devices, key=lambda each: (not each["this"], -each["used_at"])
            )
    except AgentSilent:
        shown["silent"] = True
    except SignInRefused as trouble:
        shown["refused"] = refused or trouble.reason
    if shown.get("visitor") is None and house.oidc.issuer:
        shown["provider"] = house.oidc.name
    shown["link"] = refused is None and bool(link_in(request.cookies.get(LINK_COOKIE, "")))
    return drawn(request, shown, status)


def _sign_in(request: Request, form: Form) -> Response:
    """By the link that was pasted, else by the one that was opened."""
    before = _token(request)
    shape = {
        "link": link_in(form.get("link", "")) or request.cookies.get(LINK_COOKIE, ""),
        "remember": form.get("remember") == "1",
        **browser_of(request),
    }
    said = _visitors().asked("/session/use", "", shape)
    if before:
        _visitors().asked("/session/end", before, {})
    return signed_in(request, said, form.get("next", "/"))


def signed_in(request: Request, said: dict[str, Any], place: str) -> Response:
    """Off to the page, with the session in its cookie and the link gone."""
    response = RedirectResponse(place_after(place), 303)
    until = said["expires_at"] if said["remembered"] else 0.0
    keep_session(response.headers, request, _cookie(), str(said["session"]), until)
    drop_link(response)
    return response


async def _to_provider(request: Request) -> Response:
    return await run_in_threadpool(carried_out, _begin_visit, request, dict(request.query_params))


async def _from_provider(request: Request) -> Response:
    return await run_in_threadpool(carried_out, _end_visit, request, dict(request.query_params))


def _begin_visit(request: Request, form: Form) -> Response:
    """The browser keeps the state: an answer that somebody else asked for is none of its own."""
    said = _visitors().asked("/session/provider/begin", "", {})
    response = RedirectResponse(said["url"], 303)
    keep_visit(response, request, str(said["state"]), place_after(form.get("next", "/")))
    return response


def _end_visit(request: Request, form: Form) -> Response:
    state, place = visit_of(request)
    if not state or not hmac.compare_digest(state.encode(), form.get("state", "").encode()):
        raise SignInRefused(say("This visit at the identity provider is over. Begin anew."))
    if "code" not in form:
        raise SignInRefused(
            say("The identity provider says no: {reason}", reason=form.get("error", "?")[:100])
        )
    shape = {"state": state, "code": form["code"], **browser_of(request)}
    said = _visitors().asked("/session/provider/finish", "", shape)
    response = signed_in(request, said, place)
    drop_visit(response)
    return response


def _remember(request: Request, form: Form) -> Response:
    token = _token(request)
    said = _visitors().asked("/session/remember", token, {"remember": form.get("remember") == "1"})
    response = RedirectResponse(SIGNIN, 303)
    until = said["expires_at"] if said["remembered"] else 0.0
    keep_session(response.headers, request, _cookie(), token, until)
    return response


def _end(request: Request, form: Form) -> Response:
    """Sign out this device, another one (`device`), or all of them (`everywhere`)."""
    shape = {"device": form.get("device", ""), "everywhere": form.get("everywhere") == "1"}
    _visitors().asked("/session/end", _token(request), shape)
    response = RedirectResponse(SIGNIN, 303)
    if not shape["device"]:
        drop_session(response, _cookie())
    return response


def _posted(answer: Posted) -> Callable[[Request], Awaitable[Response]]:
    """Only a form of ours is taken; what the agent refuses is said on the page."""

    async def careful(request: Request) -> Response:
        if not is_same_site(request.headers.get("origin"), request.headers.get("host")):
            return PlainTextResponse("this form is not ours", 403)
        form = await _form(request)
        return await run_in_threadpool(carried_out, answer, request, form)

    return careful


def carried_out(answer: Posted, request: Request, form: Form) -> Response:
    try:
        return answer(request, form)
    except SignInRefused as trouble:
        response = page(request, trouble.reason, trouble.status)
    except AgentSilent:
        reason = say(
            "The agent does not answer, so nobody can be let in. Start it, then try again."
        )
        response = page(request, reason, 503)
    drop_link(response)
    return response


async def _form(request: Request) -> Form:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > FORM_BYTES_MAX:
            return {}
    try:
        return dict(parse_qsl(body.decode(errors="replace"), max_num_fields=20))
    except ValueError:  # Of too many.
        return {}


def browser_of(request: Request) -> dict[str, str]:
    return {
        "device": device_of(request.headers.get("user-agent", "")),
        "address": request.client.host if request.client else "",
    }


def _visitor(request: Request) -> Visitor | None:
    return _visitors().who(_token(request))


def _visitors() -> Visitors:
    return visitors_of(home())


def _cookie() -> str:
    return cookie_name(home())


def _token(request: Request) -> str:
    return session_in(request.cookies.get(_cookie(), ""))
