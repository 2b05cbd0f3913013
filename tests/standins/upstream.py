"""Providers of models on loopback: a real HTTP server that speaks as OpenAI, Anthropic and Gemini
do, and bills for it by its own arithmetic.

    with Upstream() as upstream:
        client = guard(base_urls=upstream.base_urls)
        OpenAI(base_url=f"{upstream.url}/openai/v1", http_client=client)
        upstream.bill                # what it charges, a line a call
        upstream.bill_micro()        # the sum in micro-won, gross

It counts a token for every four bytes, thinks and answers as much as the request lets it, and
bills a stream for what it has sent when its reader goes away. `faults` are taken one a request: a
status such as 503, "cut", "hang" or "reset"; "spent" and "held" do the work and bill for it, and
then hang up, or keep the answer back for as long as somebody waits for it. A request may bring its
own (`X-Standin-Faults: 500,,cut`, one a retry) and a name for its lines (`X-Standin-Call`).
`pace_seconds` is the pause between two chunks.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from http.server import ThreadingHTTPServer
from typing import Self

from tests.standins.upstream_http import Handler

USD_A_MILLION = {
    "gpt-5-mini": {"input": "0.25", "cached": "0.025", "output": "2"},
    "gpt-4o-mini": {"input": "0.15", "cached": "0.075", "output": "0.6"},
    "text-embedding-3-small": {"input": "0.02"},
    "claude-haiku-4-5": {
        "input": "1",
        "cached": "0.1",
        "output": "5",
        "written_5m": "1.25",
        "written_1h": "2",
        "search": "10000",
    },
    "gemini-2.5-flash": {"input": "0.3", "cached": "0.03", "output": "2.5", "audio": "1"},
    "whisper-1": {"seconds": "100"},
}
"""Per million of each; whisper's is 0.006 USD a minute. Written down apart from sallim/prices."""


@dataclass(frozen=True)
class Line:
    """One charge: how many of what, and in nano-USD, rounded up."""

    provider: str
    model: str
    counts: dict[str, int]
    call: str = ""

    @property
    def nano_usd(self) -> int:
        usd = sum(
            (number * Fraction(Decimal(USD_A_MILLION[self.model][kind])) / 1_000_000)
            for kind, number in self.counts.items()
        )
        return -(-(usd * 10**9).numerator // (usd * 10**9).denominator)

    def micro(self, won_a_dollar: str, vat: str = "0.1", fee: str = "0.025") -> int:
        gross = self.nano_usd * Fraction(won_a_dollar) * (1 + Fraction(vat)) * (1 + Fraction(fee))
        micro = gross / 1_000
        return -(-micro.numerator // micro.denominator)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """With the usual 5, thirty calls at once lose connections that they believe to have."""


@dataclass
class Upstream:
    pace_seconds: float = 0.0
    faults: list[object] = field(default_factory=list)
    bill: list[Line] = field(default_factory=list, repr=False)
    requests: list[tuple[str, str, dict[str, str], object]] = field(
        default_factory=list, repr=False
    )
    """Method, path, headers, and the body where it is JSON."""
    files: dict[str, dict] = field(default_factory=dict)
    parts: list[bytes] = field(default_factory=list, repr=False)
    """Of each upload in parts, what has come of it."""
    held: list[str] = field(default_factory=list)
    """Names of calls whose answers are, or were, kept back."""
    tells_usage: bool = True
    port: int = 0

    def __enter__(self) -> Self:
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.upstream = self
        self._server.links = set()
        self._server.handle_error = lambda request, client_address: None
        self.port = self._server.server_port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()
        return self

    def __exit__(self, *told: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join(5)
        for link in list(self._server.links):
            with suppress(OSError):
                link.shutdown(2)
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_urls(self) -> dict[str, str]:
        return {f"{self.url}/{name}": name for name in ("openai", "anthropic", "google")}

    @property
    def attempts(self) -> int:
        """Requests that cost something, or would have."""
        return sum(method == "POST" and "/files" not in path for method, path, *_ in self.requests)

    def pause(self) -> None:
        if self.pace_seconds:
            self._ending.wait(self.pace_seconds)

    def hang(self) -> None:
        self._ending.wait(30)

    def bill_micro(self, won_a_dollar: str = "1383") -> int:
        return sum(line.micro(won_a_dollar) for line in self.bill)

    def wait_for(self, requests: int, seconds: float = 20.0) -> None:
        """Until so many have come in."""
        end = time.monotonic() + seconds
        while len(self.requests) < requests:
            assert time.monotonic() < end, f"{len(self.requests)} of {requests} requests came in"
            time.sleep(0.002)

    def settled_bill(self, lines: int, seconds: float = 5.0) -> list[Line]:
        """As soon as it has so many lines: a stream is billed a moment after it is read."""
        end = time.monotonic() + seconds
        while len(self.bill) < lines and time.monotonic() < end:
            time.sleep(0.01)
        return self.bill


def pieces(text: str, size: int = 4) -> Iterator[str]:
    """One token each."""
    for start in range(0, len(text), size):
        yield text[start : start + size]
