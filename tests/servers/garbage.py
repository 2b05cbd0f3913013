"""A server of another kind than the one that is asked for."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CONNECTIONS_MAX = 8
SECONDS = 10.0


@contextmanager
def something_else(answer: bytes) -> Iterator[int]:
    """The port of one that answers whatever it is asked with this, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                for _ in range(CONNECTIONS_MAX):
                    _answer(listening, answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _answer(listening: socket.socket, answer: bytes) -> None:
    connection, _ = listening.accept()
    # Whoever asks may forget to hang up.
    connection.settimeout(SECONDS)
    with connection, suppress(OSError):
        connection.recv(1000)
        connection.sendall(answer)
