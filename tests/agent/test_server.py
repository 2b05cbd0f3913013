import time

import httpx
import pytest

from agent.exposition import exposition
from agent.server import Door, ServerLoop, inner_app, listen_on_path, listen_on_tcp, outer_app
from models.errors import QueryRefused

SAMPLE = ("system.disk.io", "vps", {"device": "sda", "direction": "read"}, 12.5)


class CannedAgent:
    """Knows one series and refuses every query that is not the one it knows."""

    def __init__(self) -> None:
        self.looked_for: list[tuple[list[str], int]] = []

    def health(self):
        return {"status": "ok"}

    def live(self, history, minutes):
        self.looked_for.append((list(history), minutes))
        return b'{"at": 1.0}'

    def query(self, sql, params):
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
        Door(tcp, outer_app(agent, {"good": "grafana"}.get)),
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
    assert agent.looked_for == [(["a", "b"], 15)]


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


@pytest.mark.parametrize("header", [None, "good", "Basic good", "Bearer", "Bearer bad"])
def test_the_tcp_listener_wants_a_token(served, header):
    _, outer = served
    headers = {} if header is None else {"authorization": header}

    answer = outer.get("/metrics", headers=headers)

    assert answer.status_code == 401
    assert "agent token create" in answer.json()["error"]


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
