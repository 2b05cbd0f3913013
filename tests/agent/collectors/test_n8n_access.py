"""What an n8n does not let be read: keys, scopes and flags that are missing, n8n gone."""

import pytest

from models.errors import SourceRefused, SourceUnreachable
from tests.standins.n8n import FLAGS, SCOPES, N8n

pytestmark = pytest.mark.slow


def test_while_it_starts_it_is_not_ready_and_nothing_else_is_asked(n8n, watch):
    n8n.ready = False

    seen = watch(n8n).look()

    assert seen.value("n8n.ready") == 0
    assert "not ready" in seen.missing()["ready"]
    assert seen.collector.details()["ready"] is False
    assert n8n.requests == ["GET /healthz/readiness"]


def test_a_wrong_key_is_named_and_health_and_metrics_go_on(n8n, watch):
    n8n.run(n8n.workflow("w"))

    seen = watch(n8n, key="wrong").look()

    assert "refuses the key in N8N_API_KEY (401)" in seen.missing()["executions"]
    assert "execution:list, execution:read, workflow:list" in seen.missing()["executions"]
    assert len(seen.missing()) == len(seen.collector.details()["left_out"]) == 1
    assert {"n8n.ready", "n8n.workflow.events"} <= seen.names()


@pytest.mark.parametrize(
    ("scope", "part"),
    [("execution:list", "executions"), ("workflow:list", "workflows"), ("execution:read", "read")],
)
def test_a_missing_scope_is_named(n8n, watch, scope, part):
    workflow = n8n.workflow("w")
    n8n.run(workflow, "error", node="n", error="e")
    running = n8n.start(workflow)
    n8n.scopes = SCOPES - {scope}
    seen = watch(n8n).look()
    n8n.finish(running)

    seen.look()

    assert f"scope {scope}" in " ".join(seen.missing().values())
    if part == "read":  # How it ended stands in the list, too.
        assert (running, "success") in seen.told()


def test_without_a_key_health_and_metrics_are_read_and_it_is_said(n8n, watch, clock):
    workflow = n8n.workflow("w")
    seen = watch(n8n, key="").look()
    n8n.run(workflow)
    n8n.run(workflow, "error")

    seen.look()

    assert seen.value("n8n.executions", workflow__id=workflow, status="success") == 1
    assert seen.value("n8n.executions", workflow__id=workflow, status="error") == 1
    assert seen.line(workflow)["success_rate"] == 0.5
    assert "execution:list, execution:read, workflow:list" in seen.missing()["key"]
    assert not any("/api/" in request for request in n8n.requests)


def test_the_key_goes_to_the_api_alone(n8n, watch):
    headers = []
    answer = n8n._server.RequestHandlerClass._answer  # noqa: SLF001
    n8n._server.RequestHandlerClass._answer = lambda handler, method: (  # noqa: SLF001
        headers.append((handler.path, handler.headers.get("X-N8N-API-KEY"))),
        answer(handler, method),
    )

    watch(n8n).look()

    assert {key for path, key in headers if path.startswith("/api/")} == {n8n.key}
    assert {key for path, key in headers if not path.startswith("/api/")} == {None}


def test_without_metrics_everything_comes_from_the_api_and_the_flag_is_named(n8n, watch):
    n8n.flags = frozenset()
    n8n.run(n8n.workflow("w"))

    seen = watch(n8n).look()

    assert "N8N_METRICS=true" in seen.missing()["metrics"]
    assert seen.value("n8n.executions", status="success") == 1


@pytest.mark.parametrize(
    ("flag", "name"),
    [
        ("events", "N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS=true"),
        ("ids", "N8N_METRICS_INCLUDE_WORKFLOW_ID_LABEL=true"),
        ("queue", "N8N_METRICS_INCLUDE_QUEUE_METRICS=true"),
    ],
)
def test_a_flag_that_is_off_is_named(n8n, watch, flag, name):
    n8n.flags = FLAGS - {flag}
    n8n.queue_mode = True
    n8n.start(n8n.workflow("w"), queued=True)
    n8n.run("wf1")

    assert name in " ".join(watch(n8n).look().missing().values())


def test_the_queue_is_read_from_the_metrics_and_else_from_the_list(n8n, watch):
    workflow = n8n.workflow("w")
    for _ in range(3):
        n8n.start(workflow, queued=True)
    seen = watch(n8n).look()
    from_list = seen.value("n8n.queue.waiting")

    n8n.queue_mode = True
    seen.look()

    assert (from_list, seen.value("n8n.queue.waiting")) == (3, 3)
    assert seen.collector.details()["queue_waiting"] == 3


def test_an_n8n_that_is_gone_is_unreachable_and_found_again(clock, watch):
    with N8n(clock=clock.of_n8n) as n8n:
        seen = watch(n8n).look()
    with pytest.raises(SourceUnreachable, match="does not answer"):
        seen.look()


def test_a_redirect_is_refused_and_not_followed(n8n, watch):
    n8n.fault["/healthz"] = "redirect"

    with pytest.raises(SourceRefused, match="302"):
        watch(n8n).look()
