"""A small Docker: a real HTTP server on a Unix socket that answers stop, start and inspect of
containers as the Engine API (1.54) does. What it does is in the hands of the test.

    with Docker(folder / "docker.sock") as docker:
        docker.run("n8n")
        docker.fault = "hang"            # or half, garbage, 403 of a proxy, 500
"""

import json
import re
import socketserver
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


@dataclass
class Container:
    running: bool = True
    restarting: bool = False
    paused: bool = False
    health: str = ""
    hears: bool = True
    """Whether it ends when it is stopped."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    docker = None

    def log_message(self, *_) -> None:
        pass

    def address_string(self) -> str:
        return "unix"

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        docker = self.docker
        docker.requests.append(f"{method} {self.path}")
        if docker.fault:
            self._fail(docker.fault)
            return
        found = re.fullmatch(r"(?:/v1\.\d+)?/containers/([^/]+)/(\w+)", urlsplit(self.path).path)
        container = docker.containers.get(found[1]) if found else None
        if container is None:
            name = found[1] if found else ""
            self._json(404, {"message": f"No such container: {name}"})
        elif (method, found[2]) == ("GET", "json"):
            self._json(200, described(container))
        elif (method, found[2]) in (("POST", "stop"), ("POST", "start")):
            self._change(container, wanted=found[2] == "start")
        else:
            self._json(404, {"message": "page not found"})

    def _change(self, container: Container, *, wanted: bool) -> None:
        if container.running is wanted:
            self._send(304, b"")
            return
        if container.hears:
            container.running = wanted
        self._send(204, b"")

    def _fail(self, fault: str) -> None:
        self.close_connection = True
        if fault == "hang":
            self.docker.released.wait(60)
        elif fault == "half":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"State": {')
        elif fault == "garbage":
            self.wfile.write(b"\x00\xff\r\n\r\n")
        else:
            self._json(int(fault), {"message": "something went wrong"})

    def _json(self, status: int, content: object) -> None:
        self._send(status, json.dumps(content).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        if status not in (204, 304):
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def described(container: Container) -> dict:
    state = {
        "Status": "running" if container.running else "exited",
        "Running": container.running,
        "Paused": container.paused,
        "Restarting": container.restarting,
    }
    if container.health:
        state["Health"] = {"Status": container.health}
    return {"Id": "5f2e", "Name": "/n8n", "State": state}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_) -> None:
        """Whoever asked may have gone away, as a test wants it."""


@dataclass
class Docker:
    path: Path
    containers: dict[str, Container] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    fault: str = ""

    def __post_init__(self) -> None:
        self.released = threading.Event()
        self._server = Server(str(self.path), type("Bound", (Handler,), {"docker": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def run(self, name: str, **more) -> Container:
        self.containers[name] = Container(**more)
        return self.containers[name]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
