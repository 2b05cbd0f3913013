"""The machine that a workflow asks for work: it answers, until it goes deaf."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Content-Length: 2\r\nConnection: close\r\n\r\n{}"
)


class Gpu:
    def __init__(self, server: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{server.getsockname()[1]}/upscale"
        self.is_deaf = False
        self._server = server
        self._held: list[socket.socket] = []

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            if self.is_deaf:
                self._held.append(connection)
                continue
            with connection:
                connection.recv(65_536)
                connection.sendall(ANSWER)

    def answer_late(self) -> None:
        """What it held comes back after all, to those who still wait."""
        self.is_deaf = False
        while self._held:
            with self._held.pop() as connection, suppress(ConnectionError):
                connection.sendall(ANSWER)


@contextmanager
def serving() -> Iterator[Gpu]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        gpu = Gpu(server)
        thread = threading.Thread(target=gpu.serve)
        thread.start()
        try:
            yield gpu
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            gpu.answer_late()
