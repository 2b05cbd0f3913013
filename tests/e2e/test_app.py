"""The app in a real browser, over a real agent that watches this machine."""

import signal

import pytest
from playwright.sync_api import Page, expect

from models.spans import LIVE
from tests.e2e.browsing import (
    PHONE,
    WCAG,
    Visit,
    fits,
    in_the_way,
    paused,
    running_app,
    with_charts,
)

pytestmark = pytest.mark.slow

TILES = '[data-testid="stMetricValue"]'


def texts_of(page: Page, selector: str) -> str:
    return " ".join(page.locator(selector).all_inner_texts())


def wait_for_change(page: Page, selector: str, before: str) -> str:
    page.wait_for_function(
        """([selector, before]) => {
          const now = [...document.querySelectorAll(selector)].map(e => e.innerText).join(' ');
          return now !== before && now.length > 0 }""",
        arg=[selector, before],
    )
    return texts_of(page, selector)


def test_numbers_of_this_machine_move_by_themselves(visit):
    page = visit("/")
    expect(page.locator(TILES)).not_to_have_count(0)

    first = texts_of(page, TILES)
    second = wait_for_change(page, TILES, first)
    third = wait_for_change(page, TILES, second)

    assert "%" in first
    assert len({first, second, third}) == 3


def test_a_frozen_agent_is_said_and_a_thawed_one_is_fine_again(visit, agent):
    page = visit("/")
    alarm = page.get_by_text("The agent is silent since")
    expect(alarm).to_have_count(0)

    agent.send_signal(signal.SIGSTOP)
    try:
        expect(alarm).to_be_visible()
        expect(page.get_by_text("stale").first).to_be_visible()
    finally:
        agent.send_signal(signal.SIGCONT)

    expect(alarm).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/machines"])
def test_a_phone_needs_no_sideways_scrolling(visit, path):
    page = visit(path, **PHONE)

    assert fits(page)


def test_a_finger_on_a_chart_scrolls_the_page(visit):
    page = with_charts(visit("/machines", **PHONE))

    # In the midst of a refresh there is no layout for a moment.
    layout = page.wait_for_function("() => document.querySelector('.js-plotly-plot')?._fullLayout")

    assert layout.evaluate("e => e.dragmode") is False


def test_a_phone_reaches_every_page(visit):
    page = visit("/", **PHONE)

    page.locator('[data-testid="stExpandSidebarButton"]').click()
    page.locator('[data-testid="stSidebarNavLink"]', has_text="Machines").click()

    expect(page.get_by_role("heading", name="Machines")).to_be_visible()


def test_a_dark_room_gets_a_dark_page(visit):
    page = with_charts(visit("/machines", color_scheme="dark"))

    ground = page.locator('[data-testid="stApp"]').evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )

    assert ground == "rgb(14, 17, 23)"


def test_a_korean_browser_gets_korean(visit):
    page = visit("/", locale="ko-KR")

    expect(page.get_by_role("heading", name="한눈에", exact=True)).to_be_visible()


def test_another_language_keeps_the_view(visit):
    page = with_charts(visit("/machines?span=24h"))

    page.get_by_role("radio", name="한국어").or_(page.get_by_text("한국어")).first.click()

    expect(page.get_by_role("heading", name="기계")).to_be_visible()
    page.wait_for_url("**/machines?*lang=ko*")
    assert "span=24h" in page.url


def test_one_pointer_reads_every_chart(visit):
    """Paused, since a refresh takes the readout away until the pointer moves again."""
    page = with_charts(visit("/machines"))
    box = paused(page)

    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + 80)

    readout = page.locator(".hoverlayer .legend")
    expect(readout).to_contain_text("CPU")
    expect(readout).to_contain_text("Memory")
    expect(readout).to_contain_text("Network")


def test_a_zoom_stays_while_the_page_is_paused(visit):
    """Streamlit makes a new chart of new values, so one that is drawn anew shows the whole span."""
    page = with_charts(visit("/machines"))
    box = paused(page)
    window = "() => document.querySelector('.js-plotly-plot')?._fullLayout?.xaxis.range.join()"
    whole = page.wait_for_function(window).json_value()

    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 82, steps=5)
    page.mouse.up()
    page.wait_for_function(f"whole => ({window})() !== whole", arg=whole)
    zoomed = page.evaluate(window)
    page.wait_for_timeout(2_000 * LIVE.refresh_seconds)

    assert page.evaluate(window) == zoomed


def test_the_values_can_be_taken_along(visit):
    page = with_charts(visit("/machines"))

    with page.expect_download() as download:
        page.get_by_role("button", name="Values as CSV").click()

    content = download.value.path().read_text("utf-8-sig")
    assert content.startswith("time,machine,metric,labels,unit,mean,min,max")
    assert "machine.cpu.utilization" in content
    assert "+09:00" in content


@pytest.mark.parametrize("path", ["/", "/machines"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way_of_anybody(visit, path, scheme):
    page = visit(path, color_scheme=scheme)
    if path == "/machines":
        with_charts(page)

    assert in_the_way(page, options=WCAG) == []


def test_the_first_visitor_of_a_fresh_server_may_come_by_any_address(home, agent, browser):
    with running_app(home) as fresh:
        visit = Visit(fresh, browser)
        page = visit("/machines")

        expect(page.locator('[data-testid="stTopNav"]').first).to_be_visible()
        # A fresh server imports what the page needs while the first visitor waits.
        expect(page.get_by_role("heading", name="Machines")).to_be_visible()
        visit.close()
