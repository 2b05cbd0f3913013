"""Providers that hang, break off, lie and talk without end; callers who leave or do not read."""

import http.client
import json
import socket
import struct
import threading
import time

import httpx
import pytest

from tests.agent.gateway.house import KEYS
from tests.house import CHAT
from tests.processes import until
from tests.standins.scripted import CLOSE, HALF_CLOSE, HOLD, Scripted, answer

pytestmark = pytest.mark.slow

KEY = KEYS["openai"]
ODD = '[[upstream]]\nname = "odd"\nprovider = "openai"\nurl = "{url}"\nkey = "OPENAI_KEY_HERE"\n'
PATIENT = "timeout_seconds = 5\n"
IMPATIENT = PATIENT + "client_timeout_seconds = 1\n"
CHUNK = b'data: {"choices": [{"delta": {"content": "xxxx"}}], "usage": null}\n\n'
USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
WHOLE = json.dumps({"model": "gpt-5-mini", "choices": [], "usage": USAGE}).encode()


@pytest.fixture
def odd(closed_house):
    """Starts the gateway with an upstream of that script, and gives a function that asks it."""

    def begin(scripted, settings=PATIENT):
        closed_house.settings = settings + ODD.format(url=scripted.url)
        closed_house.started()
        return lambda **told: closed_house.post("/odd/v1/chat/completions", **told)

    return begin


def test_one_that_says_nothing_is_given_up_and_stays_reserved(closed_house, odd):
    with Scripted(b"", HOLD) as provider:
        said = odd(provider)()
        assert provider.closed.wait(5)

    assert said.status_code == 504
    assert closed_house.row.state == "open"
    assert closed_house.used[1] == closed_house.row.worst_micro > 0


@pytest.mark.parametrize("then", [CLOSE, HALF_CLOSE])
def test_one_that_breaks_off_in_a_whole_answer_is_paid_at_its_worst(closed_house, odd, then):
    with Scripted(answer(WHOLE, length=len(WHOLE) + 50), then) as provider:
        ask = odd(provider)
        with pytest.raises(httpx.RemoteProtocolError):
            ask()

    (row,) = closed_house.ends()
    assert (row.state, row.source, row.error) == ("settled", "estimated", "cut")
    assert row.gross_micro == row.worst_micro


def test_one_that_closes_without_a_word_stays_reserved(closed_house, odd):
    with Scripted(b"") as provider:
        said = odd(provider)()

    assert said.status_code == 502
    assert "RemoteProtocolError" in said.json()["error"]["message"]
    assert closed_house.row.state == "open"


def test_one_that_is_not_there_costs_nothing(closed_house, odd):
    with Scripted(b"") as provider:
        ask = odd(provider)
    said = ask()

    assert said.status_code == 502
    assert "nothing was sent" in said.json()["error"]["message"]
    assert closed_house.row.state == "released"


def test_ten_megabytes_go_through_as_they_are(closed_house, odd):
    filling = json.dumps({"text": "x" * 10_000_000, "model": "gpt-5-mini", "usage": USAGE})
    with Scripted(answer(filling.encode(), more="X-Request-Id: r-1\r\n")) as provider:
        said = odd(provider)()

    assert len(said.content) > 10_000_000
    assert said.content == filling.encode()
    assert said.headers["x-request-id"] == "r-1"
    (row,) = closed_house.ends()
    assert (row.source, row.tokens.output) == ("usage", 2)


def test_a_stream_that_breaks_off_is_estimated_and_does_not_look_whole(closed_house, odd):
    body = CHUNK * 3
    with Scripted(answer(body, kind="text/event-stream", length=10_000), CLOSE) as provider:
        ask = odd(provider)
        with pytest.raises(httpx.RemoteProtocolError):
            ask(json={**CHAT, "stream": True})

    (row,) = closed_house.ends()
    assert (row.state, row.source, row.error) == ("settled", "estimated", "cut")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_not_passed_on(closed_house, odd, status):
    with Scripted(b"") as elsewhere:
        place = f"Location: {elsewhere.url}/v1/chat/completions\r\n"
        with Scripted(answer(b"", f"{status} Moved", more=place)) as provider:
            said = odd(provider)()

        assert elsewhere.requests == []
    assert said.status_code == 502
    assert "location" not in said.headers
    assert closed_house.row.state == "released"


