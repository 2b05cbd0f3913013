"""A workflow whose name is a formula, HTML and Markdown at once stays a name in a real browser."""

import time
from contextlib import closing

import pytest
from playwright.sync_api import expect

from data.costs import buckets
from data.home import Home
from sallim.ledger.accounts import Accounts
from tests.e2e.browsing import Visit, running_app
from tests.processes import running_agent, until
from tests.sallim.money import WON, asked, settlement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
HOSTILE = '=1+1<a href="http://evil.example">x</a><img src=q>[y](http://evil.example) **z** $a$'
SETTINGS = f"""
[house]
signin = "off"
[budget]
workflows_krw = ['{HOSTILE}=1000']
alert_percents = [50]
[exchange]
online = false
"""
PAGES = (
    "/budget",
    "/budget?tab=what-if&at=95",
    "/costs?by=workflow",
    *(f"/costs?tab={tab}" for tab in ("analyses", "calls", "refused")),
)
MADE = """() => [
  ...document.querySelectorAll('a[href*="evil"], img[src="q"], img[src$="/q"]')
].map(each => each.outerHTML).concat(
  [...document.querySelectorAll('a')].map(each => each.getAttribute('xlink:href') || '')
    .filter(each => each.includes('evil')))"""


def call(number, now_us, **changed):
    return asked(
        f"call-{number}",
        600 * WON,
        workflow=HOSTILE,
        analysis=HOSTILE,
        model=HOSTILE,
        buckets=("api", "total", f"workflow:{HOSTILE}"),
        opened_us=now_us,
        **changed,
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One call of it, and one that was refused."""
    home = Home(tmp_path_factory.mktemp("names"))
    home.make()
    (home.path / "sallim.toml").write_text(SETTINGS)
    with running_agent(home) as (_, reader):
        now_us = time.time_ns() // 1_000
        with closing(Accounts.open(home.ledger)) as accounts:
            accounts.reserve(call(1, now_us))
            accounts.settle("call-1", 1, settlement(600 * WON, settled_us=now_us, error=HOSTILE))
            assert accounts.reserve(call(2, now_us)).code == "budget"
        with running_app(home) as app:
            until(lambda: any(each.spent_won for each in buckets(reader, time.time())))
            yield app


@pytest.fixture
def visit(house, browser):
    visits = Visit(house, browser)
    yield visits
    visits.close()
    assert visits.outside == []
    assert visits.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_name_stays_a_name(visit, path):
    page = visit(path)
    expect(page.get_by_text("=1+1").first).to_be_visible(timeout=30_000)

    # A button shows the sign that keeps an end tag from being one.
    lines = page.inner_text("body").replace("\\<", "<").splitlines()
    told = {line.strip() for line in lines if "=1+1" in line}
    assert told <= {HOSTILE, f"Workflow {HOSTILE}"}
    assert page.evaluate(MADE) == []
    assert page.locator('[data-testid="stException"]').count() == 0
