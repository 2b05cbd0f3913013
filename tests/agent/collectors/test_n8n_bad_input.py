"""What n8n, or what stands in its place, may answer: nothing crashes, nothing is counted twice."""

import json
import ssl
import time

import pytest

from models.errors import SourceError, SourceRefused, SourceUnreachable
from tests.agent.collectors.watching_n8n import Watch
from tests.standins.n8n import N8n

pytestmark = pytest.mark.slow

FAULTS = ("hang", "drip", "half", "garbage", "html", "redirect", "500", "429", "404")
PARTS = {
    "/metrics": "metrics",
    "/api/v1/executions": "executions",
    "/api/v1/workflows": "workflows",
}


@pytest.fixture
def watch(n8n, clock):
    seen = Watch(n8n, clock, timeout_seconds=0.5)
    yield seen
    seen.close()


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "404"])
def test_whatever_answers_instead_of_n8n_is_an_error_that_says_what_to_do(n8n, watch, fault):
    n8n.fault["/healthz"] = fault

    with pytest.raises(SourceError) as failure:
        watch.look()

    assert n8n.url in str(failure.value)


def test_an_n8n_without_readiness_is_known_by_its_health(n8n, watch):
    n8n.fault["/healthz/readiness"] = "404"

    assert watch.look().value("n8n.ready") == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", PARTS)
def test_a_part_that_fails_is_left_out_and_comes_back_with_nothing_lost(n8n, watch, path, fault):
    workflow = n8n.workflow("w")
    n8n.run(workflow)
    watch.look(after=600.0)
    n8n.fault[path] = fault
    n8n.run(workflow)

    watch.look(after=600.0)
    broken = watch.missing()
    n8n.fault.clear()
    n8n.run(workflow)
    watch.look(after=600.0)

    assert PARTS[path] in broken
    assert watch.missing() == {}
    assert watch.told() == [("1", "success"), ("2", "success"), ("3", "success")]
    assert watch.line(workflow)["runs_day"] == 3


def test_after_a_part_that_hangs_the_others_wait_for_the_next_tick(n8n, watch):
    n8n.fault["/api/v1/executions"] = "hang"
    began = time.monotonic()

    watch.look()

    assert time.monotonic() - began < 5  # one limit of half a second, not one a part
    assert not any("/workflows" in request for request in n8n.requests)
    assert watch.look(after=10.0).value("n8n.ready") == 1
    assert any("/workflows" in request for request in n8n.requests)


@pytest.mark.parametrize("fault", ["500", "hang", "half", "garbage", "html", "404"])
def test_a_failure_that_n8n_cannot_show_is_a_failure_all_the_same(n8n, watch, fault):
    workflow = n8n.workflow("w")
    n8n.run(workflow, "error", node="n", error="e")
    n8n.fault["/api/v1/executions/"] = fault

    watch.look(ticks=5)

    assert watch.told() == [("1", "error")]
    assert sum("/executions/1" in request for request in n8n.requests) <= 3
    assert watch.value("n8n.workflow.failure_streak", workflow__id=workflow) == 1


def test_a_text_that_comes_late_is_added_when_n8n_can_show_it(n8n, watch):
    n8n.run(n8n.workflow("w"), "error", node="n", error="e")
    n8n.fault["/api/v1/executions/"] = "500"
    watch.look()
    n8n.fault.clear()

    watch.look()

    assert watch.executions()[-1].error == "n: e"
    assert watch.line("wf1")["runs_day"] == 1


def test_an_open_execution_that_n8n_cannot_show_is_found_in_the_list(n8n, watch):
    workflow = n8n.workflow("w")
    running = n8n.start(workflow)
    later = n8n.start(workflow)
    watch.look()
    n8n.finish(later)
    watch.look(ticks=5)
    n8n.fault["/api/v1/executions/"] = "500"

    n8n.finish(running)
    watch.look()

    assert watch.told()[-1] == (running, "success")


def test_silence_is_not_claimed_while_the_executions_cannot_be_read(n8n, watch, clock):
    n8n.workflow("w")
    watch.look()
    n8n.fault["/api/v1/executions"] = "500"

    read_at = watch.look().collector.details()["read_at"]

    assert read_at == clock.now - 30


