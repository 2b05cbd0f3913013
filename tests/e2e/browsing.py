"""What the browser tests and the screenshots share."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.request import urlopen

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Route,
    expect,
)

from data.home import Home
from tests.processes import ROOT, environ_of, free_port, stop, until

CHROMIUM = "/usr/bin/chromium"
SPARKLINES = ("svg-img-alt",)
"""The rule that Streamlit's own lines in the tiles break; nothing else may."""
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]}
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STANDING = """() => {
    const chart = document.querySelector('.js-plotly-plot .main-svg');
    const box = chart?.getBoundingClientRect().toJSON();
    const before = window.stood;
    window.stood = {chart, at: JSON.stringify(box)};
    return box?.width && before?.chart === chart && before.at === window.stood.at ? box : null;
}"""
"""The box of the first chart, once it is the same chart at the same place at two looks."""
IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return !!app && app.getAttribute('data-test-script-state') === 'notRunning'
    && app.getAttribute('data-test-connection-state') === 'CONNECTED'
    && !document.querySelector('[data-testid="stSkeleton"]');
}"""
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
    "user_agent": "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Mobile Safari/537.36",
}
LOOKS_MORE = 3
PATIENCE_MS = 90_000
"""Six workers share two cores: what is there in a second may take half a minute."""
BASE_PATH_PROBES = ("/_stcore/health", "/_stcore/host-config")
"""On `/machines` Streamlit's page first looks below `/machines`, and is told 404."""


@dataclass(frozen=True)
class App:
    address: str
    process: subprocess.Popen[bytes]
    cookies: list[Any] = field(default_factory=list)
    """Of a browser that is signed in as the owner; none where nobody has to be."""


@contextmanager
def running_app(home: Home, port: int | None = None) -> Iterator[App]:
    port = port or free_port()
    with (home.path / "app.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=environ_of(home),
            stdout=log,
            stderr=log,
        )
    app = App(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: _answers(app))
        yield replace(app, cookies=cookies_of_owner(home, app.address))
    finally:
        stop(process)


def link_for(home: Home, *words: str) -> str:
    """What a person is handed: the address that `python -m agent link` prints."""
    command = [sys.executable, "-m", "agent", "link", "--home", str(home.path), *words]
    done = subprocess.run(
        command, cwd=ROOT, env=environ_of(home), check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[0]


def cookies_of_owner(home: Home, address: str) -> list[Any]:
    """As a person signs in: the link is opened, and its page sends its form."""
    with httpx.Client(base_url=address, headers={"accept": "text/html"}) as client:
        if client.get("/").status_code != 303:
            return []
        client.get("/?" + link_for(home).partition("?")[2])
        assert client.post("/signin", data={"next": "/"}).headers["location"] == "/"
        return [
            {"name": each.name, "value": each.value, "url": address}
            for each in client.cookies.jar
            if each.path == "/"
        ]


def _answers(app: App) -> bool:
    try:
        with urlopen(f"{app.address}/_stcore/health", timeout=1) as answer:  # noqa: S310 (loopback)
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
    expect.set_options(timeout=PATIENCE_MS)
    yield browser
    browser.close()


@dataclass
class Visit:
    """Opens pages; remembers whom they asked and what they complained about."""

    app: App
    browser: Browser
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, path: str = "/", **look: Any) -> Page:
        context = self.browser.new_context(
            **{**DESK, "locale": "en-US", "timezone_id": "Asia/Seoul", **look}
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(self.app.cookies)
        context.route("**/*", self._guard)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        page.goto(self.app.address + path)
        settled(page)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _guard(self, route: Route) -> None:
        if route.request.url.startswith(self.app.address):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if message.location["url"].endswith(BASE_PATH_PROBES):
            return
        self.complaints.append(message.text)


def settled(page: Page) -> None:
    """Wait until the script has ended and everything it sent is on the screen."""
    page.wait_for_selector('[data-testid="stApp"]', timeout=PATIENCE_MS)
    page.wait_for_function(IDLE, timeout=PATIENCE_MS)


def with_charts(page: Page) -> Page:
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=PATIENCE_MS)
    return page


def paused(page: Page) -> dict[str, float]:
    """Pause the page; where its first chart then stands (x, y, width, height)."""
    page.get_by_text("Pause", exact=True).click()
    expect(page.get_by_role("switch", name="Pause")).to_be_checked()
    settled(page)
    box: dict[str, float] = page.wait_for_function(
        STANDING, polling=500, timeout=PATIENCE_MS
    ).json_value()
    return box


def fits(page: Page) -> bool:
    """Whether nothing of it must be scrolled to sideways, and it ended without an exception."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return width <= room and page.locator('[data-testid="stException"]').count() == 0


def in_the_way(page: Page, **told: Any) -> list[str]:
    """What keeps somebody from reading it, however often it is looked at; `told` is for axe.

    What is drawn anew is pale for a moment.
    """
    found = _in_the_way(page, **told)
    for _ in range(LOOKS_MORE):
        if not found:
            break
        settled(page)
        again = _in_the_way(page, **told)
        found = [each for each in found if each in again]
    return found


def _in_the_way(page: Page, **told: Any) -> list[str]:
    found = Axe().run(page, **told).response["violations"]
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical") and violation["id"] not in SPARKLINES
    ]
