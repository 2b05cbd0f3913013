"""OpenAI's and Anthropic's limits on loopback, as their interfaces for admins are documented.

One desk holds a limit of each; every request is written down. `next_answers` go out first, in
order. `before_write` and `after_write` are called around the moment at which a limit changes.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

OPENAI, ANTHROPIC = "/v1/organization/spend_limit", "/v1/organizations/spend_limits"
BETA = "spend-limit-reads-2026-09-26"
OPENAI_KEY, ANTHROPIC_KEY = "sk-admin-test", "sk-ant-admin-test"
TIER = {
    "type": "spend_limit",
    "id": "spl_tier",
    "amount": "10000000",
    "currency": "USD",
    "period": "monthly",
    "is_enabled": True,
    "scope": {"type": "usage_tier"},
}


@dataclass
class Limits:
    """Whole cents, None: none."""

    openai: int | None = None
    anthropic: int | None = None
    currency: str = "USD"
    is_preview: bool = True
    """Whether Anthropic has opened its preview to this organization."""
    forgets: bool = False
    """It says yes to a write and keeps the old limit."""
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    written: list[Any] = field(default_factory=list)
    next_answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    before_write: Callable[[], None] = lambda: None
    after_write: Callable[[], None] = lambda: None

    def count(self, method: str) -> int:
        return sum(1 for each, _ in self.asked if each == method)

    def put(self, name: str, cents: int | None) -> None:
        self.before_write()
        self.written.append(cents)
        if not self.forgets:
            setattr(self, name, cents)
        self.after_write()


Answer = tuple[int, Any]


def openai(limits: Limits, method: str, key: str, shape: Any) -> Answer:
    if key != f"Bearer {OPENAI_KEY}":
        return 401, {"error": {"message": f"Incorrect API key provided: {key}"}}
    if method == "POST":
        amount = shape["threshold_amount"]
        if (shape["currency"], shape["interval"]) != ("USD", "month") or amount < 1:
            return 400, {"error": {"message": "threshold_amount must be at least 1"}}
        limits.put("openai", amount)
        return 200, _openai(limits, amount)
    if method == "DELETE":
        limits.put("openai", None)
        return 200, {"object": "organization.spend_limit.deleted", "deleted": True}
    if limits.openai is None:
        return 404, {"error": {"message": "No spend limit is configured."}}
    return 200, _openai(limits, limits.openai)


def _openai(limits: Limits, cents: int) -> Any:
    return {
        "object": "organization.spend_limit",
        "threshold_amount": cents,
        "currency": limits.currency,
        "interval": "month",
        "enforcement": {"status": "inactive"},
    }


def anthropic(limits: Limits, method: str, path: str, shape: Any) -> Answer:
    if not limits.is_preview:
        return _wrong(403, "Setting organization limits is in an early access preview.")
    if method == "POST":
        if not shape["amount"].isdigit() or shape["period"] != "monthly":
            return _wrong(400, "amount: whole cents as a string")
        limits.put("anthropic", int(shape["amount"]))
        return 200, _anthropic(limits, shape["amount"])
    if method == "DELETE":
        if path != f"{ANTHROPIC}/spl_01O":
            return _wrong(404, "not found")
        limits.put("anthropic", None)
        return 200, {"id": "spl_01O", "type": "spend_limit_deleted"}
    return 200, _page(limits, is_second="page=" in path)


def _page(limits: Limits, is_second: bool) -> Any:
    """Two pages: that of the tier, which nobody sets, and the organization's own."""
    if not is_second:
        return {"data": [TIER], "next_page": "page_2"}
    cents = limits.anthropic
    found = [] if cents is None else [_anthropic(limits, str(cents))]
    return {"data": found, "next_page": None}


def _anthropic(limits: Limits, amount: str) -> Any:
    ours = {"id": "spl_01O", "scope": {"type": "organization"}, "currency": limits.currency}
    return {**TIER, **ours, "amount": amount}


def _wrong(status: int, message: str) -> Answer:
    return status, {"type": "error", "error": {"message": message}}


def _told(limits: Limits, method: str, path: str, headers: Any, shape: Any) -> Answer:
    if path == OPENAI:
        return openai(limits, method, headers["Authorization"], shape)
    names = ("x-api-key", "anthropic-version", "anthropic-beta")
    if [headers[name] for name in names] != [ANTHROPIC_KEY, "2023-06-01", BETA]:
        return _wrong(401, "invalid x-api-key")
    return anthropic(limits, method, path, shape)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    limits: ClassVar[Limits]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        shape = json.loads(body) if body else None
        limits = self.limits
        limits.asked.append((self.command, self.path.partition("?")[0]))
        if limits.next_answers:
            status, headers = limits.next_answers.pop(0)
            self._say(status, {}, headers)
        else:
            self._say(*_told(limits, self.command, self.path, self.headers, shape))

    def _say(self, status: int, shape: Any, headers: Any = None) -> None:
        body = json.dumps(shape).encode()
        with suppress(OSError):  # Whoever asked may have been killed.
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def limits_desk() -> Iterator[Limits]:
    limits = Limits()
    handler = type("Own", (Handler,), {"limits": limits})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    limits.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield limits
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