@pytest.mark.parametrize("ahead", [86_400.0, -86_400.0, 3600.0])
def test_a_skewed_clock_is_corrected_and_named(n8n, watch, clock, ahead):
    workflow = n8n.workflow("w")
    clock.ahead = ahead
    n8n.run(workflow, seconds=20.0)
    running = n8n.start(workflow)

    watch.look(ticks=2)

    done = next(e for e in watch.executions() if e.status == "success")
    assert done.stopped_at == pytest.approx(clock.now - 60, abs=5)
    assert watch.value("n8n.workflow.last_success_age") == pytest.approx(60, abs=5)
    assert watch.line(workflow)["stuck"] is None
    assert f"{int(ahead)} s ahead" in watch.missing()["clock"]
    assert watch.told().count((running, "running")) == 1


def test_a_second_of_difference_is_no_skew(n8n, watch, clock):
    clock.ahead = 1.4

    assert "clock" not in watch.look().missing()


NAMES = ('"quoted"', "<script>alert(1)</script>", "🎬 살림", "{0} {name}", "%s", "a\nb", "\\", "'")


def test_any_name_is_a_name(n8n, watch):
    for name in NAMES:
        workflow = n8n.workflow(name)
        n8n.run(workflow, "error", node=name, error=name)

    watch.look(ticks=5)

    assert {thing.name for thing in watch.things("workflow")} == set(NAMES)
    errors = {record.error for record in watch.executions() if record.error}
    assert len(errors) == len(NAMES)
    assert json.loads(json.dumps(watch.collector.details()))["workflows"]


@pytest.mark.parametrize("workflow_id", ['"', "a b/c?d#e", "🎬", "w" * 500])
def test_any_id_has_a_link_that_stays_within_n8n(n8n, watch, workflow_id):
    n8n.run(n8n.workflow("w", id=workflow_id), "error", node="n", error="e")

    watch.look()

    [line] = watch.collector.details()["workflows"]
    assert line["link"].startswith(f"{n8n.url}/workflow/")
    assert not set(line["link"].removeprefix(n8n.url)) & set('"?# ')


def test_ids_that_are_no_numbers_are_taken_once(n8n, watch):
    workflow = n8n.workflow("w")
    plain = "0198c2f0-7a51-7000-8000-000000000001"
    n8n.start(workflow, id=plain)
    n8n.finish(plain)
    n8n.run(workflow)

    watch.look(ticks=4)

    assert sorted(watch.told()) == sorted([(plain, "success"), ("2", "success")])


def test_secrets_in_a_failure_are_hidden(n8n, watch):
    n8n.run(n8n.workflow("w"), "error", node="HTTP", error="401 for Bearer abcdefghijklmnop")

    watch.look()

    assert "abcdefgh" not in json.dumps(watch.collector.details())
    assert "[redacted]" in watch.executions()[-1].error


def test_the_key_is_in_no_message_and_no_repr(n8n, clock):
    seen = Watch(n8n, clock, key="a-secret-key-of-n8n")

    seen.look()

    assert "a-secret-key" not in f"{seen.missing()} {seen.collector.details()}"
    seen.close()


def test_a_certificate_nobody_vouches_for_is_refused_with_a_cure(clock, tls_n8n):
    seen = Watch(tls_n8n, clock)

    with pytest.raises(SourceRefused, match="SSL_CERT_FILE"):
        seen.look()
    seen.close()


@pytest.fixture
def tls_n8n(clock, tmp_path):
    import subprocess

    files = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=127.0.0.1",
            "-keyout",
            files[0],
            "-out",
            files[1],
        ],
        check=True,
        capture_output=True,
    )
    n8n = N8n(clock=clock.of_n8n)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    n8n.encrypt(context)
    with n8n:
        yield n8n


def test_n8n_that_is_not_there_at_all(clock):
    n8n = N8n()
    with n8n:
        pass
    seen = Watch(n8n, clock)

    with pytest.raises(SourceUnreachable, match="is n8n running"):
        seen.look()
    seen.close()
