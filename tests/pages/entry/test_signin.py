"""The page `/signin`: how to get in, which devices there are, and out again; in both languages."""

import re

import pytest

from pages.entry.visitors import cookie_name
from tests.agent.signing_in import PHONE
from tests.pages.test_pages import ENGLISH


def text_of(answer) -> str:
    body = re.sub(r"(?s)<(style|script).*?</\1>|<code>.*?</code>", "", answer.text)
    body = body.partition("<main>")[2].partition("<nav")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def cookie_of(house, browser) -> str | None:
    return browser.cookies.get(cookie_name(str(house.home.path)))


def test_it_says_how_to_get_a_link(house):
    answer = house.browser().get("/signin")

    assert answer.status_code == 200
    assert re.search(r"<code>\S+ -m agent link --home \S+</code>", answer.text)
    assert "works once, for a quarter of an hour" in answer.text


@pytest.mark.parametrize("who", ["nobody", "viewer", "resting"])
def test_in_korean_no_english_is_left(house, who):
    browser = house.browser() if who == "nobody" else house.signed_in(name="kim", role="operator")
    if who == "resting":
        house.clock.pass_by(3_600)
    answer = browser.get("/signin", headers={"accept-language": "ko-KR,ko;q=0.9,en;q=0.8"})

    assert '<html lang="ko">' in answer.text
    assert ENGLISH.findall(text_of(answer).replace("make run", "")) == []


def test_the_address_chooses_the_language(house):
    answer = house.browser().get("/signin?lang=ko", headers={"accept-language": "en"})

    assert '<html lang="ko">' in answer.text


def test_a_pasted_address_signs_in_and_may_be_remembered(house):
    link, _ = house.sessions.make_link()
    browser = house.browser()
    form = {"link": f" http://127.0.0.1:8501/?signin={link} ", "remember": "1", "next": "/costs"}

    answer = browser.post("/signin", data=form)

    assert answer.headers["location"] == "/costs"
    assert re.search(r"Max-Age=(2592000|2591\d{3});", str(answer.headers.get_list("set-cookie")))
    assert house.sessions.visit(cookie_of(house, browser)).session.remembered
    assert house.sessions.visit(cookie_of(house, browser)).session.device == "Chrome, Android"


def test_a_used_link_is_refused_with_a_sentence_in_the_readers_language(house):
    link, _ = house.sessions.make_link()
    house.browser().post("/signin", data={"link": link})

    for language, sentence in (("en", "does not sign in"), ("ko", "로그인할 수 없습니다")):
        answer = house.browser().post(f"/signin?lang={language}", data={"link": link})
        assert answer.status_code == 403
        assert sentence in answer.text


def test_an_opened_link_that_no_longer_works_ends_in_a_page_not_in_a_circle(house):
    browser = house.browser()
    browser.get("/?signin=slm_" + "x" * 43)

    answer = browser.post("/signin")

    assert answer.status_code == 403
    assert 'id="enter"' not in answer.text
    assert 'id="enter"' not in browser.get("/signin").text


def test_who_is_in_sees_name_role_and_devices_and_signs_out(house):
    other = house.signed_in(name="kim", role="viewer")
    browser = house.signed_in()
    page = text_of(browser.get("/signin"))
    assert "owner: may do everything" in page
    assert "kim · Chrome, Android" in page

    number = re.search(r'name="device" value="(\w+)"', browser.get("/signin").text).group(1)
    assert browser.post("/signin/end", data={"device": number}).status_code == 303
    assert other.get("/").status_code == 303
    browser.post("/signin/end")
    assert cookie_of(house, browser) is None
    assert browser.get("/").status_code == 303


def test_who_is_ended_from_another_device_is_out_at_once(house):
    browser, other = house.signed_in(), house.signed_in()
    assert other.get("/").status_code == 200

    browser.post("/signin/end", data={"everywhere": "1"})

    assert other.get("/").status_code == 303


def test_a_new_link_in_a_signed_in_browser_replaces_its_session(house):
    browser = house.signed_in(name="kim", role="viewer")
    before = cookie_of(house, browser)
    link, _ = house.sessions.make_link()

    browser.post("/signin", data={"link": link})

    assert house.role(before) is None
    assert house.role(cookie_of(house, browser)) == "owner"


def test_a_link_of_somebody_else_signs_nobody_out_by_itself(house):
    """A page of a stranger may lead a browser to a link of its own."""
    browser = house.signed_in(name="kim", role="operator")
    link, _ = house.sessions.make_link(name="eve", role="viewer")

    shown = browser.get(browser.get(f"/?signin={link}").headers["location"]).text

    assert 'id="enter"' in shown
    assert "<script" not in shown
    assert "signed in as kim" in shown
    assert house.role(cookie_of(house, browser)) == "operator"
    browser.post("/signin")
    assert house.role(cookie_of(house, browser)) == "viewer"


def test_a_form_with_too_much_in_it_is_refused(house):
    assert house.browser().post("/signin", content="a=1&" * 60).status_code == 403


def test_a_device_is_remembered_later_and_forgotten_again(house):
    browser = house.signed_in()

    answer = browser.post("/signin/remember", data={"remember": "1"})
    assert re.search(r"Max-Age=(2592000|2591\d{3});", str(answer.headers.get_list("set-cookie")))
    assert "Max-Age" in str(browser.get("/").headers.get_list("set-cookie"))
    answer = browser.post("/signin/remember", data={"remember": "0"})
    assert "Max-Age" not in str(answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("path", ["/signin", "/signin/end", "/signin/remember"])
def test_a_form_of_somebody_else_does_nothing(house, path):
    browser = house.signed_in()
    link, _ = house.sessions.make_link()

    answer = browser.post(path, data={"link": link}, headers={"origin": "http://evil.example"})

    assert answer.status_code == 403
    assert house.role(cookie_of(house, browser)) == "owner"
    assert house.sessions.use_link(link, PHONE)


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere(house, place):
    link, _ = house.sessions.make_link()

    answer = house.browser().post("/signin", data={"link": link, "next": place})

    assert answer.headers["location"] == "/"
    assert "evil" not in house.browser().get("/signin", params={"next": place}).text


def test_what_a_browser_sends_stands_on_the_page_as_text(house):
    house.signed_in(name="kim", role="viewer")
    link, _ = house.sessions.make_link()
    agent = "<script>alert(1)</script>"
    browser = house.browser(**{"user-agent": agent})
    browser.post("/signin", data={"link": link})

    assert "<script>alert" not in browser.get("/signin").text


def test_a_form_that_is_too_long_is_not_read(house):
    assert house.browser().post("/signin", data={"link": "x" * 10_000}).status_code == 403
