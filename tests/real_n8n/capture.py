"""Write down what a real n8n answers: `python -m tests.real_n8n.capture [FOLDER]`.

The answers are the goldens of the collector's own tests, in tests/payloads/n8n/<version>/.
Nothing is changed in them but keys and the parts that name this machine.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.processes import until
from tests.real_n8n import workflows
from tests.real_n8n.gpu import serving
from tests.real_n8n.machine import SCOPES, VERSION, Owner, RealN8n, installed, running

PAYLOADS = Path(__file__).parents[1] / "payloads" / "n8n" / VERSION
RUNNING_AT_ONCE = 2
"""So few that the third of the hanging ones stands in n8n's own queue."""


class Notebook:
    """Keeps answers under a name, with the request they answer."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.web = httpx.Client(base_url=url, timeout=30)

    def keep(self, name: str, path: str, key: str = "", **query: str) -> httpx.Response:
        headers = {"X-N8N-API-KEY": key} if key else {}
        answer = self.web.get(path, params=query, headers=headers)
        self.write(name, answer)
        return answer

    def write(self, name: str, answer: httpx.Response) -> None:
        kind = answer.headers.get("content-type", "")
        if name.startswith("metrics") and answer.status_code == 200 and "text/plain" in kind:
            (self.folder / f"{name}.txt").write_text(answer.text)
            return
        kept = {
            "request": f"GET {answer.request.url.raw_path.decode()}",
            "status": answer.status_code,
            "content_type": kind,
            "body": answer.json() if "json" in kind else answer.text[:2000],
        }
        text = json.dumps(kept, indent=1, ensure_ascii=False)
        text = text.replace(str(installed()), "/opt/n8n")
        (self.folder / f"{name}.json").write_text(text + "\n")


def starting(n8n: RealN8n, folder: Path) -> None:
    """Every different answer from the first open port until it is ready."""
    web, seen = httpx.Client(base_url=n8n.url, timeout=5), {}
    asked = ("/healthz", "/healthz/readiness", "/metrics", "/api/v1/executions?limit=250")
    notes, began = [], time.monotonic()
    while seen.get("/healthz/readiness") != (200, '{"status":"ok"}'):
        assert n8n.process.poll() is None, n8n.log[-4000:]
        assert time.monotonic() - began < 180
        for path in asked:
            try:
                answer = web.get(path)
                told = answer.status_code, answer.text[:300]
                kind = answer.headers.get("content-type", "")
            except httpx.TransportError as error:
                told, kind = (0, type(error).__name__), ""
            if seen.get(path) != told:
                seen[path] = told
                status, body = told
                notes.append(
                    {
                        "after_seconds": round(time.monotonic() - began, 1),
                        "request": f"GET {path}",
                        "status": status,
                        "content_type": kind,
                        "body": body,
                    }
                )
        time.sleep(0.05)
    text = json.dumps(notes, indent=1, ensure_ascii=False)
    (folder / "starting_up.json").write_text(text + "\n")


def without_metrics(scratch: Path, folder: Path) -> None:
    """The first start, whose migrations take long enough to see the 503s."""
    n8n = RealN8n(
        scratch, N8N_METRICS="false", N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS="false"
    )
    try:
        starting(n8n, folder)
        Notebook(folder, n8n.url).keep("metrics_off", "/metrics")
        Owner(n8n).set_up()
    finally:
        n8n.stop()


def without_event_bus(scratch: Path, folder: Path) -> None:
    settings = {
        "N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS": "false",
        "N8N_PUBLIC_API_DISABLED": "true",
    }
    with running(scratch, **settings) as n8n:
        book = Notebook(folder, n8n.url)
        book.keep("metrics_no_event_bus", "/metrics")
        book.keep("api_disabled", "/api/v1/executions", "any-key")


def statuses(owner: Owner, **query: str) -> list[str]:
    return sorted(execution["status"] for execution in owner.executions(**query))


def everything(n8n: RealN8n, folder: Path) -> str:
    """All states at once; gives a key, good for looking on after a crash."""
    owner, book = Owner(n8n), Notebook(folder, n8n.url)
    owner.sign_in()
    scopes = owner.scopes()
    (folder / "scopes.json").write_text(json.dumps(scopes, indent=1) + "\n")
    owner.use_key(owner.key("everything", *scopes))
    key = owner.key("sallim", *SCOPES)
    book.keep("metrics_before_the_first_run", "/metrics")
    with serving() as gpu:
        gpu.is_deaf = True
        made = [workflows.succeeds(), workflows.fails(), workflows.falls_silent()]
        made += [workflows.hangs(gpu.url), workflows.waits(), workflows.leaves_no_trace()]
        for workflow in made:
            created = owner.create(workflow)
        for path in ("good", "good", "bad", "regular", "good", "unsaved", "later", "stuck"):
            owner.call(path)
        until(lambda: statuses(owner, status="waiting") == ["waiting"])
        stuck = until(lambda: owner.executions(status="running"))[0]["id"]
        owner.cancel(stuck)
        until(lambda: statuses(owner, status="canceled"))
        owner.switch_off(created)
        for _ in range(RUNNING_AT_ONCE + 1):
            owner.leave("stuck")
        owner.leave("good")
        until(lambda: len(statuses(owner, status="running")) == RUNNING_AT_ONCE)
        states(book, key)
        refusals(owner, book)
        n8n.crash()
    return key


def states(book: Notebook, key: str) -> None:
    book.keep("executions", "/api/v1/executions", key, limit="250")
    one_of = {}
    for status in ("waiting", "running", "new", "queued", "error", "success", "canceled"):
        query = {"limit": "250", "status": status}
        answer = book.keep(f"executions_{status}", "/api/v1/executions", key, **query)
        if answer.is_success:
            one_of[status] = f"/api/v1/executions/{answer.json()['data'][0]['id']}"
    for status, path in one_of.items():
        book.keep(f"execution_{status}", path, key)
    book.keep("execution_error_data", one_of["error"], key, includeData="true")
    book.keep("execution_missing", "/api/v1/executions/999999", key)
    pages(book, key)
    book.keep("workflows", "/api/v1/workflows", key, limit="250")
    book.keep("workflows_active", "/api/v1/workflows", key, limit="2", active="true")
    book.keep("healthz", "/healthz")
    book.keep("readiness", "/healthz/readiness")
    book.keep("metrics", "/metrics")


def pages(book: Notebook, key: str) -> None:
    page = book.keep("executions_page_1", "/api/v1/executions", key, limit="2").json()
    cursor = page["nextCursor"]
    book.keep("executions_page_2", "/api/v1/executions", key, limit="2", cursor=cursor)
    book.keep("executions_limit_1000", "/api/v1/executions", key, limit="1000")
    book.keep("executions_cursor_broken", "/api/v1/executions", key, cursor="garbage")
    after = "2020-01-01T00:00:00.000Z"
    book.keep("executions_started_after", "/api/v1/executions", key, limit="2", startedAfter=after)


def refusals(owner: Owner, book: Notebook) -> None:
    only_workflows = owner.key("no executions", "workflow:list")
    only_executions = owner.key("no workflows", "execution:list")
    listed = owner.executions(status="error")
    book.keep("no_key", "/api/v1/executions")
    book.keep("wrong_key", "/api/v1/executions", "not-a-key")
    book.keep("executions_scope_missing", "/api/v1/executions", only_workflows)
    book.keep("workflows_scope_missing", "/api/v1/workflows", only_executions)
    failed = f"/api/v1/executions/{listed[0]['id']}"
    book.keep("execution_scope_missing", failed, only_executions, includeData="true")


def after_the_crash(n8n: RealN8n, folder: Path, key: str) -> None:
    """What was running is called crashed, below ids that ended long before."""
    book = Notebook(folder, n8n.url)

    def settled() -> bool:
        answer = book.web.get(
            "/api/v1/executions", params={"status": "crashed"}, headers={"X-N8N-API-KEY": key}
        )
        return len(answer.json()["data"]) == RUNNING_AT_ONCE

    until(settled)
    book.keep("after_a_crash_executions", "/api/v1/executions", key, limit="250")
    book.keep("after_a_crash_executions_running", "/api/v1/executions", key, status="running")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sallim-n8n-") as name:
        scratch = Path(name)
        without_metrics(scratch, folder)
        without_event_bus(scratch, folder)
        limit = {"N8N_CONCURRENCY_PRODUCTION_LIMIT": str(RUNNING_AT_ONCE)}
        try:
            with running(scratch, **limit) as n8n:
                key = everything(n8n, folder)
            with running(scratch, **limit) as n8n:
                after_the_crash(n8n, folder, key)
        except BaseException:
            sys.stderr.write((scratch / "n8n.log").read_text(errors="replace")[-3000:])
            raise


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PAYLOADS)
