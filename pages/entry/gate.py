"""The gate: what is not of this house, or of nobody who is signed in, never reaches a page."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from models.doors import (
    SIGNIN,
    is_free,
    is_host_known,
    is_same_site,
    link_in,
    place_after,
    session_in,
    without_link,
)
from models.errors import AgentSilent
from models.settings.addresses import LOOPBACK
from pages.entry.cookies import drop_session, keep_link, keep_session
from pages.entry.house import home, settings_now
from pages.entry.visitors import ANYBODY, Visitor, Visitors, cookie_name, visitors_of

log = logging.getLogger(__name__)

RULES_SECONDS = 5.0
ANEW = BackMsg(rerun_script=ClientState()).SerializeToString()
"""A page that is open while its session ends may ask for nothing but to be drawn anew: app.py then
says that it is signed out. A closed WebSocket would look like a fault of the network.
"""
GUARDING_HEADERS = {
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about who may come in."""

    asks_who: bool
    hosts: tuple[str, ...]


def rules_of_the_house() -> Rules:
    rules = settings_now()
    given: list[str] = st.get_option("server.allowedHosts") or []
    return Rules(rules.asks_who, (*LOOPBACK, *rules.app.hosts, *given))


class Gate:
    """In front of everything that the app serves, over HTTP and over its WebSocket."""

    def __init__(
        self,
        app: ASGIApp,
        rules: Callable[[], Rules] = rules_of_the_house,
        folder: Callable[[], str] = home,
    ) -> None:
        self._app = app
        self._ask_rules = rules
        self._folder = folder
        self._rules: tuple[Rules, float] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        rules = await self._rules_now()
        trouble = _trouble(asked, rules)
        if trouble is not None:
            log.debug("refused %s: %s", scope["path"][:80], trouble)
            await _refuse(PlainTextResponse(trouble, 421), scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(asked, rules, receive, send)
        else:
            await self._http(asked, rules, receive, send)

    async def _http(
        self, asked: HTTPConnection, rules: Rules, receive: Receive, send: Send
    ) -> None:
        scope = asked.scope
        link, place = without_link(scope["path"], asked.url.query)
        if link and scope["method"] in {"GET", "HEAD"}:
            response: Response = RedirectResponse(_signin_then(place), 303)
            keep_link(response, asked, link_in(link))
            await _refuse(response, scope, receive, send)
            return
        visitor = None if is_free(scope["path"]) else await self.visitor(asked, rules)
        if visitor is None and not is_free(scope["path"]):
            await _refuse(_nobody(asked, self._cookie), scope, receive, send)
            return
        await self._app(scope, receive, self._with_headers(asked, visitor, send))

    async def _websocket(
        self, asked: HTTPConnection, rules: Rules, receive: Receive, send: Send
    ) -> None:
        if await self.visitor(asked, rules) is None:
            await _refuse(PlainTextResponse("nobody is signed in", 403), asked.scope, receive, send)
            return

        async def while_signed_in() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await self.visitor(asked, rules):
                return {"type": "websocket.receive", "bytes": ANEW}
            return message

        await self._app(asked.scope, while_signed_in, send)

    async def visitor(self, asked: HTTPConnection, rules: Rules) -> Visitor | None:
        """Who asks; None also where the agent is silent and the visitor was not known before."""
        if not rules.asks_who:
            return ANYBODY
        token = session_in(asked.cookies.get(self._cookie, ""))
        visitors = self._visitors
        known = visitors.fresh(token) if token else None
        if known is not None or not token:
            return known
        try:
            return await run_in_threadpool(visitors.who, token)
        except AgentSilent:
            return None

    @property
    def _cookie(self) -> str:
        return cookie_name(self._folder())

    @property
    def _visitors(self) -> Visitors:
        return visitors_of(self._folder())

    async def _rules_now(self) -> Rules:
        """From a file that people edit; so it is not read for each picture."""
        now = time.monotonic()
        if self._rules is None or now - self._rules[1] >= RULES_SECONDS:
            self._rules = (await run_in_threadpool(self._ask_rules), now)
        return self._rules[0]

    def _with_headers(
        self, asked: HTTPConnection, visitor: Visitor | None, send: Send
    ) -> Callable[[Any], Any]:
        """A remembered browser keeps its cookie; no page of ours stands in somebody else's."""
        keeps = visitor is not None and visitor.remembered and _is_navigation(asked)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in GUARDING_HEADERS.items():
                    headers.setdefault(name, value)
                if visitor is not None and keeps:
                    token = asked.cookies.get(self._cookie, "")
                    keep_session(headers, asked, self._cookie, token, visitor.expires_at)
            await send(message)

        return sending


def _trouble(asked: HTTPConnection, rules: Rules) -> str | None:
    """Why a request is not of this house: a page that had its name point here, or a stranger's."""
    host, origin = asked.headers.get("host"), asked.headers.get("origin")
    if not is_host_known(host, rules.hosts):
        return (
            "this app does not answer to that name; if it is yours, write it into sallim.toml: "
            '[app] public_url = "https://..."'
        )
    if asked.scope["type"] == "websocket" and not is_same_site(origin, host):
        return "this app does not answer to pages of others"
    return None


def _nobody(asked: HTTPConnection, cookie: str) -> Response:
    """To the sign-in, where a person asks; no more than a word for what a page loads."""
    if not _is_navigation(asked):
        return PlainTextResponse("nobody is signed in", 401)
    query = f"?{asked.url.query}" if asked.url.query else ""
    response = RedirectResponse(_signin_then(asked.scope["path"] + query), 303)
    if cookie in asked.cookies:
        drop_session(response, cookie)
    return response


def _signin_then(place: str) -> str:
    place = place_after(place)
    return SIGNIN if place == "/" else f"{SIGNIN}?next={place.replace('&', '%26')}"


def _is_navigation(asked: HTTPConnection) -> bool:
    is_page = "text/html" in asked.headers.get("accept", "")
    return asked.scope.get("method") == "GET" and is_page


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Before it is accepted: the browser is told 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    for name, value in {**GUARDING_HEADERS, "cache-control": "no-store"}.items():
        response.headers[name] = value
    await response(scope, receive, send)
