"""The worker: killed, hanging, idle; what it tells, and what it never shows."""

import os
import signal
import subprocess
import sys
import time

import pytest

from agent.outbox.sending import HANG_SECONDS, IDLE_SECONDS
from agent.outbox.workers import Worker
from models.alerts import Severity
from models.messages import say
from tests.agent.outboxing import marks, posting
from tests.processes import until
from tests.servers.sinks import Refusal, webhooks

pytestmark = pytest.mark.slow


def under_way(post, sink):
    """Put one alert, and wait until the service has it and says nothing."""
    sink.refusals = [Refusal(200, hangs=True)]
    post.put()
    post.hands.move(1)
    post.outbox.step()
    until(lambda: sink.asked == 1)


def test_a_worker_that_is_killed_is_started_anew_and_the_message_bears_the_same_mark(
    tmp_path, sink, address
):
    with posting(tmp_path, {"slack": address}) as post:
        under_way(post, sink)
        first = post.worker.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: not post.worker.is_running)
        post.rounds(20)
        assert post.worker.pid != first

    assert marks(sink.texts) == ["#1/1"]


def test_a_worker_that_hangs_is_ended_and_the_message_goes_once_more(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        under_way(post, sink)
        first = post.worker.pid
        post.hands.move(HANG_SECONDS + 1)
        post.outbox.step()
        post.rounds(20)
        assert post.worker.pid != first

    assert marks(sink.texts) == ["#1/1"]


def test_a_worker_that_is_stopped_holds_up_nothing_and_is_ended(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        post.put()
        post.round()
        first = post.worker.pid
        os.kill(first, signal.SIGSTOP)
        for _ in range(400):
            post.put(lines=[say("{long}", long="x" * 500)])
        post.hands.move(11)
        post.outbox.step()
        post.hands.move(HANG_SECONDS + 1)
        post.outbox.step()
        post.rounds(20)
        assert post.worker.pid != first

    assert marks(sink.texts)[:2] == ["#1/1", "#2/1"]
    assert len(sink.texts) == 2


def test_one_channel_that_hangs_holds_up_no_other(tmp_path, sink, address):
    with webhooks() as other:
        addresses = {"slow": address, "quick": f"mmost://127.0.0.1:{other.port}/hooktoken"}
        with posting(tmp_path, addresses) as post:
            sink.refusals = [Refusal(200, hangs=True)]
            post.put(channel="slow")
            post.put(channel="quick", severity=Severity.WARN)
            post.hands.move(1)
            post.outbox.step()
            until(lambda: other.texts)

    assert marks(other.texts) == ["#2/1"]


def test_what_was_being_sent_when_the_agent_died_goes_once_more_after_its_start(
    tmp_path, sink, address
):
    with posting(tmp_path, {"slack": address}) as post:
        under_way(post, sink)
    with posting(tmp_path, {"slack": address}) as post:
        post.rounds(3)

    assert marks(sink.texts) == ["#1/1"]


def test_an_idle_worker_is_ended(tmp_path, sink, address):
    with posting(tmp_path, {"slack": address}) as post:
        post.put()
        post.round()
        assert post.worker.is_running
        post.rounds(2 * IDLE_SECONDS, 10)
        assert not post.worker.is_running


def test_new_settings_reach_the_next_message(tmp_path, sink, address):
    with webhooks() as other, posting(tmp_path, {"slack": address}) as post:
        post.put()
        post.round()
        post.take_over({"slack": f"mmost://127.0.0.1:{other.port}/hooktoken"})
        post.put()
        post.rounds(20)

    assert (marks(sink.texts), marks(other.texts)) == (["#1/1"], ["#2/1"])


def test_secrets_stand_neither_in_the_process_nor_in_the_control_file(tmp_path, sink):
    address = f"mmost://127.0.0.1:{sink.port}/verysecrethook"
    with posting(tmp_path, {"slack": address}) as post:
        sink.down = Refusal(404)
        post.put()
        post.round()
        process = f"/proc/{post.worker.pid}"
        for name in ("cmdline", "environ"):
            with open(f"{process}/{name}", "rb") as file:  # noqa: PTH123
                assert b"verysecret" not in file.read()
        told = [str(problem) for problem in post.outbox.problems]

    assert told
    assert "verysecret" not in " ".join(told)
    for file in tmp_path.iterdir():
        assert b"verysecret" not in file.read_bytes()


def test_an_address_that_makes_no_sense_is_said(tmp_path):
    with posting(tmp_path, {"slack": "nonsense"}) as post:
        post.put()
        post.round()

        assert "not set up" in str(post.outbox.problems[0])


def test_a_worker_ends_with_its_input_even_while_a_channel_hangs(sink, address):
    worker = Worker()
    worker.start({"slack": address}, "en")
    sink.refusals = [Refusal(200, hangs=True)]
    title = say("x").as_json()
    alert = {"number": 1, "times": 1, "title": title, "lines": [], "link": ""}
    worker.send({"id": 1, "channel": "slack", "severity": "warn", "alerts": [alert], "late": None})
    until(lambda: sink.asked == 1)
    started = time.monotonic()
    worker.stop()

    assert time.monotonic() - started < 2


def test_the_agent_never_loads_apprise():
    program = (
        "import sys; from data.lean import stay_lean; stay_lean();"
        "import agent.running, agent.composing, agent.wiring.messages, agent.checks.rounds;"
        "print([m for m in ('apprise', 'requests', 'yaml', 'markdown') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )

    assert (done.stdout, done.stderr) == ("[]\n", "")
