"""The two cookies, which no script reads: the session, and for a moment the link."""

import time
from http.cookies import SimpleCookie

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response

from models.doors import SIGNIN

LINK_COOKIE = "sallim_link"
VISIT_COOKIE = "sallim_visit"
LINK_SECONDS = 600


def keep_session(
    headers: MutableHeaders, asked: HTTPConnection, cookie: str, token: str, expires_at: float
) -> None:
    """`expires_at` is 0 where it ends with the browser."""
    morsels: SimpleCookie = SimpleCookie()
    morsels[cookie] = token
    morsel = morsels[cookie]
    morsel["path"], morsel["samesite"], morsel["httponly"] = "/", "Lax", True
    if expires_at:
        morsel["max-age"] = str(max(0, int(expires_at - time.time())))
    if is_https(asked):
        morsel["secure"] = True
    headers.append("set-cookie", morsel.OutputString())


def drop_session(response: Response, cookie: str) -> None:
    response.delete_cookie(cookie, path="/", httponly=True, samesite="lax")


def keep_link(response: Response, asked: HTTPConnection, link: str) -> None:
    """So that it leaves the address at once, and no preview in a messenger uses it up."""
    response.set_cookie(
        LINK_COOKIE,
        link[:200],
        max_age=LINK_SECONDS,
        path=SIGNIN,
        httponly=True,
        samesite="lax",
        secure=is_https(asked),
    )


def drop_link(response: Response) -> None:
    response.delete_cookie(LINK_COOKIE, path=SIGNIN, httponly=True, samesite="lax")


def keep_visit(response: Response, asked: HTTPConnection, state: str, place: str) -> None:
    """While somebody is at an identity provider."""
    response.set_cookie(
        VISIT_COOKIE,
        f"{state}.{place}",
        max_age=LINK_SECONDS,
        path=SIGNIN,
        httponly=True,
        samesite="lax",
        secure=is_https(asked),
    )


def visit_of(asked: HTTPConnection) -> tuple[str, str]:
    """State, and the page that was wanted."""
    state, _, place = asked.cookies.get(VISIT_COOKIE, "").partition(".")
    return state, place


def drop_visit(response: Response) -> None:
    response.delete_cookie(VISIT_COOKIE, path=SIGNIN, httponly=True, samesite="lax")


def is_https(asked: HTTPConnection) -> bool:
    """Also where a proxy on this machine speaks TLS for us: uvicorn believes its header."""
    return asked.scope.get("scheme") in {"https", "wss"}
