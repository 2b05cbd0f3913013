"""Who may call, as whom, where to; and what is kept from whom."""

import json
import re
import socket
import time

import httpx
import pytest

from data.tokens import PUSH, create, resume, revoke, suspend
from sallim.ledger.accounts import Accounts
from sallim.ledger.money_rows import Admitted
from tests.agent.gateway.house import KEYS
from tests.agent.gateway.test_faults import plain_request
from tests.house import CHAT
from tests.processes import until
from tests.sallim.money import WON, asked, budget

pytestmark = pytest.mark.slow

CHAT_PATH = "/openai/v1/chat/completions"


@pytest.mark.parametrize("token", ["slm_wrong", "sk-of-a-provider", "slm_" + "a" * 43, "Bearer"])
def test_a_wrong_token_opens_nothing(open_house, token):
    said = open_house.post(token=token)

    assert said.status_code == 401
    assert said.json()["error"]["type"] == "authentication_error"
    assert token not in said.text.replace("Authorization: Bearer", "")
    assert len(open_house.upstream.requests) == len(open_house.rows)


def test_no_token_opens_nothing(open_house):
    said = httpx.post(f"{open_house.url}{CHAT_PATH}", json=CHAT, trust_env=False)

    assert said.status_code == 401
    assert "token create NAME --for gateway" in said.json()["error"]["message"]
    assert said.headers["www-authenticate"] == "Bearer"


def test_a_token_for_something_else_opens_nothing(open_house):
    said = open_house.post(token=create(open_house.home, "probe", time.time(), [PUSH]))

    assert said.status_code == 403
    assert len(open_house.upstream.requests) == len(open_house.rows)


def test_a_revoked_token_is_refused_at_once_also_where_it_was_just_used(house):
    for _ in range(3):
        assert house.post().status_code == 200
    revoke(house.home, "laptop", time.time())

    assert house.post().status_code == 401


def test_a_suspended_token_is_refused_at_once_and_works_again_when_it_is_resumed(house):
    assert house.post().status_code == 200
    suspend(house.home, "laptop", time.time())
    refused = house.post()
    assert refused.status_code == 401
    assert "suspended" in refused.json()["error"]["message"]

    resume(house.home, "laptop", time.time())
    assert house.post().status_code == 200


def test_an_expired_token_is_refused_also_where_it_was_just_used(house):
    ends_at = time.time() + 8
    token = house.made("guest", expires_at=ends_at)
    # The file of tokens is a second old then, and what it holds is remembered.
    time.sleep(1.2)
    assert house.post(token=token).status_code == 200
    until(lambda: house.post(token=token).status_code == 401)

    assert time.time() >= ends_at


def test_what_the_path_names_comes_before_headers_and_they_before_the_token(house):
    token = house.made("n8n", workflow="of-the-token", priority="important")
    for path, headers in (
        (CHAT_PATH, {}),
        (CHAT_PATH, {"X-Sallim-Workflow": "of-the-header", "X-Sallim-Analysis": "video"}),
        (f"/w/of%20the%20path{CHAT_PATH}", {"X-Sallim-Workflow": "of-the-header"}),
        (f"/w/%EA%B0%80%EA%B3%84{CHAT_PATH}", {"X-Sallim-Key": "가계부".encode()}),
    ):
        assert house.post(path, token=token, headers=headers).status_code == 200

    rows = house.ends(4)
    assert [row.workflow for row in rows] == [
        "of-the-token",
        "of-the-header",
        "of the path",
        "가계",
    ]
    assert [row.analysis for row in rows] == ["", "video", "", ""]
    assert rows[3].job_key == "가계부"
    assert {row.key_label for row in rows} == {"n8n"}
    assert not any(
        name.startswith("x-sallim") for one in house.upstream.requests for name in one[2]
    )


@pytest.mark.parametrize(
    ("of_token", "asked", "got"),
    [
        ("important", None, "important"),
        ("important", "essential", "important"),
        ("important", "optional", "optional"),
        ("optional", "essential", "optional"),
        ("essential", "important", "important"),
        ("essential", None, "essential"),
    ],
)
def test_no_call_is_of_a_higher_priority_than_its_token(open_house, of_token, asked, got):
    token = open_house.made(f"n8n-{of_token}-{asked}".lower(), priority=of_token)
    headers = {} if asked is None else {"X-Sallim-Priority": asked}
    assert open_house.post(token=token, headers=headers).status_code == 200

    assert open_house.rows[-1].priority == got


