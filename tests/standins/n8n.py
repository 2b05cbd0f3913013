"""A small n8n: a real HTTP server that answers as the public API, /metrics and /healthz of
n8n 1.110, 1.113, 2.0, 2.20 and 2.40 do. What it does is in the hands of the test.

    with N8n("2.40.7") as n8n:
        workflow = n8n.workflow("Digest")
        n8n.run(workflow)                                  # a success that took a second
        n8n.run(workflow, "error", node="HTTP", error="502")
        execution = n8n.start(workflow)                    # hangs until n8n.finish(execution)
        N8nCollector(N8n(url=n8n.url), n8n.key, ...)

`clock` gives the moments of everything (UTC epoch seconds). `ready`, `fault`, `scopes`, `flags` and
`version` may be changed at any time. `requests` is what was asked.
"""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Self

from tests.standins.n8n_http import Handler
from tests.standins.n8n_metrics import BUCKETS

SCOPES = frozenset({"execution:list", "execution:read", "execution:retry", "workflow:list"})
FLAGS = frozenset({"metrics", "events", "ids", "queue", "durations"})


@dataclass
class Workflow:
    id: str
    name: str
    active: bool = True
    archived: bool = False
    saves_successes: bool = True
    tags: tuple[str, ...] = ()
    padding: int = 100
    """Characters of its nodes: how heavy it is in the list."""


@dataclass
class Execution:
    id: str
    workflow_id: str
    status: str
    mode: str
    created_at: float
    started_at: float | None = None
    stopped_at: float | None = None
    wait_till: float | None = None
    retry_of: str | None = None
    node: str = ""
    error: str = ""
    body: object = None
    """Input of the first node."""
    data_bytes: int = 0
    """How much longer its data is than it needs to be."""


@dataclass
class N8n:
    version: str = "2.40.7"
    path: str = ""
    key: str = "a-key-of-this-n8n"
    scopes: frozenset[str] = SCOPES
    flags: frozenset[str] = FLAGS
    queue_mode: bool = False
    clock: Callable[[], float] = time.time
    ready: bool = True
    fault: dict[str, str] = field(default_factory=dict)
    """By beginning of the path: hang, drip, half, garbage, html, redirect, a status as "500"."""
    prefix: str = "n8n_"
    workflows: dict[str, Workflow] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    outcome: dict = field(default_factory=lambda: {"status": "success"})
    """How an execution ends that is tried again; of status "running" it goes on."""
    wishes: dict[str, str] = field(default_factory=dict)
    """Executions by the `Idempotency-Key` that they came of, from 2.45 on."""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    durations: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Runs so far by status, mode, workflow and upper bound of their duration in seconds."""
    queue_events: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.released = threading.Event()
        self.connections: list[socket.socket] = []
        self._last_id = 0
        self._scheme = "http"
        handler = type("Bound", (Handler,), {"n8n": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Before it begins: by https from then on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https"

    def stop(self) -> None:
        """Gone, with every connection; nothing listens any more."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}{self.path}"

    @property
    def numbers(self) -> tuple[int, int]:
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)

    def workflow(self, name: str, **more) -> str:
        """A new workflow; gives its id."""
        with self.lock:
            workflow_id = more.pop("id", f"wf{len(self.workflows) + 1}")
            self.workflows[workflow_id] = Workflow(workflow_id, name, **more)
            return workflow_id

    def run(self, workflow_id: str, status="success", *, at=None, seconds=1.0, **more) -> str:
        """A whole run that began `at` (default: so that it ends now)."""
        began = self.clock() - seconds if at is None else at
        mode = more.pop("mode", "trigger")
        execution_id = self.start(workflow_id, at=began, mode=mode)
        self.finish(execution_id, status, at=began + seconds, **more)
        return execution_id

    def start(self, workflow_id: str, *, at=None, mode="trigger", queued=False, id=None) -> str:
        """A run that goes on until `finish`; `queued` ones have not begun."""
        with self.lock:
            self._last_id += 1
            execution_id = id or str(self._last_id)
            now = self.clock() if at is None else at
            began = None if queued else now
            status = "new" if queued else "running"
            execution = Execution(execution_id, workflow_id, status, mode, now, began)
            self.executions[execution_id] = execution
            if queued:
                self.queue_events["enqueued"] += 1
            else:
                self.events["started", workflow_id] += 1
            return execution_id

    def begin(self, execution_id: str, *, at=None) -> None:
        """One that was queued begins."""
        with self.lock:
            execution = self.executions[execution_id]
            execution.status = "running"
            execution.started_at = self.clock() if at is None else at
            self.events["started", execution.workflow_id] += 1

    def wait(self, execution_id: str, till: float) -> None:
        """One that runs comes to a Wait node."""
        with self.lock:
            execution = self.executions[execution_id]
            execution.status, execution.wait_till = "waiting", till
            execution.stopped_at = self.clock()

    def finish(self, execution_id: str, status="success", *, at=None, **more) -> None:
        """One that runs ends; `node`, `error`, `body`, `data_bytes` are what its data says."""
        with self.lock:
            execution = self.executions[execution_id]
            execution.status, execution.wait_till = status, None
            execution.stopped_at = self.clock() if at is None else at
            for name, value in more.items():
                setattr(execution, name, value)
            self._count(execution)
            workflow = self.workflows.get(execution.workflow_id)
            if status == "success" and workflow is not None and not workflow.saves_successes:
                del self.executions[execution_id]

    def prune(self, execution_id: str) -> None:
        with self.lock:
            del self.executions[execution_id]

    def lose_ids(self, count: int) -> None:
        """Ids that nobody ever sees."""
        self._last_id += count

    def restart(self, version: str = "") -> None:
        """Counters begin anew; what ran has crashed."""
        with self.lock:
            self.version = version or self.version
            self.events.clear()
            self.queue_events.clear()
            self.durations.clear()
            for execution in self.executions.values():
                if execution.status == "running":
                    execution.status, execution.stopped_at = "crashed", execution.started_at

    def _count(self, execution: Execution) -> None:
        event = {"success": "success", "error": "failed", "canceled": "failed"}.get(
            execution.status
        )
        if event is None:
            return
        self.events[event, execution.workflow_id] += 1
        if execution.status == "canceled":
            self.events["cancelled", execution.workflow_id] += 1
        if execution.started_at is not None:
            seconds = execution.stopped_at - execution.started_at
            for bound in BUCKETS:
                key = (event, execution.mode, execution.workflow_id, bound)
                self.durations[key] += float(bound) >= seconds
