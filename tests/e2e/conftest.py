"""The agent and the app as people run them, and a browser; started once for all browser tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from data.home import Home
from data.monitoring import machines
from tests.e2e.browsing import App, Visit, launched, running_app
from tests.processes import running_agent, until


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def agent(home):
    """The process, from the moment this machine's CPU is known and something is stored."""
    with running_agent(home) as (process, reader):
        until(
            lambda: (live := reader.live()) and live.find(live.machine, "machine.cpu.utilization")
        )
        until(lambda: machines(reader))
        yield process


@pytest.fixture(scope="session")
def app(home, agent) -> Iterator[App]:
    with running_app(home) as app:
        yield app


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright's loop runs in this thread as long as it lives: other tests have their own."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture
def visit(app, browser) -> Iterator[Visit]:
    """Open a page of the app: `visit("/machines", locale="ko-KR")`.

    At the end it is checked that no page asked anybody but the app, and that no console complained.
    """
    visits = Visit(app, browser)
    yield visits
    visits.close()
    assert visits.outside == []
    assert visits.complaints == []
