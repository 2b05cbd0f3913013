"""The household of the guard's tests: the SDKs over a guard, with nothing else in between."""

from contextlib import asynccontextmanager, contextmanager

from sallim import guard
from tests.house import House

KEY = "a-key"


class GuardedHouse(House):
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
