"""People's requests over a real Unix socket: who asks, by session and by what the kernel says."""

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from agent.server import Door, ServerLoop, inner_app, listen_on_path, listen_on_tcp
from agent.server.peers import Peer, Trusted, peer_of
from agent.server.requests import BYTES_MAX
from tests.agent.asking import house_in
from tests.processes import ROOT

pytestmark = pytest.mark.slow

COMMAND = {"x-sallim-via": "command"}
PAGE = {"x-sallim-session": "token"}
RAISE = {"kind": "raise", "target": "api", "args": {"amount_krw": 3000, "until": "2026-11-30"}}
NOBODY = 65534


class Mute:
    """An agent that nobody asks anything else."""

    def query(self, sql, params):
        raise AssertionError(sql)


@pytest.fixture
def socket_path():
    """Where every user of this machine gets to; pytest's own folders are for one alone."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder, "agent.sock")


@pytest.fixture
def served(tmp_path, socket_path):
    """The household, a client at its socket, and one at a TCP port with the same application."""
    house = house_in(tmp_path)
    people = house.asking.people(0o600)
    tcp = listen_on_tcp("127.0.0.1", 0)
    app = inner_app(Mute(), people=people)
    doors = [Door(listen_on_path(socket_path, 0o666), app), Door(tcp, app)]
    loop = ServerLoop(doors, time.monotonic)
    loop.start()
    inner = httpx.Client(transport=httpx.HTTPTransport(uds=str(socket_path)), base_url="http://a")
    with inner, httpx.Client(base_url=f"http://127.0.0.1:{tcp.getsockname()[1]}") as outer:
        yield house, inner, outer
    loop.stop(5)
    house.close()


def prepared(client, headers=PAGE, shape=RAISE):
    told = client.post("/requests/nonce", json=shape, headers=headers).json()
    return {**shape, "reason": "so", "confirm": told["confirm"], "nonce": told["nonce"]}


def test_a_page_asks_with_its_session(served):
    house, client, _ = served
    shown = client.post("/requests/preview", json=RAISE, headers=PAGE).json()
    answer = client.post("/requests", json=prepared(client), headers=PAGE)

    assert shown["confirm"] == "3000"
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["who"]) == ("done", "minji")
    assert house.audit[0].via == "page"
    [row] = client.get("/requests", headers={"x-sallim-session": "eye"}).json()["requests"]
    assert "address" not in row
    assert row["message"]["template"] == "{bucket} may spend {amount} won more until {until}"


def test_a_command_of_this_user_is_the_owner(served):
    house, client, _ = served
    answer = client.post("/requests", json=prepared(client, COMMAND), headers=COMMAND)

    assert answer.json()["state"] == "done"
    accepted = house.audit[0]
    assert (accepted.via, accepted.role) == ("command", "owner")
    assert accepted.address == f"uid {os.getuid()}"


def test_of_many_clicks_at_once_one_is_an_action(served, socket_path):
    house, client, _ = served
    shape = prepared(client)

    def click(_):
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket_path))) as other:
            return other.post("http://a/requests", json=shape, headers=PAGE).status_code

    with ThreadPoolExecutor(4) as people:
        codes = sorted(people.map(click, range(4)))

    assert codes == [200, 409, 409, 409]
    assert len(house.world.acts) == 1
    assert house.verdict == (5, "")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-sallim-session": ""},
        {"x-sallim-session": "made up"},
        {"x-sallim-session": "made up", **COMMAND},
        {"x-sallim-via": "page"},
        {"x-sallim-uid": "0", "x-forwarded-for": "127.0.0.1", "authorization": "Bearer token"},
        [("x-sallim-session", "token"), ("x-sallim-session", "eye")],
    ],
)
def test_nobody_is_let_in_without_a_session(served, headers):
    house, client, _ = served
    for target in ("/requests", "/requests/nonce", "/requests/preview"):
        answer = client.post(target, json=RAISE, headers=headers)
        assert (answer.status_code, "nobody is signed in" in answer.text) == (401, True)
    for target in ("/requests", "/audit", "/budget"):
        assert client.get(target, headers=headers).status_code == 401
    assert not house.world.acts


def test_a_nonce_of_a_page_is_nothing_to_a_command(served):
    house, client, _ = served
    answer = client.post("/requests", json=prepared(client), headers=COMMAND)

    assert (answer.status_code, "was not prepared here" in answer.text) == (409, True)
    assert not house.world.acts


def test_a_viewer_can_look_and_no_more(served):
    house, client, _ = served
    eye = {"x-sallim-session": "eye"}
    made = {**RAISE, "reason": "mine", "confirm": "3000", "nonce": "made up"}

    assert client.get("/requests", headers=eye).status_code == 200
    assert client.get("/budget", headers=eye).json() == {
        "held_since": 0,
        "buckets": [],
        "unverified": [],
        "unverified_count": 0,
        "raises": [],
        "orders": [],
        "fences": [],
        "plans": [],
        "alerts": [],
    }
    assert client.get("/months", headers=eye).json() == {"closes": [], "plans": []}
    assert client.get("/months").status_code == 401
    assert client.get("/audit", headers=eye).status_code == 403
    for target in ("/requests", "/requests/nonce", "/requests/preview"):
        shape = made if target == "/requests" else RAISE
        answer = client.post(target, json=shape, headers=eye)
        assert answer.status_code == 403
        assert "sora is viewer and may not raise" in answer.json()["error"]
    assert not house.world.acts
    assert {(row.step, row.who) for row in house.audit} == {("refused", "sora")}


def test_over_tcp_the_kernel_tells_of_nobody_so_nobody_may_ask(served):
    house, _, outer = served
    for headers in (COMMAND, PAGE):
        answer = outer.post("/requests", json=RAISE, headers=headers)
        assert (answer.status_code, "nobody may not ask" in answer.text) == (403, True)
    assert [(row.step, row.via, row.who) for row in house.audit] == [
        ("refused", "socket", "nobody")
    ] * 2


ASK_AS = """
import os, socket, sys
os.setgroups({groups}); os.setgid({uid}); os.setuid({uid})
s = socket.socket(socket.AF_UNIX); s.connect({path!r})
body = {body!r}
head = "POST /requests/nonce HTTP/1.1\\r\\nhost: agent\\r\\nconnection: close\\r\\n{header}\\r\\n"
s.sendall(f"{{head}}content-length: {{len(body)}}\\r\\n\\r\\n{{body}}".encode())
while part := s.recv(65536): sys.stdout.write(part.decode())
"""
only_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")


def asked_as_nobody(path: Path, header: str, groups: list[int]) -> str:
    """What another user's process is answered, which says that it is somebody."""
    script = ASK_AS.format(
        uid=NOBODY, groups=groups, path=str(path), body=json.dumps(RAISE), header=header
    )
    words = [sys.executable, "-c", script]
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    ).stdout


