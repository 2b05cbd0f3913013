"""Signing in as people do it: a link from the agent, a real browser, the real app."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from data.home import Home
from pages.entry.visitors import cookie_name
from tests.e2e.browsing import DESK, PHONE, link_for, running_app, settled
from tests.processes import ROOT, environ_of, free_port, running_agent, stop, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Home and app of its own: here people sign out everywhere."""
    home = Home(tmp_path_factory.mktemp("signin"))
    port = free_port()
    home.make()
    (home.path / "sallim.toml").write_text(f"[app]\nport = {port}\n")
    with running_agent(home), running_app(home, port) as app:
        yield home, app


@pytest.fixture
def context(browser: Browser):
    """A browser that nobody signed in."""
    context = browser.new_context(**DESK, locale="en-US")
    yield context
    context.close()


def entered(context: BrowserContext, link: str) -> Page:
    page = context.new_page()
    page.goto(link)
    settled(page)
    return page


def session_of(context: BrowserContext, home) -> dict:
    name = cookie_name(str(home.path))
    return next(each for each in context.cookies() if each["name"] == name)


def test_the_link_opens_signed_in_and_leaves_no_trace_of_itself(house, context):
    home, app = house
    link = link_for(home)

    page = entered(context, link)

    assert page.url == f"{app.address}/"
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("link", name="This device, sign out")).to_be_visible()
    session = session_of(context, home)
    assert (session["httpOnly"], session["sameSite"], session["expires"]) == (True, "Lax", -1)
    assert session["name"] not in page.evaluate("document.cookie")
    page.go_back()
    assert "signin=" not in page.url
    page.goto(link)
    # Nobody is signed out by a link alone.
    expect(page.get_by_text("This browser is signed in as owner.")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("used already")


def test_who_is_not_signed_in_sees_no_page_but_how_to_get_in(house, context):
    _, app = house
    page = context.new_page()

    page.goto(f"{app.address}/machines")

    assert page.url == f"{app.address}/signin?next=/machines"
    expect(page.get_by_text("python -m agent link")).to_be_visible()
    status = page.evaluate(
        """address => new Promise(done => {
             const socket = new WebSocket(address, ['streamlit'])
             socket.onopen = () => done('open'); socket.onerror = () => done('refused') })""",
        app.address.replace("http", "ws") + "/_stcore/stream",
    )
    assert status == "refused"


def test_a_pasted_link_leads_to_the_page_that_was_wanted(house, context):
    home, app = house
    page = context.new_page()
    page.goto(f"{app.address}/machines")

    page.get_by_label("Or paste a link here").fill(link_for(home))
    page.get_by_label("Remember this device for 30 days").check()
    page.get_by_role("button", name="Sign in").click()
    settled(page)

    expect(page.get_by_role("heading", name="Machines")).to_be_visible()
    assert session_of(context, home)["expires"] > 0


def test_a_device_that_is_ended_elsewhere_is_out_and_its_page_says_so(house, browser, context):
    home, app = house
    page = entered(context, link_for(home, "--name", "kim", "--role", "viewer"))
    expect(page.get_by_text("kim · viewer")).to_be_visible()
    owners = browser.new_context(**DESK, locale="en-US")
    try:
        settings = entered(owners, link_for(home))
        settings.get_by_role("link", name="This device, sign out").click()
        settings.get_by_role("button", name=re.compile("^End: kim")).first.click()
        expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
        expect(page.locator('[data-testid="stMetric"]')).to_have_count(0)
    finally:
        owners.close()

    page.reload()
    assert page.url.startswith(f"{app.address}/signin")
    assert [each for each in context.cookies() if each["name"] == cookie_name(str(home.path))] == []


def test_signing_out_everywhere_is_for_all_devices_of_a_person(house, browser, context):
    home, app = house
    page = entered(context, link_for(home))
    other = browser.new_context(**PHONE, locale="en-US")
    try:
        phone = entered(other, link_for(home))
        phone.goto(f"{app.address}/signin")
        phone.get_by_role("button", name="Sign out everywhere").click()
        expect(phone.get_by_label("Or paste a link here")).to_be_visible()
    finally:
        other.close()

    page.goto(f"{app.address}/machines")
    assert page.url == f"{app.address}/signin?next=/machines"


@pytest.mark.parametrize("look", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_is_for_every_eye_and_hand(house, browser, look, scheme):
    home, app = house
    context = browser.new_context(**look, locale="ko-KR", color_scheme=scheme)
    try:
        page = context.new_page()
        for link in (f"{app.address}/signin", link_for(home)):
            page.goto(link)
            page.goto(f"{app.address}/signin")
            page.wait_for_load_state()
            width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            heights = page.locator("button, a.button").evaluate_all(
                "all => all.map(each => each.getBoundingClientRect().height)"
            )
            assert width <= room
            assert min(heights) >= 44
            assert Axe().run(page).response["violations"] == []
    finally:
        context.close()


def test_an_app_that_lets_strangers_in_does_not_go_on(tmp_path):
    """Real Streamlit without the gate, as its defaults are: 101 to a name that points here."""
    (tmp_path / "bare.py").write_text(
        "import streamlit as st\n"
        "from pages.entry.rebinding import proven\n"
        "if __name__ == '__main__':\n"
        "    st.write('hello')\n"
        "else:\n"
        "    app = st.App(__file__, lifespan=proven)\n"
    )
    with _started(tmp_path, tmp_path / "bare.py", "--server.allowedHosts", "localhost") as app:
        until(lambda: _log(tmp_path).count("Rejecting WebSocket connection") == 2)
        assert app.poll() is None

    code, said = _ended(tmp_path, tmp_path / "bare.py", "--server.allowedHosts", "*")
    assert code == 1
    assert "answered 101 to Host and Origin rebinding-test.example" in said
    assert "allowedHosts =" in said
    code, said = _ended(
        *(tmp_path, tmp_path / "bare.py", "--server.enableCORS", "false"),
        *("--server.enableXsrfProtection", "false", "--server.allowedHosts", "127.0.0.1"),
    )
    assert (code, "enableCORS = true" in said) == (1, True)


def test_an_app_for_others_that_asks_nobody_does_not_go_on(tmp_path):
    (tmp_path / "sallim.toml").write_text('[house]\nsignin = "off"\n')

    code, said = _ended(tmp_path, ROOT / "app.py", "--server.address", "0.0.0.0")  # noqa: S104

    assert code == 1
    assert "server.address is '0.0.0.0'" in said
    assert '[house] signin = "required"' in said


@contextmanager
def _started(home: Path, script: Path, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "streamlit", "run", str(script), *flags]
    environ = environ_of(Home(home), PYTHONPATH=str(ROOT))
    with (home / "app.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(free_port())],
            cwd=ROOT,
            env=environ,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        stop(process)


def _ended(home: Path, script: Path, *flags: str) -> tuple[int | None, str]:
    """How it ended by itself, and what it said."""
    with _started(home, script, *flags) as process:
        until(lambda: process.poll() is not None)
        return process.poll(), _log(home)


def _log(home: Path) -> str:
    return (home / "app.log").read_text(errors="replace")
