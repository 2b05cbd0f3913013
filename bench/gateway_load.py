"""Calls over HTTP as fast as they are answered, from one process, on kept connections.

    python -m bench.gateway_load URL TOKEN CONNECTIONS SECONDS

Prints what each took in microseconds, as JSON, and how many were not answered with 200.
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

import httptools
import uvloop

BODY = json.dumps(
    {
        "model": "gpt-4o-mini",
        "max_tokens": 200,
        "messages": [
            {"role": "system", "content": "You keep a house. Answer in a few words. " * 5},
            {"role": "user", "content": "What keeps a house? " * 10},
        ],
    }
).encode()
ANSWER_SECONDS_MAX = 20.0


class Caller(asyncio.Protocol):
    def __init__(self, request: bytes) -> None:
        self._request = request
        self.answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        assert self.answered is not None
        self.answered.set_result(self._parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(error or ConnectionResetError("hung up"))

    def call(self) -> "asyncio.Future[int]":
        self._parser = httptools.HttpResponseParser(self)
        self.answered = asyncio.get_running_loop().create_future()
        self._transport.write(self._request)
        return self.answered


async def main(url: str, token: str, connections: int, seconds: float) -> None:
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    request = head.encode() + BODY
    took: list[float] = []
    wrong = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal wrong
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(
            lambda: Caller(request), parts.hostname, parts.port
        )
        while time.perf_counter() < end:
            before = time.perf_counter_ns()
            status = await asyncio.wait_for(caller.call(), ANSWER_SECONDS_MAX)
            took.append((time.perf_counter_ns() - before) / 1000)
            wrong += status != 200

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    lasted = time.perf_counter() - began
    print(json.dumps({"took": took, "wrong": wrong, "seconds": lasted}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
