import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from agent.exposition import exposition
from agent.server import (
    QUESTIONS_MAX,
    Door,
    ServerLoop,
    inner_app,
    listen_on_path,
    listen_on_tcp,
    outer_app,
)
from data.tokens import Holder
from models.errors import QueryRefused, StoreError
from models.redaction import redact

pytestmark = pytest.mark.slow

SAMPLE = ("system.disk.io", "vps", {"device": "sda", "direction": "read"}, 12.5)


class CannedAgent:
    """Knows one series and refuses every query that is not the one it knows."""

    def __init__(self) -> None:
        self.looked_for: list[tuple[list[str], int]] = []
        self.began = threading.Semaphore(0)
        self.may_end = threading.Event()

    def health(self):
        return {"status": "ok"}

    def live(self, history, minutes):
        self.looked_for.append((list(history), minutes))
        return b'{"at": 1.0}'

    def details(self):
        return {"postgres:main": {"blocked": [1, 2]}}

    def stops(self):
        return {"targets": [{"name": "gpu", "state": "still billing"}]}

    def query(self, sql, params):
        if sql == "slow":
            self.began.release()
            self.may_end.wait(20)
            return b""
        if sql == "broken":
            raise StoreError("a part of it is damaged")
        if sql != "SELECT ?":
            raise QueryRefused("only SELECT ? is known here")
        return bytes(params)

    def metrics(self):
        return [SAMPLE]


@pytest.fixture
def agent():
    return CannedAgent()


@pytest.fixture
def served(agent, tmp_path):
    """Both doors open: the Unix socket, and TCP for those who hold the token `good`."""
    tcp = listen_on_tcp("127.0.0.1", 0)
    path = tmp_path / "agent.sock"
    doors = [
        Door(listen_on_path(path), inner_app(agent)),
        Door(tcp, outer_app(agent, {"good": Holder("grafana")}.get)),
    ]
    port = tcp.getsockname()[1]
    loop = ServerLoop(doors, time.monotonic)
    loop.start()
    inner = httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://agent")
    with inner, httpx.Client(base_url=f"http://127.0.0.1:{port}") as outer:
        yield inner, outer
    loop.stop(5)


def test_health_and_live_are_answered_on_the_socket(served, agent):
    inner, _ = served

    assert inner.get("/health").json() == {"status": "ok"}
    assert inner.get("/live?history=a,b&minutes=99").json() == {"at": 1.0}
    assert inner.get("/live?minutes=²").json() == {"at": 1.0}
    assert agent.looked_for == [(["a", "b"], 15), ([], 15)]


def test_what_no_series_can_say_is_told_by_source(served):
    inner, outer = served

    assert inner.get("/details").json() == {"postgres:main": {"blocked": [1, 2]}}
    assert outer.get("/details", headers={"authorization": "Bearer good"}).status_code == 404


def test_what_can_be_stopped_is_told_on_the_socket_alone(served):
    inner, outer = served

    assert inner.get("/stops").json()["targets"][0]["state"] == "still billing"
    assert outer.get("/stops", headers={"authorization": "Bearer good"}).status_code == 404


def test_the_socket_is_for_its_owner_alone(served, tmp_path):
    assert (tmp_path / "agent.sock").stat().st_mode & 0o777 == 0o600


def test_a_query_gets_its_stream_and_a_refusal_its_reason(served):
    inner, _ = served

    answered = inner.post("/query", json={"sql": "SELECT ?", "params": [7]})
    refused = inner.post("/query", json={"sql": "DROP TABLE x"})

    assert (answered.status_code, answered.content) == (200, b"\x07")
    assert (refused.status_code, refused.json()) == (422, {"error": "only SELECT ? is known here"})


@pytest.mark.parametrize("body", [b"", b"SELECT 1", b"[]", b'{"params": []}', b"\xff\xfe", b"null"])
def test_a_question_that_is_none_is_told_how_to_ask(served, body):
    inner, _ = served

    answer = inner.post("/query", content=body)

    assert answer.status_code == 400
    assert '{"sql": "SELECT ...", "params": []}' in answer.json()["error"]


