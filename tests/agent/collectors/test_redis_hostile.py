"""Servers that answer as no Redis does: each reading ends in time, in bounds, with a reason."""

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from agent.collectors.redis import RedisCollector
from agent.collectors.redis.wire import ANSWER_BYTES_MAX
from models.errors import SourceError, SourceRefused, SourceUnreachable
from models.settings.redis import Redis

pytestmark = pytest.mark.slow
Serve = Callable[[socket.socket], None]
TIMEOUT_SECONDS = 1.5
DENIED = b"-DENIED Redis is running in protected mode because protected mode is enabled\r\n"


@contextmanager
def serving(serve: Serve) -> Iterator[str]:
    """Each connection on a thread of its own, until the other side hangs up."""

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=answer, args=(listening.accept()[0],)))
                threads[-1].start()

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        accepting = threading.Thread(target=accept)
        accepting.start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
    for thread in threads:
        thread.join()


def collector(url: str, **settings) -> RedisCollector:
    return RedisCollector(Redis(url=url, timeout_seconds=TIMEOUT_SECONDS, **settings))


def failure(serve: Serve) -> SourceError:
    with serving(serve) as url, pytest.raises(SourceError) as failed:
        collector(url).collect(0.0)
    return failed.value


def dripping(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"+")
        time.sleep(0.1)


def test_one_that_drips_ends_within_the_timeout():
    failed = failure(dripping)

    assert isinstance(failed, SourceUnreachable)
    assert "did not answer" in str(failed)


@pytest.mark.parametrize("start", [b"+", b"$900000000\r\n"], ids=["line", "text"])
def test_an_answer_without_an_end_is_read_no_further_than_it_may(start):
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(start)
        while True:
            sent += connection.send(b"x" * 65_536)

    failed = failure(endless)

    assert isinstance(failed, SourceRefused)
    assert "not as Redis does" in str(failed)
    # What the kernel keeps on both sides of the connection is not read.
    assert sent < ANSWER_BYTES_MAX + 20_000_000


def test_an_answer_of_endless_depth_is_no_answer_of_redis():
    def deep(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"*1\r\n" * 100_000)
        connection.recv(1000)

    assert "not as Redis does" in str(failure(deep))


def test_protected_mode_is_heard_though_it_hangs_up_at_once():
    failed = failure(lambda connection: connection.sendall(DENIED))

    assert isinstance(failed, SourceRefused)
    assert "requirepass" in str(failed)


ANSWERS = (
    *(b"+OK\r\n", b"+list\r\n", b":7\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n", b"-ERR odd\r\n"),
    *(b"$3\r\nabc\r\n", b"*2\r\n:1\r\n+x\r\n", b":99999999999999999999999\r\n", b"+PONG\r\n"),
    b":" + b"9" * 400 + b"\r\n",
    b"$59\r\nused_memory:nan\r\nmaxmemory:9e999\r\nuptime_in_seconds:\r\n:::\r\n",
    b"$429\r\nconnected_clients:-1\r\nkeyspace_hits:" + b"9" * 390 + b"\r\n\r\n",
    b"+none\r\n",
    b"$-9\r\n",
    b"!7\r\n",
)


@pytest.mark.parametrize("seed", range(30))
def test_answers_of_any_shape_cost_an_error_of_the_source_and_no_more(seed):
    chance = random.Random(seed)  # noqa: S311

    def odd(connection: socket.socket) -> None:
        file = connection.makefile("rwb")
        while line := file.readline():
            for _ in range(int(line[1:])):
                file.readline()
                file.readline()
            file.write(chance.choice(ANSWERS))
            file.flush()

    with serving(odd) as url, closing(collector(url, queues=("jobs", "other"))) as tried:
        for at in range(5):
            with suppress(SourceError):
                answer = tried.collect(float(at))
                assert all(isinstance(each.value, int | float | None) for each in answer)
