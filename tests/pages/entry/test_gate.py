"""Nobody reaches a page, a file or the WebSocket who is not signed in, or not from here."""

import pytest
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect
from streamlit.proto.BackMsg_pb2 import BackMsg

from pages.entry import visitors as asking
from pages.entry.visitors import cookie_name, visitors_of

OURS = {"origin": "http://127.0.0.1:8501"}
STREAM = "ws://127.0.0.1:8501/_stcore/stream"
GUARDED = ["/media/costs.csv", "/_stcore/metrics", "/_stcore/host-config", "/_stcore/mcp"]


def cookies_in(answer) -> str:
    return " | ".join(answer.headers.get_list("set-cookie"))


def opens(browser, **headers: str) -> bool:
    """Whether it gets a WebSocket."""
    try:
        with browser.websocket_connect(STREAM, headers=headers):
            return True
    except (WebSocketDisconnect, WebSocketDenialResponse):
        return False


def test_who_is_not_signed_in_is_led_to_the_sign_in(house):
    answer = house.browser().get("/machines?span=24h")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/signin?next=/machines?span=24h"


@pytest.mark.parametrize("path", GUARDED)
def test_nothing_that_a_page_loads_is_to_be_had_either(house, path):
    assert house.browser(accept="*/*").get(path).status_code == 401
    assert house.browser(accept="*/*").post(path).status_code == 401
    assert house.signed_in().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/_stcore/health", "/static/js/index.js", "/favicon.png"])
def test_what_is_the_same_in_every_house_is_free(house, path):
    assert house.browser().get(path).status_code == 200


def test_an_opened_link_leaves_the_address_and_becomes_a_cookie_that_no_script_reads(house):
    link, _ = house.sessions.make_link()
    browser = house.browser()

    opened = browser.get(f"/machines?span=24h&signin={link}")
    assert opened.status_code == 303
    assert opened.headers["location"] == "/signin?next=/machines?span=24h"
    assert "HttpOnly" in cookies_in(opened)
    assert 'id="enter"' in browser.get(opened.headers["location"]).text

    answer = browser.post("/signin", data={"next": "/machines?span=24h"})
    name = cookie_name(str(house.home.path))
    session = next(line for line in answer.headers.get_list("set-cookie") if line.startswith(name))
    assert answer.headers["location"] == "/machines?span=24h"
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Max-Age" not in session
    assert browser.get("/machines").text == "the page /machines"
    assert link not in str(browser.cookies)


def test_to_look_at_a_link_does_not_use_it_up(house):
    """As messengers do to show what is behind it."""
    link, _ = house.sessions.make_link()
    preview = house.browser()
    preview.get(preview.get(f"/?signin={link}").headers["location"])

    browser = house.browser()
    browser.get(f"/?signin={link}")
    assert browser.post("/signin").status_code == 303
    assert browser.get("/").status_code == 200


def test_over_tls_the_cookies_are_for_tls_alone(house):
    link, _ = house.sessions.make_link()
    browser = house.browser()
    browser.base_url = "https://127.0.0.1:8501"

    opened = browser.get(f"/?signin={link}")
    entered = browser.post("/signin")
    assert "Secure" in cookies_in(opened)
    assert "Secure" in cookies_in(entered)


@pytest.mark.parametrize("host", ["evil.example:8501", "127.0.0.1.evil.example", "x@127.0.0.1", ""])
def test_a_name_that_was_made_to_point_here_is_refused(house, host):
    browser = house.signed_in()

    assert browser.get("/", headers={"host": host}).status_code == 421
    assert browser.get("/signin", headers={"host": host}).status_code == 421
    assert not opens(browser, host=host)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_page_of_somebody_else_opens_no_websocket(house, origin):
    for asks_who in (True, False):
        house.asks_who = asks_who
        browser = house.signed_in()
        assert not opens(browser, origin=origin)


def test_a_websocket_is_for_who_is_signed_in(house):
    assert not opens(house.browser(), **OURS)
    with house.signed_in().websocket_connect(STREAM, headers=OURS) as open_page:
        open_page.send_bytes(b"hello")
        assert open_page.receive_bytes() == b"hello"


def test_an_open_page_whose_session_ends_may_only_be_drawn_anew(house, monkeypatch):
    monkeypatch.setattr(asking, "FRESH_SECONDS", 0.0)
    browser = house.signed_in()
    token = browser.cookies[cookie_name(str(house.home.path))]

    with browser.websocket_connect(STREAM, headers=OURS) as open_page:
        open_page.send_bytes(b"hello")
        assert open_page.receive_bytes() == b"hello"
        house.sessions.end(token)
        for _ in range(2):
            open_page.send_bytes(b"a fragment, please")
            asked = BackMsg.FromString(open_page.receive_bytes())
            assert asked.WhichOneof("type") == "rerun_script"
            assert asked.rerun_script.fragment_id == ""

    after = browser.get("/")
    assert after.status_code == 303
    assert "Max-Age=0" in cookies_in(after)


def test_while_the_agent_is_silent_who_was_known_may_look_and_nobody_new_comes_in(
    house, monkeypatch
):
    browser, stranger = house.signed_in(), house.browser()
    token = browser.cookies[cookie_name(str(house.home.path))]
    assert browser.get("/").status_code == 200
    stranger.cookies.set(cookie_name(str(house.home.path)), "slm_" + "x" * 43)

    monkeypatch.setattr(asking, "FRESH_SECONDS", 0.0)
    house.home.socket.unlink()

    assert browser.get("/").status_code == 200
    assert visitors_of(str(house.home.path)).who(token).role == "viewer"
    assert stranger.get("/").status_code == 303
    assert "agent does not answer" in stranger.get("/signin").text


def test_where_nobody_signs_in_everybody_may_look(house):
    house.asks_who = False

    assert house.browser().get("/machines").status_code == 200
    with house.browser().websocket_connect(STREAM, headers=OURS) as open_page:
        open_page.send_bytes(b"hello")


def test_no_page_stands_in_a_page_of_somebody_else(house):
    for answer in (house.browser().get("/"), house.signed_in().get("/")):
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "value",
    [
        r'"slm_0123456789abcdefghij\015\012X-Sallim-Via: command"',
        r'"a\015\012\015\012POST /people HTTP/1.1\015\012"',
        "slm_" + "é" * 20,
        r'"\377"',
    ],
)
def test_a_cookie_that_somebody_else_has_put_there_is_no_session_and_no_fault(house, value):
    """Other programs on this machine may put it there: all ports share their cookies."""
    cookie = f"{cookie_name(str(house.home.path))}={value}".encode()
    browser = house.browser()

    assert browser.get("/", headers={b"cookie": cookie}).status_code == 303
    assert browser.get("/signin", headers={b"cookie": cookie}).status_code == 200
    assert not opens(browser, **OURS, cookie=cookie)


def test_an_address_with_too_much_in_it_is_no_fault_either(house):
    assert house.browser().get("/?" + "a=1&" * 60).status_code == 303
    assert house.browser().get("/?signin=slm_" + "%C3%A9" * 20).status_code == 303
    assert house.signed_in().get("/?" + "a=1&" * 60).status_code == 200
