"""The HTTP of the upstream stand-in: paths, faults, whole answers and streams."""

import json
import re
import struct
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from tests.standins import upstream_wire as wire
from tests.standins.upstream_openai import Chat, Embeddings, Responses, Transcript
from tests.standins.upstream_others import Gemini, Messages


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def setup(self) -> None:
        super().setup()
        self.server.links.add(self.connection)

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.server.links.discard(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._note(None)
        name = re.search(r"/(files/[^/?]+)", self.path)
        if name and self.path.startswith("/google"):
            file = self.upstream.files.get(name.group(1))
            self._say(200 if file else 404, file or {"error": {"message": "no such file"}})
        else:
            self._say(200, {"object": "list", "data": []})

    def do_DELETE(self) -> None:
        self._note(None)
        self._say(200, {"id": "file-1", "object": "file", "deleted": True})

    def do_POST(self) -> None:
        content = self._content()
        body = json.loads(content) if content[:1] == b"{" else None
        self._note(body)
        if "/files" in self.path:
            self._file(content)
            return
        if self._fault():
            return
        self._answer(body, content)

    @property
    def upstream(self):
        return self.server.upstream

    def _note(self, body: object) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.upstream.requests.append((self.command, self.path, headers, body))

    def _content(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _fault(self) -> bool:
        self._planned = fault = self._next_fault()
        if isinstance(fault, int):
            error = {"message": "not now", "type": "overloaded", "code": fault}
            content = json.dumps({"error": error}).encode()
            # The SDKs of OpenAI and Anthropic then try again at once.
            self._send(fault, "application/json", content, {"retry-after-ms": "1"})
        elif fault == "hang":
            self.upstream.hang()
            self.close_connection = True
        elif fault == "reset":
            self._reset()
        return fault not in (None, "cut", "spent", "held")

    def _next_fault(self) -> object:
        told = self.headers.get("x-standin-faults")
        if told is None:
            return self.upstream.faults.pop(0) if self.upstream.faults else None
        faults = told.split(",")[int(self.headers.get("x-stainless-retry-count", 0)) :]
        fault = faults[0] if faults else ""
        return int(fault) if fault.isdecimal() else fault or None

    def _reset(self) -> None:
        self.connection.setsockopt(1, 13, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _charge(self, provider: str, speak, answer: str) -> None:
        call = self.headers.get("x-standin-call", "")
        counts = speak.counts(answer)
        self.upstream.bill.append(wire.line(provider, speak.model, counts, call))

    def _keeps(self) -> bool:
        """Whether the answer, which is paid for, is kept back."""
        if self._planned == "spent":
            self._reset()
        elif self._planned == "held":
            self.upstream.held.append(self.headers.get("x-standin-call", ""))
            while self.connection.recv(65_536):
                pass
            self.close_connection = True
        return self._planned in ("spent", "held")

    def _answer(self, body, content: bytes) -> None:
        provider = self.path.split("/")[1]
        if self.path.split("?")[0].endswith((":countTokens", "/count_tokens")):
            counted = wire.tokens_of(body)
            if provider == "google":
                counted = Gemini(body, self.path).usage("")["promptTokenCount"]
            self._say(200, {"totalTokens": counted, "input_tokens": counted})
            return
        speak = speaker(provider, self.path, body, self.headers, content)
        if not self.upstream.tells_usage:
            speak.tells_usage = False
        if speak.streams and self._planned in (None, "cut"):
            self._stream(provider, speak)
            return
        self.upstream.pause()
        self._charge(provider, speak, speak.answer)
        if self._keeps():
            return
        if speak.plain is not None:
            self._send(200, "text/plain", speak.plain.encode())
        else:
            self._say(200, speak.body())

    def _stream(self, provider: str, speak) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sent = 0
        try:
            for event, made in speak.events():
                self._chunk(event)
                sent = max(sent, made)
                if made:
                    self.upstream.pause()
                if self._planned == "cut" and sent >= 2:
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
            self._chunk(b"")
        except OSError:
            self.close_connection = True
        finally:
            self._charge(provider, speak, speak.answer[: 4 * sent])

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _file(self, content: bytes) -> None:
        """Gemini's come in parts: the first says where to, each further one is added."""
        upstream = self.upstream
        commands = self.headers.get("x-goog-upload-command", "")
        if "start" in commands:
            place = f"{upstream.url}/google/upload/v1beta/files?upload_id={len(upstream.parts)}"
            upstream.parts.append(b"")
            self._send(200, "application/json", b"{}", {"X-Goog-Upload-URL": place})
            return
        if "upload" in commands:
            number = int(self.path.rpartition("upload_id=")[2])
            upstream.parts[number] += content
            content = upstream.parts[number]
            if "finalize" not in commands:
                self._send(200, "application/json", b"", {"X-Goog-Upload-Status": "active"})
                return
        name = f"files/f{len(upstream.files) + 1}"
        file = {
            "name": name,
            "uri": f"{upstream.url}/google/v1beta/{name}",
            "mimeType": "video/mp4",
            "state": "ACTIVE",
            "sizeBytes": str(len(content)),
            "videoMetadata": {"videoDuration": "12s"},
        }
        upstream.files[name] = file
        told = {"file": file, "id": "file-1", "object": "file", "bytes": len(content)}
        told |= {"created_at": 1, "filename": "a", "purpose": "user_data"}
        self._send(
            200, "application/json", json.dumps(told).encode(), {"X-Goog-Upload-Status": "final"}
        )

    def _say(self, status: int, shape: object) -> None:
        self._send(status, "application/json", json.dumps(shape).encode())

    def _send(
        self, status: int, kind: str, content: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def speaker(provider: str, path: str, body, headers, content: bytes) -> wire.Speaker:
    if provider == "google":
        return Gemini(body, path)
    if provider == "anthropic":
        return Messages(body)
    kinds = {"completions": Chat, "responses": Responses, "embeddings": Embeddings}
    last = path.rpartition("/")[2]
    return Transcript(content) if last in ("transcriptions", "translations") else kinds[last](body)
