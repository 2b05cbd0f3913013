import time

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from agent.attempts import Attempts
from agent.oidc import Oidc
from agent.server import SignIn
from pages.entry.gate import Gate, Rules
from pages.entry.signin import signin_routes
from pages.entry.visitors import visitors_of
from tests.agent.signing_in import Door
from tests.pages.canned import CannedView, serving
from tests.standins.oidc import CLIENT_SECRET

BROWSER = {
    "accept": "text/html",
    "user-agent": "Mozilla/5.0 (Linux; Android 16) Chrome/156 Mobile Safari/537",
}
HERE = "http://127.0.0.1:8501"


class House(Door):
    """The gate and the sign-in as a browser meets them, over the socket of a real server."""

    asks_who = True

    def __init__(self, home) -> None:
        super().__init__(home.control, time.time())
        self.home = home

    def rules(self) -> Rules:
        return Rules(self.asks_who, ("127.0.0.1", "localhost", "::1"))

    def browser(self, **headers: str) -> TestClient:
        async def echo(websocket) -> None:
            await websocket.accept()
            async for content in websocket.iter_bytes():
                await websocket.send_bytes(content)

        async def page(request) -> PlainTextResponse:
            return PlainTextResponse(f"the page {request.url.path}")

        app = Starlette(
            routes=[
                *signin_routes(),
                WebSocketRoute("/_stcore/stream", echo),
                Route("/{path:path}", page),
            ],
            middleware=[Middleware(Gate, rules=self.rules, folder=lambda: str(self.home.path))],
        )
        return TestClient(
            app, base_url=HERE, headers={**BROWSER, **headers}, follow_redirects=False
        )

    def signed_in(self, **wanted) -> TestClient:
        link, _ = self.sessions.make_link(**wanted)
        browser = self.browser()
        browser.get(f"/?signin={link}")
        assert browser.post("/signin", data={"next": "/"}).status_code == 303
        return browser


@pytest.fixture
def house(home):
    (home.path / "sallim.toml").write_text("")
    visitors_of.cache_clear()
    house = House(home)
    house.oidc = Oidc(time.monotonic, {"OIDC_CLIENT_SECRET": CLIENT_SECRET})
    sign_in = SignIn(house.sessions, Attempts(time.monotonic), house.oidc)
    with serving(CannedView(None), home, sign_in):
        yield house
    house.control.close()
