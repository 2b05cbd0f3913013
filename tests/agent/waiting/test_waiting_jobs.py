"""Analyses that were refused: run again by the owner's command or address, seen in the ledger."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.requests.rerunning import Rerunning
from models.errors import RequestRefused
from models.requests import Request
from tests.agent.waiting.waiting_house import WaitingHouse, refusal_text

pytestmark = pytest.mark.slow

FAILED = "APIStatusError: Error code: 402 - " + refusal_text()
WRITES = "import sys; open(sys.argv[1], 'a').write(' '.join(sys.argv[2:]) + chr(10))"


@pytest.fixture
def words(tmp_path):
    return tmp_path / "words"


@pytest.fixture
def house(tmp_path, words):
    command = [sys.executable, "-c", WRITES, str(words), "{name}", "--key={key}", "{id}"]
    by = [{"name": "analysis", "command": command}]
    house = WaitingHouse(tmp_path, rerun="on", rerun_by=by)
    yield house
    house.close()


def said(words):
    return words.read_text().splitlines() if words.exists() else []


def test_a_refused_analysis_is_run_again_by_its_command_and_done_when_its_job_is(house, words):
    house.job("job-1", error=FAILED)
    house.step()
    assert [(each.name, each.key, each.state) for each in house.items()] == [
        ("analysis", "video-1", "waiting")
    ]
    assert said(words) == []
    house.left = 5_000
    house.step()
    assert said(words) == ["analysis --key=video-1 job-1"]
    assert [item.step for item in house.items()] == ["sent"]
    house.job("job-2", "succeeded")
    house.step()

    assert [(item.state, item.rerun_id) for item in house.items()] == [("done", "job-2")]
    assert said(words) == ["analysis --key=video-1 job-1"]


def test_a_stage_that_failed_with_its_analysis_is_one_piece_of_work(house):
    house.job("job-1", error="RuntimeError: the stage failed")
    house.job("job-2", error=FAILED, parent_id="job-1", stage="summary", key="")
    house.job("job-3", error=FAILED, parent_id="job-4", stage="summary", key="video-2")
    house.job("job-4", "succeeded", key="video-2")
    house.steps(2)

    assert [(item.execution_id, item.key) for item in house.items()] == [("job-1", "video-1")]


def test_an_analysis_that_is_refused_again_waits_once_more(house, words):
    house.job("job-1", error=FAILED)
    house.left = 5_000
    house.step()
    house.job("job-2", error="RuntimeError: the stage failed")
    house.job("job-3", error=FAILED, parent_id="job-2", key="")
    house.step()

    [item] = house.items()
    assert (item.execution_id, item.state, item.tries) == ("job-1", "waiting", 1)
    assert len(said(words)) == 1
    house.job("job-4", "succeeded")
    house.start()
    house.steps(2)
    assert house.states() == ["done"], "its runs are no work of their own afterwards"
    house.job("job-5", error=FAILED)
    house.steps(2)
    assert len(house.items()) == 2, "what fails later is"


def test_a_run_that_nobody_saw_is_a_matter_for_a_person(house, words):
    house.job("job-1", error=FAILED)
    house.left = 5_000
    house.step()
    house.step(3_700)

    [item] = house.items()
    assert item.state == "given_up"
    assert "no run of it was seen since" in str(item.told_problem)
    # Whoever runs it by hand is believed by what the ledger says.
    house.job("job-2", "succeeded")
    house.step()
    assert house.states() == ["done"]


def test_a_command_that_fails_says_so_and_is_not_run_twice(tmp_path):
    by = [{"name": "analysis", "command": [sys.executable, "-c", "raise SystemExit('no GPU')"]}]
    house = WaitingHouse(tmp_path, rerun="on", rerun_by=by)
    house.job("job-1", error=FAILED)
    house.left = 5_000
    house.steps(4)
    [item] = house.items()
    house.close()

    assert item.state == "given_up"
    assert str(item.told_problem) == "its command ended with 1 (no GPU)"


def test_without_a_command_it_is_listed_for_whoever_runs_it(tmp_path):
    house = WaitingHouse(tmp_path, rerun="on")
    house.job("job-1", error=FAILED)
    house.left = 5_000
    house.steps(3)
    [told] = house.waiting.as_json()["items"]
    assert house.waiting.ask_for("all", "now", "request-1") == 0
    handler = Rerunning(house.waiting)
    with pytest.raises(RequestRefused, match="nothing says how analysis is run again"):
        handler.check(Request("rerun", "all", {}), house.clock.now)
    assert len(handler.check(Request("dismiss", "all", {}), house.clock.now).lines) == 1
    house.close()

    assert (told["state"], told["has_way"], told["key"]) == ("waiting", False, "video-1")


@pytest.mark.parametrize("key", ["--all", "-rf"])
def test_a_key_is_never_taken_for_an_option(house, words, key):
    house.job("job-1", error=FAILED, key=key)
    house.left = 5_000
    house.step()

    [item] = house.items()
    assert item.state == "given_up"
    assert "could be taken for an option" in str(item.told_problem)
    assert said(words) == []


def test_a_key_with_braces_fills_nothing_else_in(house, words):
    house.job("job-1", error=FAILED, key="{id} {name}")
    house.left = 5_000
    house.step()

    assert said(words) == ["analysis --key={id} {name} job-1"]


class Sink(BaseHTTPRequestHandler):
    """Takes what is posted, and answers as it is told."""

    def do_POST(self):
        length = int(self.headers["content-length"])
        self.server.taken.append(json.loads(self.rfile.read(length)))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def sink():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.taken, server.status = [], 202
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_told_what_to_run(tmp_path, sink):
    url = f"http://127.0.0.1:{sink.server_address[1]}/again"
    house = WaitingHouse(tmp_path, rerun="on", rerun_by=[{"name": "analysis", "url": url}])
    house.job("job-1", error=FAILED)
    sink.status = 503
    house.left = 5_000
    house.step()
    assert [(item.state, item.tries) for item in house.items()] == [("waiting", 1)]
    sink.status = 202
    house.step(400)
    [item] = house.items()
    house.close()

    assert (item.state, item.step) == ("running", "sent")
    told = {"name": "analysis", "key": "video-1", "id": "job-1"}
    assert [{**told, "step": item.step_id}] == sink.taken[1:]