def test_a_token_has_a_bucket_of_its_own(house):
    house.cap(15_000, budget("key:guest", cap_micro=WON // 100))
    said = house.post(token=house.made("guest"))

    assert said.status_code == 402
    assert said.json()["error"]["bucket"] == "key:guest"
    assert house.post().status_code == 200


def test_a_workflow_of_the_path_has_a_bucket_of_its_own(house):
    house.cap(15_000, budget("workflow:ocr", cap_micro=WON // 100))

    assert house.post(f"/w/ocr{CHAT_PATH}").json()["error"]["bucket"] == "workflow:ocr"
    assert house.post(f"/w/other{CHAT_PATH}").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 404),
        ("/chat/completions", 404),
        ("/w//v1/chat/completions", 400),
        ("/w/" + "a" * 101 + "/v1/chat/completions", 400),
        ("/openai/v1/files/../chat/completions", 400),
        ("/openai/v1/files/%2e%2e/chat/completions", 400),
        ("/openai/v1/files/%2E./chat/completions", 400),
        ("/openai/v1/files/..%2fchat/completions", 400),
        ("/openai/v1/files/%252e%252e/chat/completions", 400),
        ("/openai//v1/chat/completions", 400),
        ("/openai/v1\\chat/completions", 400),
        ("/openai/v1/organization/projects", 403),
        ("/anthropic/v1/organizations/api_keys", 403),
        ("/anthropic/v1/Organizations", 403),
        ("/mistral/v1/conversations", 503),
        ("/http://127.0.0.1:1/v1/chat/completions", 400),
        ("/mistral/v1/chat/completions", 503),
        ("/openai/v1/images/generations", 402),
        ("/openai/v1/realtime", 402),
    ],
)
def test_paths_that_lead_nowhere_lead_nowhere(open_house, path, status):
    head, _, rest = plain_request(open_house, CHAT).partition(b"\r\n")
    with socket.create_connection(("127.0.0.1", open_house.port)) as link:
        link.sendall(f"POST {path} HTTP/1.1\r\n".encode() + rest)
        link.settimeout(10)
        said = link.recv(65_536)

    assert head.startswith(b"POST")
    assert f" {status} ".encode() in said.split(b"\r\n")[0]
    assert len(open_house.upstream.requests) == len(open_house.rows)


SMUGGLED = {
    "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
    "odd chunks": b"Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "a line end in a header": b"X-A: a\nX-B: b\r\rX-C: c\r\nContent-Length: 0\r\n\r\n",
    "a space before the colon": b"Content-Length : 5\r\n\r\nhello",
    "a folded header": b"X-A: a\r\n b\r\nContent-Length : 1\r\n\r\n",
    "a zero in a header": b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a long header": b"X-A: " + b"a" * 70_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "many headers": b"X-A: a\r\n" * 300 + b"Content-Length: 0\r\n\r\n",
    "two kinds": b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_a_head_that_can_be_read_in_two_ways_reaches_no_provider(open_house, name):
    head = f"POST {CHAT_PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {open_house.token}\r\n"
    kind = b"Content-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", open_house.port)) as link:
        link.sendall(head.encode() + kind + SMUGGLED[name])
        link.settimeout(10)
        said = link.recv(65_536)

    assert b" 400 " in said.split(b"\r\n")[0]
    assert len(open_house.upstream.requests) == len(open_house.rows)
    assert open_house.answers()


def test_what_is_between_neighbours_stays_there(house):
    headers = {
        "Connection": "keep-alive, X-Secret",
        "X-Secret": "a",
        "Proxy-Authorization": "Basic YTpi",
        "Cookie": "a=b",
        "X-Forwarded-For": "10.0.0.1",
        "X-HTTP-Method-Override": "DELETE",
        "OpenAI-Organization": "org-1",
        "Accept-Encoding": "br",
        "TE": "trailers",
    }
    assert house.post(headers=headers).status_code == 200

    got = house.upstream.requests[0][2]
    assert got["openai-organization"] == "org-1"
    assert got["accept-encoding"] == "identity"
    unwanted = {"x-secret", "proxy-authorization", "cookie", "x-forwarded-for", "te"}
    assert not unwanted & set(got)
    assert "x-http-method-override" not in got


def test_a_body_that_says_two_models_reaches_no_provider(open_house):
    body = json.dumps(CHAT)[:-1] + ', "model": "o1-pro"}'
    said = open_house.post(content=body, headers={"Content-Type": "application/json"})

    assert said.status_code == 400
    assert len(open_house.upstream.requests) == len(open_house.rows)


def test_a_body_that_is_too_long_is_refused_with_413(closed_house):
    closed_house.settings = "body_max_mb = 1\n"
    closed_house.started()
    content = json.dumps({**CHAT, "user": "x" * 1_000_000}).encode()

    def in_chunks():
        yield content

    head = {"Content-Type": "application/json"}
    told = closed_house.post(content=content, headers=head)
    chunked = closed_house.post(content=in_chunks(), headers=head)

    assert (told.status_code, chunked.status_code) == (413, 413)
    assert "body_max_mb" in told.json()["error"]["message"]
    assert closed_house.upstream.requests == []
    assert closed_house.post().status_code == 200


def test_nothing_that_was_said_or_shown_is_written_anywhere(house):
    secret = "a sentence that nobody else shall read"  # noqa: S105
    chat = {**CHAT, "messages": [{"role": "user", "content": secret}]}
    assert house.post(json=chat).status_code == 200
    assert house.post(token="slm_" + "b" * 43).status_code == 401
    house.gateways[0].terminate()
    house.gateways[0].wait(20)

    kept = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    for text in (secret, house.token, *KEYS.values(), "slm_" + "b" * 43):
        assert text.encode() not in kept


def test_health_is_for_everybody_and_says_little(open_house):
    said = httpx.get(f"{open_house.url}/health", trust_env=False)

    assert (said.status_code, said.json()) == (200, {"status": "ok"})


def test_calls_without_a_workflow_can_be_listed(house, capsys):
    from agent.__main__ import main

    house.post()
    house.post(f"/w/ocr{CHAT_PATH}")
    house.ends(2)
    booked = asked("b", opened_us=time.time_ns() // 1_000, expires_us=2**62, workflow="")
    accounts = Accounts.open(house.home.ledger)
    for endpoint in ("opening", "fixed:vps"):
        row = booked._replace(call_id=endpoint, endpoint=endpoint)
        assert isinstance(accounts.reserve(row), Admitted)
    accounts.close()
    assert main(["gateway", "--unlabelled", "--home", str(house.home.path)]) == 0

    assert re.fullmatch(r"laptop: 1 of openai gpt-5-mini, 0\.\d\d won\n", capsys.readouterr().out)
