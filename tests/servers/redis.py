"""A real Redis on a free port of 127.0.0.1 and on a Unix socket, in a folder of its own.

    with running_redis() as server:
        server.run("RPUSH", "jobs", "a", "b")
        RedisCollector(Redis(url=server.url, queues=("jobs",)), ...)
        server.restart()

`run` speaks the wire protocol by itself: no client library is needed. `options` are words of
its command line, such as `requirepass=...`.
"""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port
from tests.servers.scratch import Program, scratch_folder

START_SECONDS = 90.0
OPTIONS = {"save": "", "appendonly": "no", "daemonize": "no", "loglevel": "warning"}
Answer = int | str | None | list["Answer"]


class RedisServer(Program):
    """`options` go to the command line at the next start and may be changed before it."""

    def __init__(self, folder: Path, options: dict[str, str]) -> None:
        super().__init__(folder)
        self.port = free_port()
        self.socket = folder / "redis.sock"
        self.options = {**OPTIONS, **options}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def socket_url(self) -> str:
        return f"unix://{self.socket}"

    def run(self, *words: str) -> Answer:
        """One command on a connection of its own. Raises ValueError with what Redis refuses."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            file = connection.makefile("rwb")
            if "requirepass" in self.options:
                _ask(file, "AUTH", self.options["requirepass"])
            return _ask(file, *words)

    def start(self, *, loaded: bool = True) -> None:
        """Until it answers; unless `loaded`, also that it still reads its file."""
        end = time.monotonic() + START_SECONDS
        options = [word for name, value in self.options.items() for word in (f"--{name}", value)]
        self.launch(
            "redis-server",
            *("--bind", "127.0.0.1", "--port", str(self.port)),
            *("--unixsocket", self.socket, "--unixsocketperm", "777"),
            *("--dir", self.folder),
            *options,
        )
        while not self._answers(loaded=loaded):
            assert self.is_running, self.log
            assert time.monotonic() < end, self.log
            time.sleep(0.02)

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def _answers(self, *, loaded: bool) -> bool:
        try:
            self.run("PING")
        except OSError:
            return False
        except ValueError as refusal:
            return not loaded or "LOADING" not in str(refusal)
        return True


def _ask(file, *words: str) -> Answer:
    file.write(b"*%d\r\n" % len(words))
    for word in words:
        content = word.encode()
        file.write(b"$%d\r\n%s\r\n" % (len(content), content))
    file.flush()
    return _answer(file)


def _answer(file) -> Answer:
    line = file.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionResetError("half an answer")
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise ValueError(text)
    if kind == b":":
        return int(text)
    if kind == b"*":
        return [_answer(file) for _ in range(int(text))]
    if kind == b"$":
        return None if text == "-1" else file.read(int(text) + 2)[:-2].decode()
    return text


@contextmanager
def running_redis(**options: str) -> Iterator[RedisServer]:
    with scratch_folder("redis") as folder:
        server = RedisServer(folder, options)
        try:
            server.start()
            yield server
        finally:
            server.stop(signal.SIGKILL)