def test_a_provider_that_repeats_the_key_does_not_tell_it(closed_house, odd):
    body = json.dumps({"error": {"message": f"no such key: {KEY}"}}).encode()
    more = f"X-Debug: {KEY}\r\nSet-Cookie: a={KEY}\r\n"
    with Scripted(answer(body, "401 Unauthorized", more=more)) as provider:
        said = odd(provider)()

    assert said.status_code == 401
    assert said.json() == {"error": {"message": "no such key: ..."}}
    assert KEY not in repr(said.headers)
    assert KEY not in closed_house.log.read_text()
    assert closed_house.row.state == "released"


@pytest.mark.parametrize(
    "nonsense",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"\0" * 70_000],
)
def test_one_that_speaks_no_http_is_told_as_such(closed_house, odd, nonsense):
    with Scripted(nonsense) as provider:
        said = odd(provider)()

    assert said.status_code == 502
    assert closed_house.row.state == "open"


def test_a_caller_that_leaves_a_stream_leaves_the_provider_as_well(closed_house, odd):
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    chunk = f"{len(CHUNK):x}\r\n".encode() + CHUNK + b"\r\n"
    with Scripted(head + chunk * 2, HOLD) as provider:
        odd(provider)
        link = socket.create_connection(("127.0.0.1", closed_house.port))
        link.sendall(plain_request(closed_house, {**CHAT, "stream": True}, "/odd"))
        seen = b""
        while seen.count(b"xxxx") < 2:
            seen += link.recv(65_536)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.close()

        assert provider.closed.wait(5)
    (row,) = closed_house.ends()
    assert (row.state, row.source, row.error) == ("settled", "estimated", "cut")
    assert row.gross_micro <= row.worst_micro


def test_a_caller_that_leaves_before_the_answer_leaves_the_provider_as_well(closed_house, odd):
    with Scripted(b"", HOLD) as provider:
        odd(provider)
        link = socket.create_connection(("127.0.0.1", closed_house.port))
        link.sendall(plain_request(closed_house, CHAT, "/odd"))
        until(lambda: provider.requests)
        link.close()

        assert provider.closed.wait(5)
    (row,) = closed_house.ends()
    assert (row.state, row.source, row.error) == ("settled", "estimated", "its caller left")
    assert row.gross_micro == row.worst_micro


def test_a_caller_that_reads_nothing_is_left(closed_house, odd):
    body = CHUNK * 400_000
    with Scripted(answer(body, kind="text/event-stream"), HOLD) as provider:
        odd(provider, IMPATIENT)
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        link.connect(("127.0.0.1", closed_house.port))
        link.sendall(plain_request(closed_house, {**CHAT, "stream": True}, "/odd"))

        (row,) = closed_house.ends()
        assert closed_house.answers()
        link.close()
    assert (row.state, row.source) == ("settled", "estimated")


def test_a_caller_that_sends_nothing_more_of_its_body_is_told_so(closed_house, odd):
    with Scripted(b"") as provider:
        odd(provider, IMPATIENT)
        request = plain_request(closed_house, CHAT, "/odd")
        with socket.create_connection(("127.0.0.1", closed_house.port)) as link:
            link.sendall(request[:-5])
            link.settimeout(10)
            said = link.recv(65_536)

    assert b"408" in said.split(b"\r\n")[0]
    assert closed_house.rows == []
    assert provider.requests == []


def test_a_slow_stream_arrives_chunk_by_chunk(house):
    house.upstream.pace_seconds = 0.3
    with house.openai() as sdk:
        stream = sdk.chat.completions.create(**CHAT, stream=True)
        moments = [time.monotonic() for _ in stream]

    assert max(moments) - min(moments) > 0.25
    house.equals_the_bill(1)


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_what_a_provider_says_goes_on_and_counts_as_it_is_billed(house, status):
    house.upstream.faults = [status]
    said = house.post()

    assert said.status_code == status
    assert said.json()["error"]["code"] == status
    assert house.row.state == ("open" if status == 500 else "released")


def test_many_at_once(house):
    threads = [threading.Thread(target=house.post) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    house.equals_the_bill(24)


def plain_request(house, body, name="/openai") -> bytes:
    content = json.dumps(body).encode()
    lines = [
        f"POST {name}/v1/chat/completions HTTP/1.1",
        f"Host: 127.0.0.1:{house.port}",
        f"Authorization: Bearer {house.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def test_a_connection_is_used_again(house):
    link = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
    for _ in range(3):
        head = {"Authorization": f"Bearer {house.token}", "Content-Type": "application/json"}
        link.request("POST", "/v1/chat/completions", json.dumps(CHAT), head)
        said = link.getresponse()
        assert said.status == 200
        assert said.read()
    link.close()
    house.equals_the_bill(3)
