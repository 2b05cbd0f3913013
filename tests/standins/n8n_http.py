"""The HTTP of the stand-in: routes, answers and faults. Behaviour as seen in n8n's own code and
in the answers of a real 2.40.7 (tests/payloads/n8n).
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.standins.n8n_metrics import metrics_text
from tests.standins.n8n_switches import switched

LISTED = ("id", "finished", "mode", "retryOf", "retrySuccessId", "status")
PAGE = "<!DOCTYPE html><html><body><pre>{}</pre></body></html>"
GARBAGE_BYTES = 10_000_000


class Refusal(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    n8n = None

    def setup(self) -> None:
        super().setup()
        self.n8n.connections.append(self.connection)

    def log_message(self, *_) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        n8n, parts = self.n8n, urlsplit(self.path)
        path = parts.path.removeprefix(n8n.path)
        n8n.requests.append(f"{method} {self.path.removeprefix(n8n.path)}")
        fault = next((f for begin, f in n8n.fault.items() if path.startswith(begin)), "")
        if fault:
            self._fail(fault)
            return
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        try:
            with n8n.lock:
                self._route(
                    method, path, {k: v[-1] for k, v in parse_qs(parts.query).items()}, body
                )
        except Refusal as refusal:
            self._json(refusal.status, {"message": str(refusal)})
        except BrokenPipeError:
            pass

    def _route(self, method: str, path: str, query: dict, body: bytes) -> None:
        n8n = self.n8n
        if path == "/healthz":
            self._json(200, {"status": "ok"})
        elif path == "/healthz/readiness":
            self._json(200 if n8n.ready else 503, {"status": "ok" if n8n.ready else "error"})
        elif not n8n.ready:
            self._send(200, "text/html", b"n8n is starting up. Please wait")
        elif path == "/metrics" and "metrics" in n8n.flags:
            self._send(200, "text/plain; version=0.0.4", metrics_text(n8n).encode())
        elif path.startswith("/api/v1/"):
            self._api(method, path.removeprefix("/api/v1"), query, body)
        else:
            self._send(404, "text/html", PAGE.format(f"Cannot GET {path}").encode())

    def _api(self, method: str, path: str, query: dict, body: bytes) -> None:
        if self.headers.get("X-N8N-API-KEY") != self.n8n.key:
            raise Refusal(401, "Unauthorized")
        parts = path.strip("/").split("/")
        if parts == ["executions"]:
            self._allow("execution:list")
            self._json(200, self._executions(query))
        elif parts == ["workflows"]:
            self._allow("workflow:list")
            self._json(200, self._workflows(query))
        elif parts[0] == "executions" and len(parts) == 2 and method == "GET":
            self._allow("execution:read")
            self._json(200, self._execution(parts[1], query))
        elif parts[0] == "executions" and parts[2:] == ["retry"] and self.n8n.numbers >= (1, 113):
            self._allow("execution:retry")
            self._json(200, self._retry(parts[1]))
        else:
            self._switch(method, parts, body)

    def _switch(self, method: str, parts: list[str], body: bytes) -> None:
        """One workflow is looked at, or something is stopped or started."""
        found = None
        if method == "GET" and parts[0] == "workflows" and len(parts) == 2:
            self._allow("workflow:read")
            found = self.n8n.workflows.get(parts[1])
        elif method == "POST":
            found = switched(self.n8n, self._allow, parts, json.loads(body or b"{}"))
        if found is None:
            raise Refusal(404, "not found")
        shapes = {"Workflow": described, "Execution": listed}
        self._json(200, shapes.get(type(found).__name__, dict)(found))

    def _allow(self, scope: str) -> None:
        if scope not in self.n8n.scopes:
            raise Refusal(403, "Forbidden")

    def _executions(self, query: dict) -> dict:
        n8n, status = self.n8n, query.get("status")
        if query.get("startedAfter") and n8n.numbers < (2, 20):
            raise Refusal(400, "Unknown query parameter 'startedAfter'")
        if status is not None and status not in statuses_of(n8n.numbers):
            raise Refusal(400, f"request/query/status Invalid enum value, received '{status}'")
        place = decoded(query.get("cursor"))
        limit = int(place.get("limit", query.get("limit", 100)))
        limit = min(limit, 250)
        last = int(place.get("lastId", 1 << 62))
        hidden = {"running"} if n8n.numbers >= (2, 20) else {"running", "new", "waiting"}
        found = [
            execution
            for execution in sorted(n8n.executions.values(), key=order, reverse=True)
            if order(execution) < last
            and (execution.status == status if status else execution.status not in hidden)
            and query.get("workflowId", execution.workflow_id) == execution.workflow_id
        ]
        page = found[:limit]
        cursor = None
        if len(found) > limit:
            cursor = encoded({"lastId": page[-1].id, "limit": limit})
        return {"data": [listed(execution) for execution in page], "nextCursor": cursor}

    def _execution(self, execution_id: str, query: dict) -> dict:
        execution = self.n8n.executions.get(execution_id)
        if execution is None:
            raise Refusal(404, "Not Found")
        shape = listed(execution)
        data = data_of(execution)
        if self.n8n.numbers >= (2, 20):
            size = len(json.dumps(data))
            shape |= {"createdAt": moment(execution.created_at), "jsonSizeBytes": size}
        return {**shape, "data": data} if query.get("includeData") == "true" else shape

    def _retry(self, execution_id: str) -> dict:
        execution = self.n8n.executions.get(execution_id)
        if execution is None:
            raise Refusal(404, "Not Found")
        if execution.status in {"new", "success"}:
            raise Refusal(409, "The execution is queued, or succeeded, so it cannot be retried.")
        wish = self.headers.get("Idempotency-Key", "")
        again = self.n8n.wishes.get(wish) if self.n8n.numbers >= (2, 45) else None
        if again is None:
            again = self.n8n.start(execution.workflow_id, mode="retry")
            self.n8n.executions[again].retry_of = execution_id
            if self.n8n.outcome["status"] != "running":
                self.n8n.finish(again, **self.n8n.outcome)
        if wish:
            self.n8n.wishes[wish] = again
        retried = self.n8n.executions[again]
        return {**listed(retried), "data": data_of(retried)}

    def _workflows(self, query: dict) -> dict:
        place = decoded(query.get("cursor"))
        limit = int(place.get("limit", query.get("limit", 100)))
        offset = int(place.get("offset", 0))
        every = list(self.n8n.workflows.values())
        cursor = None
        if len(every) > offset + limit:
            cursor = encoded({"limit": limit, "offset": offset + limit})
        page = every[offset : offset + limit]
        return {"data": [described(workflow) for workflow in page], "nextCursor": cursor}

    def _fail(self, fault: str) -> None:
        self.close_connection = True
        if fault == "hang":
            self.n8n.released.wait(60)
        elif fault == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"data": [')
        elif fault == "garbage":
            self._send(200, "application/json", b"\x00\xff{]" * (GARBAGE_BYTES // 4))
        elif fault == "html":
            self._send(200, "text/html", PAGE.format("Sign in").encode())
        elif fault == "drip":
            self._send(200, "application/json", b"", ("Content-Length", "1000000"))
            while not self.n8n.released.wait(0.05):
                self.wfile.write(b" ")
        elif fault == "redirect":
            self._send(302, "text/html", b"", ("Location", "http://127.0.0.1:1/elsewhere"))
        else:
            self._json(int(fault), {"message": "something went wrong"})

    def _json(self, status: int, content: object) -> None:
        self._send(status, "application/json; charset=utf-8", json.dumps(content).encode())

    def _send(self, status: int, kind: str, body: bytes, *more: tuple[str, str]) -> None:
        try:
            self.send_response_only(status)
            self.send_header("Date", formatdate(self.n8n.clock(), usegmt=True))
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *more):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def statuses_of(numbers: tuple[int, int]) -> set[str]:
    if numbers >= (2, 20):
        return {"canceled", "crashed", "error", "new", "running", "success", "unknown", "waiting"}
    if numbers >= (1, 113):
        return {"canceled", "error", "running", "success", "waiting"}
    return {"error", "success", "waiting"}


def order(execution) -> int:
    return int(execution.id) if execution.id.isdecimal() else 1 << 40


def moment(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def listed(execution) -> dict:
    return {
        "id": execution.id,
        "finished": execution.status == "success",
        "mode": execution.mode,
        "retryOf": execution.retry_of,
        "retrySuccessId": None,
        "status": execution.status,
        "startedAt": moment(execution.started_at),
        "stoppedAt": moment(execution.stopped_at),
        "workflowId": execution.workflow_id,
        "waitTill": moment(execution.wait_till),
    }


def described(workflow) -> dict:
    return {
        "id": workflow.id,
        "name": workflow.name,
        "active": workflow.active,
        "isArchived": workflow.archived,
        "createdAt": moment(0.0),
        "updatedAt": moment(0.0),
        "triggerCount": 1,
        "tags": [{"id": tag, "name": tag} for tag in workflow.tags],
        "settings": {} if workflow.saves_successes else {"saveDataSuccessExecution": "none"},
        "nodes": [{"name": "Webhook", "parameters": {"text": "x" * workflow.padding}}],
        "connections": {},
    }


def data_of(execution) -> dict:
    error = {"message": execution.error, "node": {"name": execution.node}, "stack": "Error: ..."}
    start = {"startTime": 1, "data": {"main": [[{"json": {"body": execution.body}}]]}}
    result = {"runData": {"Webhook": [start]}, "lastNodeExecuted": execution.node}
    if execution.status in {"error", "crashed"}:
        result = {"error": error, **result}
    return {"resultData": result, "executionData": {"padding": "x" * execution.data_bytes}}


def encoded(place: dict) -> str:
    return b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def decoded(cursor: str | None) -> dict:
    try:
        return json.loads(b64decode(cursor, validate=True)) if cursor else {}
    except (NotBase64, ValueError) as error:
        raise Refusal(400, "An invalid cursor was provided") from error
