"""The owner raises and stops by the page, in a real browser; a viewer cannot."""

import time
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from data.costs import buckets
from data.home import Home
from sallim.ledger import Ledger
from tests.e2e.browsing import DESK, PHONE, WCAG, link_for, running_app, settled
from tests.processes import free_port, running_agent, until

pytestmark = pytest.mark.slow
SETTINGS = """[app]
port = {port}
[[waiting.rerun_by]]
name = "analysis"
command = ["/bin/true"]
[[service]]
name = "gpu"
kind = "command"
stop = ["/bin/true"]
start = ["/bin/true"]
check = ["/usr/bin/test", "-e", "/nowhere"]
hour_krw = 600
still_bills = "disk of 50 GB"
"""
DONE_MS = 60_000


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    home, port = Home(tmp_path_factory.mktemp("budget")), free_port()
    home.make()
    (home.path / "sallim.toml").write_text(SETTINGS.format(port=port))
    with running_agent(home) as (_, reader), running_app(home, port) as app:
        until(lambda: buckets(reader, time.time()))
        yield home, app


@pytest.fixture
def opened(house, browser):
    """The page as the owner sees it, on a desk."""
    contexts = []

    def visit(address, link="", **look):
        home, app = house
        context = browser.new_context(**{**DESK, **look}, locale="en-US")
        contexts.append(context)
        page = context.new_page()
        page.goto(link or link_for(home))
        settled(page)
        page.goto(f"{app.address}{address}")
        settled(page)
        return page

    yield visit
    for context in contexts:
        context.close()


def prepare(page, reason="the last videos"):
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Show what follows").click()


def test_the_owner_raises_by_typing_the_figure(opened):
    page = opened("/budget?tab=ask")
    prepare(page)
    expect(page.get_by_text("api may spend 16,000 won instead of 15,000")).to_be_visible()

    page.get_by_label("Type 1000 to confirm").fill("1000")
    page.get_by_role("button", name="Do it").click()

    expect(page.get_by_text("may spend 1,000 won more")).to_be_visible(timeout=DONE_MS)
    assert not Axe().run(page, options=WCAG).response["violations"]


def test_a_stop_of_everything_is_followed_until_it_is_seen_to_be_done(opened):
    page = opened("/budget?tab=ask&ask=stop_all", **PHONE, color_scheme="dark")
    prepare(page)
    expect(page.get_by_text("gpu (disk of 50 GB)")).to_be_visible()

    page.get_by_label("Type everything to confirm").fill("everything")
    page.get_by_role("button", name="Do it").click()

    expect(page.get_by_text("done, and seen to be so")).to_be_visible(timeout=DONE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_a_viewer_has_nothing_to_press(house, opened):
    link = link_for(house[0], "--name", "sora", "--role", "viewer")

    page = opened("/budget?tab=ask", link)

    expect(page.get_by_text("You may look and not change anything")).to_be_visible()
    expect(page.get_by_role("button", name="Show what follows")).to_have_count(0)


def test_what_waits_for_money_is_run_again_or_dismissed_on_the_phone_too(house, opened):
    home, now_us = house[0], time.time_ns() // 1_000
    refused = "Sallim: 40 won may be needed, and 3 are left of 14,250 for important calls in 'api'"
    with closing(Ledger.open(home.ledger)) as ledger:
        for number in (1, 2):
            row = {"job_id": f"job-{number}", "name": "analysis", "key": f"video-{number}"}
            ended = {"state": "failed", "started_us": now_us, "ended_us": now_us + number}
            ledger.record_jobs([{**row, **ended, "error": f"402 {refused}"}], now_us)
    page = opened("/budget?tab=waiting")
    expect(page.get_by_text("2 wait, about ₩80")).to_be_visible(timeout=DONE_MS)
    assert not Axe().run(page, options=WCAG).response["violations"]

    page = opened("/budget?tab=waiting", **PHONE, color_scheme="dark")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text("analysis · video-1 is left")).to_be_visible(timeout=DONE_MS)
    expect(page.get_by_text("1 wait, about ₩40")).to_be_visible(timeout=DONE_MS)
    page.get_by_role("button", name="Run all, paced").click()

    expect(page.get_by_text("analysis · video-2 runs again")).to_be_visible(timeout=DONE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]
