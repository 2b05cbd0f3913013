"""A household for tests of the guard: a ledger with money, an upstream that bills, and SDKs."""

import struct
import time
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

from sallim import guard
from tests.sallim.money import WON, budget

DAY_US = 86_400_000_000
KEY = "a-key"


class House(NamedTuple):
    accounts: object
    upstream: object
    months: list

    def cap(self, won: int, **changed) -> None:
        self.accounts.put_budgets([budget(cap_micro=won * WON, **changed)], self.months)

    @property
    def rows(self):
        return self.accounts.calls_since(0, 100_000)

    @property
    def row(self):
        """The only call."""
        (row,) = self.rows
        return row

    @property
    def used(self) -> tuple[int, int, int]:
        """Settled, reserved, unverified, in micro-won."""
        balance = self.accounts.balances(time.time_ns() // 1_000)[0]
        return balance.settled_micro, balance.reserved_micro, balance.unverified_micro

    def ends(self, calls: int = 1, seconds: float = 5.0):
        """The rows, as soon as so many are settled; abandoned ones end on another thread."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if sum(row.state == "settled" for row in self.rows) >= calls:
                break
            time.sleep(0.01)
        return self.rows

    @contextmanager
    def openai(self, **labels):
        import openai

        with (
            guard(base_urls=self.upstream.base_urls, **labels) as client,
            openai.OpenAI(
                api_key=KEY, base_url=f"{self.upstream.url}/openai/v1", http_client=client
            ) as sdk,
        ):
            yield sdk

    @asynccontextmanager
    async def async_openai(self, **labels):
        import openai

        async with (
            guard.aclient(base_urls=self.upstream.base_urls, **labels) as client,
            openai.AsyncOpenAI(
                api_key=KEY, base_url=f"{self.upstream.url}/openai/v1", http_client=client
            ) as sdk,
        ):
            yield sdk

    @contextmanager
    def anthropic(self, **labels):
        import anthropic

        with (
            guard(base_urls=self.upstream.base_urls, **labels) as client,
            anthropic.Anthropic(
                api_key=KEY, base_url=f"{self.upstream.url}/anthropic", http_client=client
            ) as sdk,
        ):
            yield sdk

    @asynccontextmanager
    async def async_anthropic(self, **labels):
        import anthropic

        async with (
            guard.aclient(base_urls=self.upstream.base_urls, **labels) as client,
            anthropic.AsyncAnthropic(
                api_key=KEY, base_url=f"{self.upstream.url}/anthropic", http_client=client
            ) as sdk,
        ):
            yield sdk

    @contextmanager
    def genai(self, **labels):
        from google import genai
        from google.genai import types

        with guard(base_urls=self.upstream.base_urls, **labels) as client:
            options = types.HttpOptions(base_url=f"{self.upstream.url}/google", httpx_client=client)
            with genai.Client(api_key=KEY, http_options=options) as sdk:
                yield sdk

    @asynccontextmanager
    async def async_genai(self, **labels):
        from google import genai
        from google.genai import types

        async with guard.aclient(base_urls=self.upstream.base_urls, **labels) as client:
            options = types.HttpOptions(
                base_url=f"{self.upstream.url}/google", httpx_async_client=client
            )
            sdk = genai.Client(api_key=KEY, http_options=options)
            async with sdk.aio as aio:
                yield aio
            sdk.close()


def wav(seconds: float, rate: int = 8_000) -> bytes:
    """Silence, one byte a sample."""
    sound = bytes([128]) * int(seconds * rate)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1,
                       rate, rate, 1, 8)  # fmt: skip
    return head + struct.pack("<4sI", b"data", len(sound)) + sound
