"""Servers on 127.0.0.1 that speak HTTP, or badly. Each ends with its `with`.

`serving` takes a behaviour: a function that gets the accepted socket and does with it what it
likes. `pages` is a well-behaved server with canned answers that keeps connections open.
"""

import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import trustme

from tests.processes import free_port

DAY_SECONDS = 86_400
Behaviour = Callable[[socket.socket], None]


@dataclass
class Server:
    """`connections` counts those that were accepted."""

    port: int
    tls: bool = False
    connections: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"


@contextmanager
def serving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Give every connection to `behaviour`, on a thread of its own, and close it afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1], tls is not None)
        thread = threading.Thread(target=_accept, args=(listening, server, behaviour, tls))
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", server.port), 1).close()
            thread.join(5)


def _accept(
    listening: socket.socket, server: Server, behaviour: Behaviour, tls: ssl.SSLContext | None
) -> None:
    threads = []
    opened = []
    while True:
        link, _ = listening.accept()
        if server.ending.is_set():
            link.close()
            break
        server.connections += 1
        opened.append(link)
        threads.append(threading.Thread(target=_serve, args=(link, behaviour, tls), daemon=True))
        threads[-1].start()
    for link in opened:
        with suppress(OSError):
            link.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join(5)


def _serve(link: socket.socket, behaviour: Behaviour, tls: ssl.SSLContext | None) -> None:
    with link, suppress(OSError):  # Who asks may go when he likes.
        if tls is None:
            behaviour(link)
        else:
            with tls.wrap_socket(link, server_side=True) as secured:
                behaviour(secured)


@contextmanager
def refused() -> Iterator[Server]:
    """A port at which nobody listens."""
    yield Server(free_port())


def request_of(link: socket.socket) -> bytes:
    """Read one request up to the empty line; b"" when the peer is gone."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = link.recv(65_536)
        if not part:
            return b""
        received += part
    return received


def hanging(link: socket.socket) -> None:
    """Takes what comes and says nothing."""
    while link.recv(65_536):
        pass


def closing(link: socket.socket) -> None:
    """Reads the request and closes."""
    request_of(link)


def resetting(link: socket.socket) -> None:
    """Reads the request and resets the connection."""
    request_of(link)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_closed(link: socket.socket) -> None:
    """Promises more than it sends, and closes its side."""
    request_of(link)
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nthe beginning")
    link.shutdown(socket.SHUT_WR)


def trickling(link: socket.socket) -> None:
    """A byte every 50 ms: within the limit of any single read, for ever."""
    request_of(link)
    link.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        link.sendall(b"#")
        time.sleep(0.05)


def trickling_headers(link: socket.socket) -> None:
    request_of(link)
    link.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        link.sendall(b"x")
        time.sleep(0.05)


def garbage(link: socket.socket) -> None:
    """10 MB that are no HTTP."""
    request_of(link)
    for _ in range(160):
        link.sendall(bytes(range(1, 256)) * 257)


def garbage_page(link: socket.socket) -> None:
    """A proper answer with a body of 10 MB, of no stated length."""
    request_of(link)
    link.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(160):
        link.sendall(bytes(range(1, 256)) * 257)


@dataclass(frozen=True)
class Page:
    """One canned answer. `clock_offset_seconds` moves its Date header."""

    body: bytes = b"ok"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    bearer: str = ""
    clock_offset_seconds: float = 0.0


@dataclass
class Pages(Server):
    """`requests` are pairs of path and headers, in their order; `pages` may be changed."""

    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    links: list[socket.socket] = field(default_factory=list)


@contextmanager
def pages(
    canned: Mapping[str, Page], tls: ssl.SSLContext | None = None, port: int = 0
) -> Iterator[Pages]:
    """A server that answers GET by path, with keep-alive; 404 for every other path.

    At its end it closes what is open, as a program does that is stopped.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    told = Pages(server.server_port, tls is not None, pages=dict(canned))

    class Handler(_Handler):
        served = told

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join(5)
        for link in told.links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    served: ClassVar[Pages]

    def setup(self) -> None:
        super().setup()
        self.served.connections += 1
        self.served.links.append(self.connection)

    def do_GET(self) -> None:
        self.served.requests.append((self.path, dict(self.headers.items())))
        page = self.served.pages.get(self.path, Page(b"not here", 404))
        if page.bearer and self.headers["Authorization"] != f"Bearer {page.bearer}":
            page = Page(b"who are you", 401)
        self.send_response_only(page.status)
        self.send_header("Date", formatdate(time.time() + page.clock_offset_seconds, usegmt=True))
        self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Authority:
    """A certificate authority of the test's own. `file` has its certificate, for `ca_file`."""

    def __init__(self, folder) -> None:
        self._ca = trustme.CA()
        self.file = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.file)

    def context(self, *names: str, starts_at=None, ends_at=None) -> ssl.SSLContext:
        """For a server; its certificate is for `names`, valid between two datetimes."""
        certificate = self._ca.issue_cert(
            *(names or ("127.0.0.1", "localhost")), not_before=starts_at, not_after=ends_at
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context


def own_certificate(folder, *more: str) -> tuple[str, str]:
    """One for 127.0.0.1 that is its own authority, made by openssl, and its key."""
    key, certificate = str(folder / "key.pem"), str(folder / "self.pem")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-days", "30", "-subj", "/CN=127.0.0.1", *(more or ("-nodes",))),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        capture_output=True,
        check=True,
    )
    return certificate, key


def self_signed(folder) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate(folder))
    return context


@contextmanager
def answering(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """A server at a port, 0 for a free one, whose requests a handler answers; gives the port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
