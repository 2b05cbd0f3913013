"""Where messages arrive on loopback: webhooks as Slack and Mattermost have them, and mail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from aiosmtpd.controller import Controller

from tests.processes import free_port
from tests.servers.http import answering


@dataclass(frozen=True)
class Refusal:
    """One answer that is no yes."""

    status: int
    retry_after: str = ""
    hangs: bool = False


@dataclass
class Sink:
    """`refusals` are given first, one a request; then, unless it is `down`, everything is taken.

    `asked` counts requests; `taken` has what got through: path and JSON.
    """

    port: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    down: Refusal | None = None
    asked: int = 0
    taken: list[tuple[str, Any]] = field(default_factory=list)
    freed: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def texts(self) -> list[str]:
        """Title and text, of the fields in which the services want them."""
        return [str(shape.get("text") or shape.get("content") or "") for _, shape in self.taken]

    def judge(self) -> Refusal | None:
        with self.lock:
            self.asked += 1
            return self.refusals.pop(0) if self.refusals else self.down


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: ClassVar[Sink]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refusal = self.sink.judge()
        if refusal is not None and refusal.hangs:
            self.sink.freed.wait(60)
            self.close_connection = True
            return
        if refusal is None:
            self.sink.taken.append((self.path, json.loads(body)))
        self.send_response(refusal.status if refusal else 200)
        if refusal and refusal.retry_after:
            self.send_header("Retry-After", refusal.retry_after)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def webhooks(sink: Sink | None = None) -> Iterator[Sink]:
    """`port` of the sink stays the same when it is served once more."""
    served = sink or Sink()

    class Handler(_Handler):
        sink = served

    with answering(Handler, served.port) as served.port:
        try:
            yield served
        finally:
            served.freed.set()


@dataclass
class Mailbox:
    """`refusals` are SMTP answers that are given first."""

    port: int
    refusals: list[str] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Subject and text."""
    kinds: set[str] = field(default_factory=set)
    """Of all parts of all mails."""

    async def handle_DATA(  # noqa: N802  aiosmtpd calls it so.
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.kinds |= {part.get_content_type() for part in mail.walk()}
        body = mail.get_body(("plain", "html"))
        self.taken.append((str(mail["Subject"]), body.get_content() if body else ""))
        return "250 taken"


@contextmanager
def mailbox(known: Mailbox | None = None) -> Iterator[Mailbox]:
    """`port` stays the same when it is served once more."""
    box = known or Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
