"""A real n8n in a process group of its own, on free ports of 127.0.0.1."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.processes import free_port, until

VERSION = "2.40.7"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
OWNER = {
    "email": "owner@example.com",
    "firstName": "Real",
    "lastName": "Test",
    "password": "Only-for-tests-1",
}
ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM")
"""Whoever kills the tests hard leaves no n8n behind."""
SCOPES = ("execution:list", "execution:read", "workflow:list")
"""What the collector asks for, and no more."""
QUIET = {
    "N8N_LISTEN_ADDRESS": "127.0.0.1",
    "N8N_RUNNERS_BROKER_LISTEN_ADDRESS": "127.0.0.1",
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_SECURE_COOKIE": "false",
    "N8N_RUNNERS_ENABLED": "false",
    "N8N_GRACEFUL_SHUTDOWN_TIMEOUT": "2",
}
"""Nothing of it leaves this machine but look-ups of api.n8n.io, which may fail; and no execution
that hangs keeps it from ending.
"""
METRICS = {
    "N8N_METRICS": "true",
    "N8N_METRICS_INCLUDE_MESSAGE_EVENT_BUS_METRICS": "true",
    "N8N_METRICS_INCLUDE_WORKFLOW_ID_LABEL": "true",
}


def installed() -> Path:
    """Where install.sh put it."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    root = os.environ.get("SALLIM_N8N_CACHE") or Path(caches) / "sallim-n8n"
    return Path(root) / VERSION


class RealN8n:
    """Address, log and process of one n8n that was started here."""

    def __init__(self, folder: Path, *, port: int | None = None, **settings: str) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        home = installed()
        environ = {
            **{name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ},
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "N8N_USER_FOLDER": str(folder),
            "N8N_PORT": str(self.port),
            "N8N_RUNNERS_BROKER_PORT": str(free_port()),
            **QUIET,
            **METRICS,
            **settings,
        }
        with (folder / "n8n.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*ENDS_WITH_US, home / "bin" / "node", home / "node_modules/n8n/bin/n8n", "start"],
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return (self.folder / "n8n.log").read_text(errors="replace")

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, self.log[-4000:]
            try:
                return httpx.get(f"{self.url}/healthz/readiness", timeout=2).status_code == 200
            except httpx.TransportError:
                return False

        until(ready, START_SECONDS)

    def crash(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End the whole group: n8n starts a JavaScript runner that outlives it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            end = time.monotonic() + STOP_SECONDS
            while members(self.process.pid) and time.monotonic() < end:
                self.process.poll()
                time.sleep(0.05)
        self.process.wait(STOP_SECONDS)
        assert not members(self.process.pid), members(self.process.pid)


def members(group: int) -> list[int]:
    """The living processes of a group; what is dead and not yet waited for does not count."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            _, _, rest = (entry / "stat").read_text().rpartition(") ")
        except OSError:
            continue
        state, _, pgrp, *_ = rest.split()
        if int(pgrp) == group and state not in "ZX":
            found.append(int(entry.name))
    return found


@contextmanager
def running(folder: Path, *, port: int | None = None, **settings: str) -> Iterator[RealN8n]:
    """An n8n on a scratch folder, from the moment it is ready."""
    n8n = RealN8n(folder, port=port, **settings)
    try:
        n8n.wait_until_ready()
        yield n8n
    finally:
        n8n.stop()


class Owner:
    """The person in front of the editor: makes keys and workflows, calls webhooks."""

    def __init__(self, n8n: RealN8n) -> None:
        self.web = httpx.Client(base_url=n8n.url, timeout=30)
        self.customer = httpx.Client(base_url=f"{n8n.url}/webhook", timeout=30)

    def close(self) -> None:
        self.web.close()
        self.customer.close()

    def set_up(self) -> None:
        self._post("/rest/owner/setup", OWNER)

    def sign_in(self) -> None:
        sign_in = {"emailOrLdapLoginId": OWNER["email"], "password": OWNER["password"]}
        self._post("/rest/login", sign_in)

    def scopes(self) -> list[str]:
        return self.web.get("/rest/api-keys/scopes").raise_for_status().json()["data"]

    def key(self, label: str, *scopes: str) -> str:
        body = {"label": label, "expiresAt": None, "scopes": list(scopes)}
        return self._post("/rest/api-keys", body)["data"]["rawApiKey"]

    def use_key(self, key: str) -> None:
        self.web.headers["X-N8N-API-KEY"] = key

    def create(self, workflow: dict) -> str:
        """Make the workflow and switch it on; gives its id."""
        made = self._post("/api/v1/workflows", workflow)["id"]
        self._post(f"/api/v1/workflows/{made}/activate", {})
        return made

    def switch_off(self, workflow_id: str) -> None:
        self._post(f"/api/v1/workflows/{workflow_id}/deactivate", {})

    def call(self, path: str) -> None:
        """Call a webhook that answers at once. n8n knows it some time after it says so."""
        answer = until(lambda: self._called(path, seconds=30))
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:1000]}"

    def leave(self, path: str) -> None:
        """Call a webhook and hang up: n8n answers nobody whose execution it put in its queue."""
        with suppress(httpx.ReadTimeout):
            until(lambda: self._called(path, seconds=1))

    def _called(self, path: str, seconds: float) -> httpx.Response | None:
        body = {"video": f"{path}.mp4"}
        answer = self.customer.post(path, json=body, timeout=seconds)
        return None if answer.status_code == 404 else answer

    def executions(self, **query: str) -> list[dict]:
        answer = self.web.get(
            "/api/v1/executions", params={"limit": "250", **query}
        ).raise_for_status()
        return answer.json()["data"]

    def cancel(self, execution_id: str) -> None:
        self._post(f"/api/v1/executions/{execution_id}/stop", {})

    def _post(self, path: str, body: dict) -> dict:
        answer = self.web.post(path, json=body)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:1000]}"
        return json.loads(answer.text)
