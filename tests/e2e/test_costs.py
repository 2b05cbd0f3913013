"""The costs of the demo household in a real browser, and what its files hold."""

import csv
import json
import re
import subprocess
import sys
import time
from decimal import ROUND_HALF_UP, Decimal

import pytest
from playwright.sync_api import expect

from data.home import Home
from tests.e2e.browsing import PHONE, Visit, fits, in_the_way, running_app, with_charts
from tests.processes import ROOT, environ_of, running_agent, until

pytestmark = pytest.mark.slow

DAYS = 35
PATHS = [
    "/costs",
    "/costs?tab=models&span=year",
    "/costs?tab=calls&order=dearest",
    "/costs?tab=advice",
    "/costs?tab=refused",
    "/costs?tab=providers",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("demo"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "agent",
            "demo",
            "--home",
            home.path,
            "--days",
            str(DAYS),
            "--no-forecasts",
        ],
        cwd=ROOT,
        env=environ_of(home),
        check=True,
        timeout=120,
    )
    with running_agent(home) as (_, reader):
        until(reader.live)
        with running_app(home) as app:
            yield app


@pytest.fixture
def visit(app, browser):
    visits = Visit(app, browser)
    yield visits
    visits.close()
    assert visits.outside == []
    assert visits.complaints == []


def downloaded(page, button: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return waiting.value.path().read_text(encoding="utf-8-sig")


def shown_sum(page) -> Decimal:
    """The bold amount above the bars."""
    text = page.locator('[data-testid="stMain"] strong', has_text="₩").first.inner_text()
    return Decimal(re.sub(r"[₩,]", "", text))


def whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


def test_the_files_hold_what_the_view_shows_to_the_won(visit):
    page = with_charts(visit("/costs?by=model"))
    shown = shown_sum(page)

    rows = list(csv.DictReader(downloaded(page, "This view as CSV").splitlines()))
    again = json.loads(downloaded(page, "This view as JSON"))
    focus = list(csv.DictReader(downloaded(page, "Everything as FOCUS").splitlines()))

    assert shown > 1_000 or time.localtime().tm_mday == 1
    assert whole(sum(Decimal(row["won"]) for row in rows)) == shown
    assert [row["won"] for row in rows] == [row["won"] for row in again]
    assert whole(sum(Decimal(row["x_Krw"]) for row in focus)) == shown


def test_the_first_screen_tells_spent_left_and_expected(visit):
    page = with_charts(visit("/costs"))

    tiles = page.locator('[data-testid="stMetric"]')
    expect(tiles).to_have_count(6)
    assert all("₩" in text for text in tiles.all_inner_texts())
    assert all(mark in page.content() for mark in ("of ₩15,000", "of ₩24,900"))


def test_a_view_is_shared_by_its_address(visit):
    page = with_charts(visit("/costs?span=year&by=workflow&bucket=total"))

    page.get_by_role("radio", name="Kind").or_(page.get_by_text("Kind", exact=True)).first.click()

    page.wait_for_url("**/costs?*by=kind*")
    assert "span=year" in page.url
    assert "bucket=total" in page.url


def test_what_providers_say_stands_in_a_tab_of_its_own(visit):
    page = visit("/costs?tab=providers")

    for title in ("Paid ahead", "Bills", "Network and storage"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    for text in (
        r"google: \$.* is left of what was paid ahead, and gone on 20",
        "runpod: recharged by",
        "openai: 0.3100 USD of its bill did not pass the guard",
        r"Or, of rented machines, for [\d.]+ h of gpu-rented",
    ):
        expect(page.get_by_text(re.compile(text)).first).to_be_visible()


def test_days_are_those_of_the_house_wherever_the_browser_is(visit):
    """The month begins on the left, and its name is that of the house's first day."""
    ranges = [
        with_charts(visit("/costs", timezone_id=zone))
        .wait_for_function(
            "() => document.querySelector('.js-plotly-plot')?._fullLayout?.xaxis?.range[0]"
        )
        .json_value()
        for zone in ("Asia/Seoul", "America/Los_Angeles")
    ]

    assert ranges[0] == ranges[1]
    assert re.match(r"\d{4}-\d\d-01( 00:00)?", ranges[0])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_phone_needs_no_sideways_scrolling(visit, path, lang):
    page = visit(f"{path}{'&' if '?' in path else '?'}lang={lang}", **PHONE)

    assert fits(page)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_by_everybody(visit, path, scheme):
    page = with_charts(visit(path, color_scheme=scheme))
    page.wait_for_timeout(1_000)  # Streamlit fades stale parts in and out.

    assert in_the_way(page) == []


def test_advice_opens_to_its_evidence_and_to_lines_to_paste(visit):
    page = with_charts(visit("/costs?tab=advice"))
    cards = page.locator('[data-testid="stExpander"]')
    expect(cards.nth(3)).to_be_visible()
    saved = page.get_by_text("a month could be saved.")
    expect(saved).to_contain_text("₩")

    cards.first.locator("summary").click()

    expect(cards.first.locator('[data-testid="stDataFrame"]')).to_be_visible()
    expect(cards.first.locator('[data-testid="stCode"]')).to_be_visible()
    assert "tab=advice" in page.url
    expect(page.get_by_role("button", name="This view as CSV")).to_be_visible()


def test_a_korean_browser_gets_korean(visit):
    page = with_charts(visit("/costs", locale="ko-KR"))

    expect(page.get_by_role("heading", name="비용", exact=True)).to_be_visible()
    expect(page.get_by_text("이번 달의 흐름")).to_be_visible()
