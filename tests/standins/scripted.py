"""A provider that says exactly these bytes, whatever it is asked, and then does as it is told."""

import re
import socket
import threading
from contextlib import suppress
from typing import Self

CLOSE, HALF_CLOSE, HOLD = "close", "half-close", "hold"


class Scripted:
    """`then`: close, half-close (no more is sent, and all that comes is read), or hold."""

    def __init__(self, answer: bytes, then: str = CLOSE) -> None:
        self.answer, self.then = answer, then
        self.requests: list[bytes] = []
        self.closed = threading.Event()
        """Set when the other end has hung up first."""

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *told: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        with connection, suppress(OSError):
            self.requests.append(_request(connection))
            connection.sendall(self.answer)
            if self.then == HALF_CLOSE:
                connection.shutdown(socket.SHUT_WR)
            if self.then != CLOSE:
                self._wait(connection)

    def _wait(self, connection: socket.socket) -> None:
        try:
            while connection.recv(65_536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return
        self.closed.set()


def _request(connection: socket.socket) -> bytes:
    """All of it: who closes over what was not read takes back what it has sent."""
    told = b""
    while data := connection.recv(65_536):
        told += data
        head, blank, body = told.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if blank and len(body) >= (int(length.group(1)) if length else 0):
            break
    return told


def answer(
    body: bytes, status: str = "200 OK", kind="application/json", length=None, more=""
) -> bytes:
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n{more}\r\n"
    return head.encode() + body