@only_root
@pytest.mark.parametrize("header", ["x-sallim-via: command", "x-sallim-session: token"])
def test_a_process_of_another_user_is_turned_away_whatever_it_says(served, socket_path, header):
    house, _, _ = served
    answer = asked_as_nobody(socket_path, header, [os.getgid()])

    assert answer.startswith("HTTP/1.1 403")
    assert "nobody may not ask at this socket" in answer
    [row] = house.audit
    assert (row.step, row.who, row.role) == ("refused", "nobody", "viewer")
    assert row.address.startswith("pid ")


@only_root
def test_the_app_of_another_user_asks_through_its_group_and_by_a_session_alone(
    tmp_path, socket_path
):
    house = house_in(tmp_path)
    people = house.asking.people(0o660)
    door = Door(listen_on_path(socket_path, 0o666), inner_app(Mute(), people=people))
    loop = ServerLoop([door], time.monotonic)
    loop.start()

    app, other = [os.getgid()], [NOBODY]
    assert asked_as_nobody(socket_path, "x-sallim-session: token", app).startswith("HTTP/1.1 200")
    assert asked_as_nobody(socket_path, "x-sallim-via: command", app).startswith("HTTP/1.1 401")
    assert asked_as_nobody(socket_path, "x-sallim-session: token", other).startswith("HTTP/1.1 403")
    loop.stop(5)
    house.close()


def test_whose_process_may_ask():
    alone, shared = Trusted(1000), Trusted(1000, 70)
    app = Peer(1, 998, frozenset({998, 70}))

    assert alone.is_owner(Peer(1, 1000, frozenset({1000})))
    assert alone.is_owner(Peer(1, 0, frozenset({0})))
    assert not alone.may_connect(app)
    assert shared.may_connect(app)
    assert not shared.is_owner(app)
    assert not shared.may_connect(Peer(1, 998, frozenset({998})))


def test_a_connection_that_is_none_has_no_peer():
    assert peer_of(None) is None


def nested(depth: int) -> bytes:
    return b'{"kind":' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 422, "the body is no JSON"),
        (b"\xff\xfe\x00", 422, "the body is no JSON"),
        (b"{", 422, "the body is no JSON"),
        (b"null", 422, "send JSON like"),
        (b"[]", 422, "send JSON like"),
        (nested(7_000), 422, "the body is no JSON (RecursionError)"),
        (b" " * (BYTES_MAX + 1), 413, "a request has at most 16000 bytes"),
        (b'{"kind": NaN}', 422, "NaN is no number"),
        (b'{"kind": "raise", "kind": "stop"}', 422, "a key stands there twice"),
        (b'{"kind": "raise", "args": {"a": 1, "a": 2}}', 422, "a key stands there twice"),
        (b'{"kind": ' + b"9" * 5000 + b"}", 422, "the body is no JSON (ValueError)"),
        (b'{"kind": ' + b"9" * 4000 + b"}", 422, "kind must be one of"),
        (b'{"kind": "raise", "target": "\\ud800"}', 422, "cannot be shown"),
        (b'{"kind": "raise", "target": "\\u0000"}', 422, "cannot be shown"),
        (b'{"\\ud800": 1}', 422, "is no key of a request"),
        (b'{"kind": {"$ne": 1}}', 422, "kind must be one of"),
    ],
)
def test_hostile_bodies_are_refused_with_a_sentence(served, body, status, told):
    house, client, _ = served
    for target in ("/requests", "/requests/nonce"):
        answer = client.post(target, content=body, headers=COMMAND)

        assert (answer.status_code, told in answer.json()["error"]) == (status, True)
    assert client.get("/requests", headers=COMMAND).json() == {"requests": []}
    assert not house.audit


@pytest.mark.parametrize("after", ["", "x", "-1", "９", "9" * 5000, "1e3"])
def test_a_place_in_the_audit_that_is_none_is_its_beginning(served, after):
    house, client, _ = served
    client.post("/requests", json=prepared(client), headers=PAGE)

    answer = client.get("/audit", params={"after": after}, headers=COMMAND).json()

    assert len(answer["rows"]) == len(house.audit) == 2
    assert client.get("/audit?after=1", headers=COMMAND).json()["rows"] == answer["rows"][1:]