def test_a_question_of_a_megabyte_is_refused(served):
    inner, _ = served

    assert inner.post("/query", content=b"x" * 1_000_001).status_code == 413


def test_a_body_without_an_end_is_refused_after_a_megabyte(served, tmp_path):
    with socket.socket(socket.AF_UNIX) as endless:
        endless.settimeout(5)
        endless.connect(str(tmp_path / "agent.sock"))
        endless.sendall(b"POST /query HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000000\r\n\r\n")
        endless.sendall(b"x" * 1_000_001)

        assert endless.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.slow
def test_who_asks_too_much_at_once_is_told_to_wait_and_the_others_are_answered(
    served, agent, tmp_path
):
    inner, _ = served
    ask = {"sql": "SELECT ?", "params": [1]}
    path = str(tmp_path / "agent.sock")

    def slow_question(_):
        with httpx.Client(transport=httpx.HTTPTransport(uds=path)) as client:
            return client.post("http://agent/query", json={"sql": "slow"}, timeout=20).status_code

    with ThreadPoolExecutor(QUESTIONS_MAX) as pool:
        slow = pool.map(slow_question, range(QUESTIONS_MAX))
        for _ in range(QUESTIONS_MAX):
            assert agent.began.acquire(timeout=5)
        refused = inner.post("/query", json=ask)
        health = inner.get("/health")
        agent.may_end.set()
        ended = list(slow)

    assert refused.status_code == 503
    assert "Ask again" in refused.json()["error"]
    assert health.status_code == 200
    assert ended == [200] * QUESTIONS_MAX
    assert inner.post("/query", json=ask).status_code == 200


def test_a_store_that_cannot_be_read_gives_its_reason(served):
    inner, _ = served
    answer = inner.post("/query", json={"sql": "broken"})

    assert answer.status_code == 503
    assert answer.json()["error"] == "a part of it is damaged"


@pytest.mark.parametrize(
    ("header", "told", "challenge"),
    [
        (None, "no bearer token came", "Bearer"),
        ("good", "no bearer token came", "Bearer"),
        ("Basic good", "no bearer token came", "Bearer"),
        ("Bearer", "no bearer token came", "Bearer"),
        ("Bearer slm_bad", "the token that came", 'Bearer error="invalid_token"'),
    ],
)
def test_the_tcp_listener_wants_a_token_and_says_whether_there_was_one(
    served, header, told, challenge
):
    _, outer = served
    headers = {} if header is None else {"authorization": header}

    answer = outer.get("/metrics", headers=headers)
    error = answer.json()["error"]

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == challenge
    assert error.startswith(told)
    assert "agent token create" in error
    assert "slm_bad" not in error
    assert redact(error) == error


def test_tokens_that_cannot_be_read_let_nobody_in_and_say_so(agent):
    def unreadable(token):
        raise StoreError("tokens.sqlite3 is damaged")

    tcp = listen_on_tcp("127.0.0.1", 0)
    loop = ServerLoop([Door(tcp, outer_app(agent, unreadable))], time.monotonic)
    port = tcp.getsockname()[1]
    loop.start()
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"authorization": "Bearer good"})
    loop.stop(5)

    assert answer.status_code == 503
    assert "agent doctor" in answer.json()["error"]


def test_the_tcp_listener_serves_metrics_and_nothing_else(served):
    _, outer = served
    known = {"authorization": "Bearer good"}

    assert outer.get("/metrics", headers=known).status_code == 200
    assert outer.get("/health", headers=known).status_code == 404
    assert outer.post("/query", headers=known, json={"sql": "SELECT ?"}).status_code == 404


def test_metrics_are_prometheus_text_with_units_in_their_names():
    text = exposition([SAMPLE]).decode()

    assert "# TYPE system_disk_io_bytes_per_second gauge" in text
    assert (
        'system_disk_io_bytes_per_second{device="sda",direction="read",machine="vps"} 12.5' in text
    )


def test_an_agent_that_was_killed_leaves_a_socket_that_the_next_one_replaces(tmp_path):
    path = tmp_path / "agent.sock"
    listen_on_path(path).close()

    again = listen_on_path(path)

    assert path.is_socket()
    again.close()
