"""The pages over a real household: PostgreSQL, Redis, node_exporter, endpoints, n8n's API."""

import subprocess
import time

import httpx
import pytest
from playwright.sync_api import Page, expect

from data.home import Home
from tests.e2e.browsing import PHONE, Visit, fits, in_the_way, running_app
from tests.household import Lock, running_household
from tests.processes import running_agent, until

pytestmark = pytest.mark.slow

PAGES = ["/", "/workflows", "/machines?tab=databases", "/machines?tab=services", "/settings"]
FAILING = "/workflows?workflow=n8n%3Amain%2Fwf2"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("household"))
    with (
        running_household(home, batch_seconds=2) as house,
        running_agent(home, **house.environ) as (_, reader),
    ):
        until(lambda: "postgres:main" in (reader.details() or {}), 60)
        until(lambda: reader.details()["n8n:main"].get("workflows"), 60)
        # Three refusals in a row make an endpoint down.
        until(lambda: reader.details()["endpoint:away"].get("up") is False, 90)
        yield house


@pytest.fixture(scope="module")
def app(house):
    with running_app(house.home) as app:
        yield app


@pytest.fixture
def visit(app, browser):
    visits = Visit(app, browser)
    yield visits
    visits.close()
    assert visits.outside == []
    assert visits.complaints == []


def on_the_page(page: Page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text()


def test_the_overview_names_every_part_and_what_is_wrong_with_it(visit):
    page = visit("/")

    expect(page.get_by_text("Everything at a glance")).to_be_visible()
    text = on_the_page(page)
    for part in ("postgres main", "redis main", "sqlite main", "api-0", "away", "gpu-box"):
        assert part in text
    assert "3 failures in a row" in text
    assert "no run for" in text


def test_workflows_show_failures_with_node_and_text_and_a_link(visit):
    page = visit(FAILING)

    expect(page.get_by_text("channel_not_found").first).to_be_visible()
    link = page.get_by_role("link", name="open", exact=True).first
    assert "/workflow/" in link.get_attribute("href")
    assert "/executions/" in link.get_attribute("href")


def test_a_name_with_markup_is_shown_as_it_is(visit):
    page = visit(FAILING)

    expect(page.get_by_text("Slack").first).to_be_visible()
    assert page.locator('[data-testid="stMain"] b', has_text="customers").count() == 0


def test_who_blocks_whom_is_seen_while_it_lasts(visit, house):
    with house.postgres.connect() as waiting:
        with Lock(house.postgres, "videos"):
            thread = _in_background(lambda: waiting.execute("SELECT count(*) FROM videos"))
            page = visit("/machines?tab=databases")
            expect(page.get_by_text("Who blocks whom")).to_be_visible()
            assert "blocks 1" in on_the_page(page)
        thread.join(20)


def test_the_services_show_what_is_down_and_what_is_late(visit, house):
    at = httpx.HTTPTransport(uds=str(house.home.socket))
    with httpx.Client(transport=at, base_url="http://agent") as agent:
        told = agent.post("/beat/nightly-dump", params={"state": "fail", "message": "disk full"})
    assert told.status_code == 200, told.text

    page = visit("/machines?tab=services")

    expect(page.get_by_text("How fast they answer")).to_be_visible()
    assert "Exporters" in on_the_page(page)
    expect(page.get_by_text("failed: disk full").first).to_be_visible()


def test_a_scraped_machine_has_the_same_tiles(visit):
    page = visit("/machines?machine=gpu-box")

    expect(page.get_by_text("Fullest disk")).to_be_visible()
    values = page.locator('[data-testid="stMetricValue"]').all_inner_texts()
    assert [value for value in values if "%" in value]


def test_a_database_that_dies_is_down_with_a_since_and_comes_back(visit, house):
    page = visit("/machines?tab=databases")
    house.redis.kill()
    try:
        expect(page.get_by_text("error").first).to_be_visible()
    finally:
        house.redis.start()


def test_a_look_around_finds_the_house_and_leaves_its_settings_alone(visit, house):
    before = (house.home.path / "sallim.toml").read_text()
    page = visit("/settings")

    page.get_by_role("button", name="Look around").click()
    expect(page.get_by_role("button", name="Show the settings")).to_be_visible()
    page.get_by_role("button", name="Show the settings").click()
    expect(page.get_by_text("Written by").first).to_be_visible()

    assert page.get_by_role("button", name="Write and take over").is_disabled()
    assert (house.home.path / "sallim.toml").read_text() == before


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_phone_needs_no_sideways_scrolling(visit, path, lang):
    page = visit(f"{path}{'&' if '?' in path else '?'}lang={lang}", **PHONE)

    assert fits(page)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_by_everybody(visit, path, scheme):
    page = visit(path, color_scheme=scheme)
    time.sleep(1)  # Streamlit fades stale parts in and out: colours are judged once they stand.

    assert in_the_way(page) == []


def test_curl_as_the_page_shows_it_brings_a_heartbeat(house):
    done = subprocess.run(
        [
            "curl",
            "-fsS",
            "--unix-socket",
            house.home.socket,
            "-X",
            "POST",
            "http://agent/beat/backup?every=24h",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )

    assert '"on time"' in done.stdout


def _in_background(action):
    import threading

    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread
