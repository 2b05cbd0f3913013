"""The page of the demand in a real browser, over an agent that forecasts."""

import time

import pytest
from playwright.sync_api import expect

from data.demand import latest
from data.home import Home
from data.ops.store import Store, StoreLimits
from tests.data.houses import row
from tests.e2e.browsing import DESK, PHONE, WCAG, fits, in_the_way, link_for, running_app, settled
from tests.pages.demand_home import demand_at, fill, last_hour
from tests.processes import free_port, running_agent, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]
DAYS, HOUR = 21, 3_600
SETTINGS = """
[app]
port = {port}
[exchange]
online = false
[[target]]
name = "videos"
kind = "arrivals"
only = "video"
[[pool]]
name = "gpu"
target = "videos"
capacity = 1
instances_more_max = 4
hour_price = "6 KRW"
"""
"""So cheap that demand, not money, says how many there are."""
DONE_MS, FIT_SECONDS = 120_000, 400
TABS = ("forecast", "pattern", "accuracy", "models", "what-if")
NAVIGATION = '[data-testid="stSidebarNavItems"]'
"""Streamlit's own list of pages on a phone, which we cannot mend."""


def fill_jobs(store) -> None:
    """As many each hour as the fill of the page's own tests says, evenly within it."""
    end = last_hour(time.time())
    rows = [
        row(f"j{at}-{number}", "", "", at + number * HOUR / count, 60.0)
        for at in range(end - DAYS * 24 * HOUR, end, HOUR)
        for count in [int(demand_at(at))]
        for number in range(count)
    ]
    for first in range(0, len(rows), 5_000):
        store.fold_jobs(rows[first : first + 5_000], "jobs:test", first)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    home, port = Home(tmp_path_factory.mktemp("demand")), free_port()
    home.make()
    (home.path / "sallim.toml").write_text(SETTINGS.format(port=port))
    store = Store.open(home, StoreLimits(free_min_bytes=0), time.time())
    fill_jobs(store)
    fill(store, hours=DAYS * 24)
    store.close()
    with running_agent(home) as (_, reader), running_app(home, port) as app:
        until(reader.live)
        yield home, app, reader


@pytest.fixture
def opened(house, browser):
    """The page as the owner sees it."""
    contexts = []

    def visit(address, **look):
        home, app, _ = house
        context = browser.new_context(**{**DESK, "locale": "en-US", **look})
        context.set_default_timeout(DONE_MS)
        contexts.append(context)
        page = context.new_page()
        page.goto(link_for(home))
        settled(page)
        page.goto(f"{app.address}{address}")
        settled(page)
        return page

    yield visit
    for context in contexts:
        context.close()


def tile(page, title):
    return page.locator('[data-testid="stMetric"]', has_text=title).locator(
        '[data-testid="stMetricValue"]'
    )


def test_a_slider_moves_and_the_address_the_plan_and_the_won_follow(opened):
    page = opened("/demand?series=videos&tab=what-if")
    won, hours = tile(page, "Machines, a week"), tile(page, "Machine hours a week")
    before, hours_before = won.inner_text(), hours.inner_text()

    handle = page.get_by_role("slider", name="Growth of the demand").or_(
        page.locator('[data-testid="stSlider"]', has_text="Growth of the demand").locator("input")
    )
    handle.first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**growth=50*")

    expect(won).not_to_have_text(before)
    expect(hours).not_to_have_text(hours_before)
    page.reload()
    settled(page)
    expect(won).not_to_have_text(before)


def test_an_address_that_is_handed_on_opens_the_same_plan(opened):
    address = "/demand?series=videos&tab=what-if&growth=100&price=1200&most=6"
    titles = ("Machine hours a week", "Machines, a week", "Late")

    first, second = (
        [tile(page, title).inner_text() for title in titles]
        for page in (opened(address), opened(address, locale="en-GB"))
    )

    assert first == second
    assert first != [
        tile(opened("/demand?series=videos&tab=what-if"), title).inner_text() for title in titles
    ]


def test_what_an_address_asks_beyond_a_slider_is_its_end(opened):
    page = opened("/demand?series=videos&tab=what-if&growth=99999&price=-5&headroom=nan")

    assert fits(page)
    page.wait_for_url("**growth=400*")
    assert "price=0" in page.url
    assert "headroom" not in page.url


def test_the_recipe_that_is_applied_is_the_agents_at_its_next_tick(house, opened):
    reader = house[2]
    page = opened("/demand?series=videos&tab=models")
    for slow in ("ensemble of eight", "ARIMA with Fourier terms"):
        page.get_by_role("button", name=slow).click()
    page.get_by_role("button", name="Fit and compare").click()
    apply = page.get_by_role("heading", name="Apply one")
    expect(apply).to_be_visible(timeout=FIT_SECONDS * 1_000)

    page.locator('[data-testid="stSelectbox"]', has_text="Model").locator("input").last.click()
    page.get_by_role("option", name="Holt-Winters").click()
    page.get_by_label("Reason").fill("it was best")
    page.get_by_role("button", name="Show what follows").click()
    page.get_by_label("Type videos to confirm").fill("videos")
    page.get_by_role("button", name="Do it").click()

    expect(page.get_by_text("done").first).to_be_visible(timeout=DONE_MS)
    until(
        lambda: (made := latest(reader, "videos")) and made.asked.model == "holt_winters",
        FIT_SECONDS,
    )
    page = opened("/demand?series=videos")
    expect(page.get_by_text("Holt-Winters").first).to_be_visible()


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize(
    "look",
    [
        {**PHONE, "viewport": {"width": 360, "height": 780}, "locale": "ko-KR"},
        {"color_scheme": "dark", "reduced_motion": "reduce"},
    ],
    ids=["phone-ko", "dark"],
)
def test_every_tab_fits_and_nothing_stands_in_the_way(opened, tab, look):
    page = opened(f"/demand?tab={tab}", **look)

    assert fits(page)
    elsewhere = {"exclude": [[NAVIGATION]]}
    assert in_the_way(page, context=elsewhere, options=WCAG) == []
