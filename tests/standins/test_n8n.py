"""The stand-in answers as the real n8n 2.40.7 did (tests/payloads/n8n), and as older ones do."""

import json
from pathlib import Path

import httpx
import pytest

from tests.standins.n8n import SCOPES, N8n

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[1] / "payloads" / "n8n" / "2.40.7"


def real(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def n8n():
    with N8n() as n8n:
        workflow = n8n.workflow("w")
        n8n.run(workflow)
        n8n.run(workflow, "error", node="HTTP", error="502")
        n8n.start(workflow)
        yield n8n


def ask(n8n, path, method="GET", key=None):
    headers = {"X-N8N-API-KEY": n8n.key if key is None else key}
    return httpx.request(method, n8n.url + path, headers=headers, trust_env=False)


def same(answer, golden):
    assert answer.status_code == golden["status"]
    assert answer.headers["content-type"].split(";")[0] == golden["content_type"].split(";")[0]


def test_a_list_has_the_fields_and_the_order_of_the_real_one(n8n):
    answer, golden = ask(n8n, "/api/v1/executions?limit=250"), real("executions")

    same(answer, golden)
    assert list(answer.json()["data"][0]) == list(golden["body"]["data"][0])
    assert [execution["id"] for execution in answer.json()["data"]] == ["2", "1"]


def test_cursors_are_those_of_the_real_one(n8n):
    first = ask(n8n, "/api/v1/executions?limit=1").json()
    second = ask(n8n, f"/api/v1/executions?cursor={first['nextCursor']}").json()

    assert [first["data"][0]["id"], second["data"][0]["id"], second["nextCursor"]] == [
        "2",
        "1",
        None,
    ]
    broken = ask(n8n, "/api/v1/executions?cursor=%21")
    same(broken, real("executions_cursor_broken"))
    assert broken.json() == real("executions_cursor_broken")["body"]


def test_refusals_are_those_of_the_real_one(n8n):
    missing = ask(n8n, "/api/v1/executions/999999")
    wrong = ask(n8n, "/api/v1/executions", key="wrong")
    n8n.scopes = SCOPES - {"execution:list"}
    forbidden = ask(n8n, "/api/v1/executions")
    unknown = ask(n8n, "/api/v1/workflows?limit=1&status=queued")
    n8n.flags = frozenset()

    for answer, name in (
        (missing, "execution_missing"),
        (wrong, "wrong_key"),
        (forbidden, "executions_scope_missing"),
    ):
        same(answer, real(name))
        assert answer.json() == real(name)["body"]
    assert unknown.status_code == 200
    same(ask(n8n, "/metrics"), real("metrics_off"))


def test_one_that_failed_is_shown_as_the_real_one_shows_it(n8n):
    shown = ask(n8n, "/api/v1/executions/2?includeData=true").json()
    golden = real("execution_error_data")["body"]

    assert shown.keys() <= golden.keys()
    assert shown["data"]["resultData"].keys() <= golden["data"]["resultData"].keys()


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("1.110.1", "running", 400),
        ("1.113.3", "running", 200),
        ("2.0.0", "new", 400),
        ("2.20.0", "new", 200),
        ("2.40.7", "queued", 400),
    ],
)
def test_each_version_knows_its_own_states(n8n, version, status, code):
    n8n.version = version

    assert ask(n8n, f"/api/v1/executions?status={status}").status_code == code


def test_a_retry_is_a_new_execution_and_not_for_what_succeeded(n8n):
    again = ask(n8n, "/api/v1/executions/2/retry", "POST")

    assert (again.json()["retryOf"], again.json()["mode"]) == ("2", "retry")
    assert ask(n8n, "/api/v1/executions/1/retry", "POST").status_code == 409
    n8n.version = "1.110.1"
    assert ask(n8n, "/api/v1/executions/2/retry", "POST").status_code == 404


def test_while_it_starts_it_answers_like_the_real_one(n8n):
    n8n.ready = False
    golden = {entry["request"]: entry for entry in real("starting_up")[4:8]}

    for path in ("/healthz", "/healthz/readiness", "/metrics", "/api/v1/executions?limit=250"):
        same(ask(n8n, path), golden[f"GET {path}"])
