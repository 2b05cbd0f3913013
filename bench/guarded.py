"""What the guard adds to a call of an official SDK: `python -m bench.guard` prints it.

The same call by the same SDK to the same upstream, with the guard's client and with a plain one in
turn. The upstream is a process of its own on loopback that answers at once.
"""

import asyncio
import contextlib
import multiprocessing
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import openai

from bench.report import Figure, percentile
from sallim import guard
from sallim.guard import spending
from sallim.guard.tariff import Tariff
from sallim.ledger.money_rows import Admitted, Asked

CALL = {
    "model": "gpt-5-mini",
    "messages": [{"role": "user", "content": "What keeps a house? " * 100}],
    "max_completion_tokens": 500,
}
USAGE = b'"usage":{"prompt_tokens":400,"completion_tokens":120,"total_tokens":520}'
WHOLE = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"gpt-5-mini","choices":[{"index":0,'
    b'"message":{"role":"assistant","content":"'
    + b"a house " * 60
    + b'"},"finish_reason":"stop"}],'
    + USAGE
    + b"}"
)
HEAD = b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini",'
CHUNK = HEAD + b'"choices":[{"index":0,"delta":{"content":"a house"}}],"usage":null}\n\n'
STREAM = CHUNK * 50 + HEAD + b'"choices":[],' + USAGE + b"}\n\ndata: [DONE]\n\n"
LIMIT_MS = 0.25
ROUNDS = 5


def figures(calls: int, opened: Callable[[Path], object]) -> list[Figure]:
    """`opened` makes a ledger with money in a folder."""
    with tempfile.TemporaryDirectory() as name, upstream() as url:
        opened(Path(name))
        os.environ["SALLIM_LEDGER"] = str(Path(name) / "ledger.sqlite3")
        urls = {url: "openai"}
        with (
            guard(base_urls=urls) as guarded,
            guard(base_urls=urls, purse=Open()) as unwritten,
            httpx2.Client() as plain,
        ):
            sdks = [sdk(url, guarded), sdk(url, plain), sdk(url, unwritten)]
            ways = [lambda sdk=sdk: once(sdk) for sdk in sdks]
            whole = quietest([in_turn(ways, calls // ROUNDS) for _ in range(ROUNDS)])
            used = in_turn(ways, calls // 2, time.thread_time_ns)
            stream = in_turn([lambda sdk=sdk: streamed(sdk) for sdk in sdks[:2]], calls // 4)
        beside = asyncio.run(asynchronously(url, urls, calls))
        spending.close_all()
    return [
        Figure("guard around an SDK call, median added", added(whole, 0.5), "ms", LIMIT_MS),
        Figure("guard around an SDK call, p99 added", added(whole, 0.99), "ms"),
        Figure("the same without a ledger, median added", added(whole[::-1], 0.5), "ms"),
        Figure("guard around an SDK call, CPU time added", added(used, 0.5), "ms"),
        Figure("the SDK call itself, median", percentile(whole[1], 0.5), "ms"),
        Figure("guard around an asynchronous one, median added", added(beside, 0.5), "ms"),
        Figure("guard around a stream of 50 chunks, median added", added(stream, 0.5), "ms"),
        Figure("the stream itself, median", percentile(stream[1], 0.5), "ms"),
    ]


class Open:
    """A purse that admits everything and writes nothing down."""

    waits = False

    def __init__(self) -> None:
        self._tariff = Tariff((), {})

    def tariff(self, anew: bool = False) -> Tariff:  # noqa: ARG002 as every purse is asked
        return self._tariff

    def reserve(self, asked: Asked) -> Admitted:
        return Admitted(asked.call_id, asked.attempt, asked.worst_micro)

    def settle(self, *told: object) -> bool:  # noqa: ARG002
        return True


def sdk(url: str, client: httpx2.Client) -> openai.OpenAI:
    return openai.OpenAI(api_key="none", base_url=f"{url}/v1", http_client=client)


def once(sdk: openai.OpenAI) -> None:
    sdk.chat.completions.create(**CALL)


def streamed(sdk: openai.OpenAI) -> None:
    for _ in sdk.chat.completions.create(**CALL, stream=True):
        pass


async def asynchronously(url: str, urls: dict[str, str], calls: int) -> list[list[float]]:
    took: list[list[float]] = [[], []]
    async with guard.aclient(base_urls=urls) as guarded, httpx2.AsyncClient() as plain:
        sdks = [
            openai.AsyncOpenAI(api_key="none", base_url=f"{url}/v1", http_client=client)
            for client in (guarded, plain)
        ]
        for number in range(calls + calls // 5):
            for sdk, times in zip(sdks, took, strict=True):
                before = time.perf_counter_ns()
                await sdk.chat.completions.create(**CALL)
                if number >= calls // 5:
                    times.append((time.perf_counter_ns() - before) / 1e6)
    return took


def in_turn(
    ways: list[Callable[[], None]], calls: int, clock: Callable[[], int] = time.perf_counter_ns
) -> list[list[float]]:
    """Milliseconds of each way, after a fifth of the calls to warm up."""
    took: list[list[float]] = [[] for _ in ways]
    for number in range(calls + calls // 5):
        for way, times in zip(ways, took, strict=True):
            before = clock()
            way()
            if number >= calls // 5:
                times.append((clock() - before) / 1e6)
    return took


def quietest(rounds: list[list[list[float]]]) -> list[list[float]]:
    """The round in which the plain call took the least: others were at work in the rest."""
    return min(rounds, key=lambda took: percentile(took[1], 0.5))


def added(took: list[list[float]], share: float) -> float:
    return percentile(took[0], share) - percentile(took[1], share)


@contextlib.contextmanager
def upstream() -> Iterator[str]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


def serve(said) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        said.send(listening.getsockname()[1])
        while True:
            link, _ = listening.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=answer, args=(link,), daemon=True).start()


def answer(link: socket.socket) -> None:
    received = b""
    while part := link.recv(65_536):
        received += part
        head, blank, body = received.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
        if not blank or len(body) < size:
            continue
        streams = b'"stream":true' in body.replace(b" ", b"")
        kind, content = (b"text/event-stream", STREAM) if streams else (b"application/json", WHOLE)
        link.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (kind, len(content), content)
        )
        received = b""
