"""A caller with a token who wants more than it may: to spend, to see, to be believed."""

import json
import socket
import time
from pathlib import Path

import httpx
import pytest

from agent.__main__ import main
from sallim.guard.wire import asked_to_wire
from tests.agent.gateway.house import CHAT, KEYS
from tests.agent.gateway.scripted import HOLD, Scripted, answer
from tests.agent.gateway.test_faults import ODD
from tests.processes import until
from tests.sallim.guard.house import wav
from tests.sallim.guard.test_dodges import CHEAP, DEAR, FILE, FORM, LONG
from tests.sallim.money import asked

pytestmark = pytest.mark.slow

GEMINI = "/google/v1beta/models/gemini-2.5-flash"
BOUND = {"generationConfig": {"maxOutputTokens": 9, "thinkingConfig": {"thinkingBudget": 0}}}


def said_to(house, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", house.port)) as link:
        link.sendall(request)
        link.settimeout(10)
        return link.recv(65_536)


def asking(house, line: str, *headers: str) -> bytes:
    body = json.dumps(CHAT).encode()
    told = [f"Authorization: Bearer {house.token}", "Content-Type: application/json", *headers]
    head = "\r\n".join([line, *told, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


def test_a_form_that_names_two_models_reaches_no_provider(open_house):
    before = len(open_house.upstream.requests)
    path = "/openai/v1/audio/transcriptions"
    told = {"content": CHEAP + DEAR + FILE + b"--b--", "headers": {"Content-Type": FORM}}

    assert open_house.post(path, **told).status_code == 402
    assert len(open_house.upstream.requests) == before


@pytest.mark.parametrize("beside", ["generateContentRequest", "twice"])
def test_a_count_of_something_short_does_not_bound_something_long(house, beside):
    short = {"contents": [{"parts": [{"text": "x"}]}]}
    if beside == "twice":
        content = json.dumps(short)[:-1] + f', "contents": {json.dumps(LONG)}}}'
    else:
        content = json.dumps({"contents": LONG, beside: short})
    headers = {"Content-Type": "application/json"}
    counted = house.post(f"{GEMINI}:countTokens", content=content, headers=headers)
    house.post(f"{GEMINI}:generateContent", {"contents": LONG, **BOUND})

    assert counted.status_code == 200
    # A million tokens of sound, and not a handful.
    assert house.row.worst_nano_usd > 1_000_000_000


def test_a_header_that_lies_about_a_recording_makes_it_no_cheaper(house):
    sound = wav(600)
    lying = sound[:28] + b"\xff\xff\xff\x7f" + sound[32:]
    for each in (sound, lying):
        form = FILE.replace(b"RIFF", each) + CHEAP.replace(b"gpt-4o-mini-transcribe", b"whisper-1")
        told = {"content": form + b"--b--", "headers": {"Content-Type": FORM}}
        assert house.post("/openai/v1/audio/transcriptions", **told).status_code == 200

    true, told = house.ends(2)
    assert true.worst_nano_usd == told.worst_nano_usd == 60_000_000


PLACES = {
    "an address of its own": "POST http://127.0.0.1:1/openai/v1/chat/completions HTTP/1.1",
    "another provider": "POST https://api.openai.com/openai/v1/chat/completions HTTP/1.1",
}


@pytest.mark.parametrize("name", PLACES)
def test_an_address_in_the_request_leads_nowhere_else(open_house, name):
    said = said_to(open_house, asking(open_house, PLACES[name], "Host: 127.0.0.1:1"))

    assert b" 200 " in said.split(b"\r\n")[0]
    _, path, headers, _ = open_house.upstream.requests[-1]
    assert path == "/openai/v1/chat/completions"
    assert headers["host"] == open_house.upstream.url.removeprefix("http://")
    assert headers["authorization"] == f"Bearer {KEYS['openai']}"


@pytest.mark.parametrize(
    "line",
    [
        "CONNECT api.openai.com:443 HTTP/1.1",
        "TRACE /openai/v1/chat/completions HTTP/1.1",
        "GET //127.0.0.1:1/openai/v1/models HTTP/1.1",
        "POST /w/a%0d%0aX-Injected:%20b/openai/v1/chat/completions HTTP/1.1",
        "POST /OPENAI/v1/chat/completions HTTP/1.1",
        "POST /openai/v1/chat%2Fcompletions HTTP/1.1",
        "POST /openai/v1/./chat/completions HTTP/1.1",
    ],
)
def test_what_is_no_plain_request_reaches_no_provider(open_house, line):
    before = len(open_house.upstream.requests)
    said = said_to(open_house, asking(open_house, line, "Host: a"))

    assert said.split(b" ")[1][:1] == b"4", said
    assert len(open_house.upstream.requests) == before
    assert open_house.answers()


def test_headers_of_the_caller_take_no_key_away_and_bring_none(house):
    headers = {
        "Connection": "authorization, host, content-type",
        "X-Api-Key": "slm_other",
        "Api-Key": "sk-of-mine",
        "X-Goog-Api-Key": "sk-of-mine",
        "X-HTTP-Method-Override": "DELETE",
        "Origin": "https://evil.example",
        "Host": "evil.example",
    }
    assert house.post(headers=headers).status_code == 200

    got = house.upstream.requests[0][2]
    assert got["authorization"] == f"Bearer {KEYS['openai']}"
    assert got["host"] == house.upstream.url.removeprefix("http://")
    assert not {"x-api-key", "api-key", "x-goog-api-key", "origin"} & set(got)
    assert "sk-of-mine" not in repr(got)
    assert "evil" not in repr(got)


def test_a_page_of_another_origin_may_neither_ask_nor_read(open_house):
    """A name that leads to 127.0.0.1 has no token, and nobody is let in without one."""
    before = len(open_house.upstream.requests)
    asked = {"Origin": "https://evil.example", "Host": "evil.example:4000"}
    preflight = {**asked, "Access-Control-Request-Method": "POST"}
    url = f"{open_house.url}/openai/v1/chat/completions"
    with httpx.Client(trust_env=False) as client:
        answers = [
            client.options(url, headers=preflight),
            client.post(url, headers=asked, json=CHAT),
            client.get(f"{open_house.url}/openai/v1/models", headers=asked),
            client.get(f"{open_house.url}/v1/sallim/prices", headers=asked),
        ]

    assert [each.status_code for each in answers] == [401] * 4
    assert not any("access-control" in name for each in answers for name in each.headers)
    assert len(open_house.upstream.requests) == before


def test_the_keys_are_in_no_command_line_and_no_log(house):
    for token in (house.token, "slm_" + "c" * 43):
        house.post(token=token, json={**CHAT, "model": f"gpt\n{token}"})
    command = Path(f"/proc/{house.gateways[0].pid}/cmdline").read_bytes()
    told = command + house.log.read_bytes()

    for secret in KEYS.values():
        assert secret.encode() not in told
    assert b"\ngpt" not in told
    assert b"gpt\n" not in told


def test_callers_without_a_token_do_not_hold_up_those_with_one(house):
    """Four hundred connections that say little, and a token that is wrong on each."""
    wrong = asking(house, "POST /openai/v1/chat/completions HTTP/1.1", "Host: a").replace(
        house.token.encode(), b"slm_" + b"d" * 43
    )
    links = [socket.create_connection(("127.0.0.1", house.port)) for _ in range(400)]
    try:
        for number, link in enumerate(links):
            link.sendall(wrong if number % 2 else wrong[: number % 90])
        began = time.monotonic()
        assert house.post().status_code == 200
        assert time.monotonic() - began < 10
    finally:
        for link in links:
            link.close()
    until(house.answers)
    assert [row.state for row in house.ends()] == ["settled"]


def test_what_a_provider_says_too_much_is_nobody_elses_answer(closed_house):
    first, second = answer(b'{"for": "the first"}'), answer(b'{"for": "nobody"}')
    with Scripted(first + second, HOLD) as provider:
        closed_house.settings = ODD.format(url=provider.url)
        closed_house.started()
        said = [closed_house.post("/odd/v1/chat/completions").json() for _ in range(3)]

    assert said == [{"for": "the first"}] * 3
    assert len(provider.requests) == 3


def test_names_that_a_guard_elsewhere_chose_move_no_cursor(house, capsys):
    wire = asked_to_wire(asked("a", model="gpt\x1b[2J\nno token: 0", workflow=""))
    said = house.post("/v1/sallim/reserve", {"asked": wire})
    assert main(["gateway", "--unlabelled", "--home", str(house.home.path)]) == 0

    assert said.status_code == 200
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert told.strip().isprintable()
