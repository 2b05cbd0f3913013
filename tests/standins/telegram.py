"""A stand-in of Telegram's Bot API on loopback: long polls, messages, presses of buttons.

As the real one: an update is given again until an offset beyond it is asked for, a wrong token is
404, and what is sent is kept as people would see it.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from tests.servers.http import answering

TOKEN = "123456789:AAstandinstandinstandinstandinstan"  # noqa: S105  It opens nothing.
POLL_SECONDS_MAX = 0.3
"""Shorter than it is asked for, so that tests end."""


@dataclass
class Telegram:
    """`refusals` are answered first: a status, and the seconds to wait or 0.

    They are for each method, or for `refused_method` alone.
    """

    port: int = 0
    refusals: list[tuple[int, int]] = field(default_factory=list)
    refused_method: str = ""
    down: int = 0
    poll_seconds: float = POLL_SECONDS_MAX
    said: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    stripped: list[int] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def types(self, chat_id: int, text: str, name: str = "owner") -> None:
        """A person writes to the bot."""
        sender = {"id": chat_id, "username": name}
        message = {"message_id": 1, "from": sender, "chat": {"id": chat_id}, "text": text}
        self.gets({"message": message})

    def presses(self, chat_id: int, data: str) -> None:
        """A person presses a button of the last message."""
        message = {"message_id": len(self.said), "chat": {"id": chat_id}}
        sender = {"id": chat_id, "username": "owner"}
        query = {"id": f"press{len(self.updates)}", "from": sender, "message": message}
        self.gets({"callback_query": {**query, "data": data}})

    def texts(self) -> list[str]:
        return [each["text"] for each in self.said]

    def buttons(self) -> dict[str, str]:
        """Of the last message: what each carries, by what it says."""
        rows = self.said[-1].get("reply_markup", {}).get("inline_keyboard", [])
        return {key["text"]: key["callback_data"] for row in rows for key in row}

    def gets(self, update: dict[str, Any]) -> None:
        with self._changed:
            self.updates.append({"update_id": 1000 + len(self.updates), **update})
            self._changed.notify_all()

    def refuses(self, method: str) -> bool:
        return bool(self.refusals or self.down) and self.refused_method in ("", method)

    def answer(self, method: str, shape: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return self._poll(shape)
        if method == "sendMessage":
            self.said.append(shape)
            return {"message_id": len(self.said)}
        if method == "answerCallbackQuery":
            self.ended.append(shape["callback_query_id"])
        elif method == "editMessageReplyMarkup":
            self.stripped.append(shape["message_id"])
        elif method == "getMe":
            return {"id": 1, "is_bot": True, "username": "sallim_bot"}
        return True

    def _poll(self, shape: dict[str, Any]) -> list[dict[str, Any]]:
        until = time.monotonic() + min(shape["timeout"], self.poll_seconds)
        with self._changed:
            while True:
                found = [one for one in self.updates if one["update_id"] >= shape["offset"]]
                left = until - time.monotonic()
                if found or left <= 0:
                    return found
                self._changed.wait(left)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: ClassVar[Telegram]

    def do_POST(self) -> None:
        shape = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, token, method = self.path.split("/")
        self.served.calls.append(method)
        if token != f"bot{TOKEN}":
            self._reply(404, {"ok": False, "error_code": 404, "description": "Not Found"})
            return
        if self.served.refuses(method):
            refusals = self.served.refusals
            status, wait = refusals.pop(0) if refusals else (self.served.down, 0)
            told = {"ok": False, "error_code": status, "description": f"refused {self.path}"}
            self._reply(status, {**told, "parameters": {"retry_after": wait}} if wait else told)
            return
        self._reply(200, {"ok": True, "result": self.served.answer(method, shape)})

    def _reply(self, status: int, shape: dict[str, Any]) -> None:
        body = json.dumps(shape).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def telegram(standin: Telegram | None = None) -> Iterator[Telegram]:
    """Served once more at the same port, it remembers."""
    told = standin or Telegram()

    class Handler(_Handler):
        served = told

    with answering(Handler, told.port) as told.port:
        yield told
