"""Jobs to an agent on another machine, by a server that speaks its wire."""

import http.server
import json
import socket
import threading
from contextlib import contextmanager

import pytest

import sallim
from sallim import backlog, recording
from sallim.ledger import from_wire
from tests.processes import free_port, until
from tests.sallim.rows import NOON_US, program, ran, row

pytestmark = pytest.mark.slow

TOKEN = "slm_of_this_test"  # noqa: S105 opens nothing
WORK = """
import sallim
for number in range(3):
    with sallim.job("analysis", key=str(number)) as job, job.stage("download"):
        pass
"""


class Agent(http.server.ThreadingHTTPServer):
    """`POST /jobs` into a ledger; `answers` are given first, one a request."""

    daemon_threads = True

    def __init__(self, ledger, port=0, answers=()):
        super().__init__(("127.0.0.1", port), Door)
        self.ledger = ledger
        self.answers = list(answers)
        self.answers_lost = 0
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Door(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers["Authorization"], len(body)))
        status = self.server.answers.pop(0) if self.server.answers else 0
        self.send_response(status or self.recorded(body))
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def recorded(self, body):
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401
        try:
            told = [from_wire(job) for job in json.loads(body)["jobs"]]
            self.server.ledger.record_jobs(told, NOON_US)
        except ValueError:
            return 422
        if self.server.answers_lost:
            self.server.answers_lost -= 1
            return 503
        return 200

    def log_message(self, *args):
        pass


@contextmanager
def agent(ledger, port=0, answers=()):
    with Agent(ledger, port, answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(backlog, "PAUSE_SECONDS", (0.02,))
    monkeypatch.setattr(backlog, "GATHER_SECONDS", 0.02)


def names(ledger):
    return [(job.name, job.stage, job.key, job.state) for job in ledger.jobs_since(0, 1_000)]


def to(monkeypatch, url, token=TOKEN):
    monkeypatch.setenv("SALLIM_URL", url)
    monkeypatch.setenv("SALLIM_TOKEN", token)


def test_a_job_arrives_while_it_runs_and_when_it_is_over(ledger, monkeypatch):
    with agent(ledger) as server:
        to(monkeypatch, server.url + "/")
        with sallim.job("analysis", key="video-17", queued_at=NOON_US / 1e6):
            until(lambda: names(ledger) == [("analysis", "", "video-17", "running")])
        until(lambda: names(ledger) == [("analysis", "", "video-17", "succeeded")])
        recording.flush()

    [job] = ledger.jobs_since(0, 10)
    assert (job.queued_us, job.process) == (NOON_US, "")
    assert job.started_us is not None
    assert job.duration_us is not None
    assert {request[:2] for request in server.requests} == {("/jobs", f"Bearer {TOKEN}")}


def test_what_still_waits_at_the_end_of_a_program_is_sent(ledger):
    with agent(ledger) as server:
        assert ran(WORK, SALLIM_URL=server.url, SALLIM_TOKEN=f"{TOKEN}\n") == ""

    assert len(names(ledger)) == 6
    assert {state for *_, state in names(ledger)} == {"succeeded"}


def test_what_a_worker_of_multiprocessing_did_is_sent_too(ledger):
    code = """
import multiprocessing, sys
import sallim
def work(number):
    with sallim.job("analysis", key=str(number)):
        pass
processes = [multiprocessing.get_context("fork").Process(target=work, args=[n]) for n in range(3)]
with sallim.job("parent"):
    for process in processes:
        process.start()
    for process in processes:
        process.join()
sys.exit(max(process.exitcode for process in processes))
"""
    with agent(ledger) as server:
        ran(code, SALLIM_URL=server.url, SALLIM_TOKEN=TOKEN)

    assert sorted(names(ledger)) == [
        *(("analysis", "", f"{number}", "succeeded") for number in range(3)),
        ("parent", "", "", "succeeded"),
    ]


def test_an_agent_that_is_away_gets_everything_once_it_is_back(ledger, monkeypatch, caplog):
    port = free_port()
    to(monkeypatch, f"http://127.0.0.1:{port}")
    for number in range(300):
        with sallim.job("analysis", key=number):
            pass
    until(lambda: "does not answer" in caplog.text)
    with agent(ledger, port):
        until(lambda: len(names(ledger)) == 300)
        recording.flush()

    assert {state for *_, state in names(ledger)} == {"succeeded"}
    assert caplog.text.count("sallim.job: ") == 1
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("status", [500, 503, 429, 400, 401, 404, 302])
def test_what_was_answered_with_no_is_sent_again(ledger, monkeypatch, caplog, status):
    with agent(ledger, answers=[status, status]) as server:
        to(monkeypatch, server.url)
        with sallim.job("analysis"):
            pass
        until(lambda: names(ledger) == [("analysis", "", "", "succeeded")])
        recording.flush()

    assert f"answered {status}" in caplog.text
    assert {path for path, *_ in server.requests} == {"/jobs"}


def test_an_answer_that_was_lost_counts_nothing_twice(ledger, monkeypatch):
    with agent(ledger) as server:
        server.answers_lost = 3
        to(monkeypatch, server.url)
        recording.recorder().ended(row("a", "succeeded"))
        until(lambda: len(server.requests) == 4)
        recording.flush()

    assert names(ledger) == [("analysis", "", "video-17", "succeeded")]
    assert ledger.last_seq() == 1


def test_one_job_that_cannot_be_taken_does_not_hold_up_the_others(ledger, monkeypatch, caplog):
    with agent(ledger) as server:
        to(monkeypatch, server.url)
        for number in range(20):
            state = "exploded" if number == 7 else "succeeded"
            recording.recorder().ended(row(f"{number}", state))
        until(lambda: len(names(ledger)) == 19)
        recording.flush()

    assert "answered 422" in caplog.text
    assert "for job 7, which is left out" in caplog.text


def test_a_token_that_is_refused_is_told_with_what_to_do(ledger, monkeypatch, caplog):
    with agent(ledger) as server:
        to(monkeypatch, server.url, "wrong")
        with sallim.job("analysis"):
            pass
        until(lambda: "agent token create NAME" in caplog.text)
        recording.flush()

    assert names(ledger) == []
    assert "wrong" not in caplog.text


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1", "127.0.0.1:1", "http://["]
)
def test_an_address_that_is_none_is_told(monkeypatch, caplog, url):
    to(monkeypatch, url)
    with sallim.job("analysis"):
        pass
    until(lambda: "check SALLIM_URL" in caplog.text)


@pytest.mark.slow
@pytest.mark.timeout(30)
def test_a_program_does_not_wait_for_an_agent_that_hangs():
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}"
        process = program(WORK, SALLIM_URL=url, SALLIM_TOKEN=TOKEN)
        _, told = process.communicate(timeout=8)

    assert process.returncode == 0, told
