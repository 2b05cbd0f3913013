"""Signing in by an identity provider, from the button to the page that was wanted."""

import httpx
import pytest

from models.settings.oidc import Oidc
from pages.entry.visitors import cookie_name
from tests.standins.oidc import CLIENT, provider


@pytest.fixture
def standing(house):
    with provider() as standing:
        rules = Oidc(name="House ID", issuer=standing.url, client_id=CLIENT)
        house.oidc.take_over(rules, "http://127.0.0.1:8501")
        (house.home.path / "sallim.toml").write_text(
            f'[oidc]\nname = "House ID"\nissuer = "{standing.url}"\nclient_id = "{CLIENT}"\n'
        )
        yield standing


def came_back(browser, path="/signin/oidc") -> httpx.Response:
    """Off to the provider, consent there, and back."""
    away = browser.get(path)
    consent = httpx.get(away.headers["location"], follow_redirects=False, trust_env=False)
    return browser.get(consent.headers["location"])


def test_who_was_added_comes_in_by_the_button_with_his_role(house, standing):
    house.enter()
    house.sessions.put_person("kim", "operator", "kim@example.com")
    browser = house.browser()
    page = browser.get("/signin?next=/machines?span=24h").text
    assert "Sign in with House ID" in page
    assert 'href="/signin/oidc?next=/machines%3Fspan%3D24h"' in page

    answer = came_back(browser, "/signin/oidc?next=/machines%3Fspan%3D24h")

    assert answer.headers["location"] == "/machines?span=24h"
    token = browser.cookies[cookie_name(str(house.home.path))]
    assert house.sessions.who(token).name == "kim"
    assert house.role(token) == "operator"
    assert browser.get("/").status_code == 200


def test_a_stranger_whom_the_provider_knows_stays_out(house, standing):
    answer = came_back(house.browser())

    assert answer.status_code == 403
    assert "kim@example.com may not come in here" in answer.text


def test_an_answer_that_another_browser_asked_for_is_refused(house, standing):
    house.enter()
    house.sessions.put_person("kim", "owner", "kim@example.com")
    away = house.browser().get("/signin/oidc")
    consent = httpx.get(away.headers["location"], follow_redirects=False, trust_env=False)

    victim = house.browser()
    victim.get("/signin/oidc")
    answer = victim.get(consent.headers["location"])

    assert answer.status_code == 403
    assert victim.get("/").status_code == 303


def test_a_no_of_the_provider_is_told_as_text(house, standing):
    browser = house.browser()
    state = browser.get("/signin/oidc").headers["location"].partition("state=")[2].partition("&")[0]

    answer = browser.get("/signin/oidc/back", params={"error": "<b>denied", "state": state})

    assert answer.status_code == 403
    assert "says no: &lt;b&gt;denied" in answer.text


def test_a_state_that_is_none_is_refused(house, standing):
    browser = house.browser()
    browser.get("/signin/oidc")

    answer = browser.get("/signin/oidc/back", params={"state": "é", "code": "1"})

    assert answer.status_code == 403
    assert "Begin anew" in answer.text
