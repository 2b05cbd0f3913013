"""A day of calls by the three official SDKs: every way of calling that they have, at random.

The clients are made elsewhere: over a guard, or with the base URL of a gateway.
"""

import io
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from google.genai import errors

from tests.house import wav


class Clients(NamedTuple):
    openai: Any
    anthropic: Any
    google: Any


class Day:
    """The same calls for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 a test that repeats itself

    def faults(self, count: int) -> list[int | None]:
        """What an upstream answers now and then without doing anything: it costs nothing."""
        return [
            self.chance.choice([503, 429]) if self.chance.random() < 0.1 else None
            for _ in range(count)
        ]

    def work(self, sdks: Clients, rounds: int) -> None:
        """Each kind of call so often, in any order."""
        kinds = [*self.of_openai(sdks.openai), *self.of_anthropic(sdks.anthropic)]
        kinds = (kinds + self.of_google(sdks.google)) * rounds
        self.chance.shuffle(kinds)
        for kind in kinds:
            # Google's SDK does not try again by itself, as the others do.
            with suppress(errors.APIError):
                kind()

    def words(self) -> str:
        return "x살 " * self.chance.randrange(1, 1_500)

    def chat(self) -> dict[str, Any]:
        model = self.chance.choice(["gpt-5-mini", "gpt-4o-mini"])
        return {"model": model, "messages": [{"role": "user", "content": self.words()}]}

    def message(self) -> dict[str, Any]:
        messages = [{"role": "user", "content": self.words()}]
        return {"model": "claude-haiku-4-5", "max_tokens": 64, "messages": messages}

    def cached(self) -> list[dict[str, Any]]:
        kept = {"type": "ephemeral", "ttl": self.chance.choice(["5m", "1h"])}
        return [{"type": "text", "text": self.words(), "cache_control": kept}]

    def gemini(self) -> dict[str, Any]:
        return {"model": "gemini-2.5-flash", "contents": self.words()}

    def sound(self) -> tuple[str, bytes]:
        return ("a.wav", wav(self.chance.random() * 20))

    def of_openai(self, sdk: Any) -> list[Callable[[], object]]:
        usage = {"stream": True, "stream_options": {"include_usage": True}}

        def files() -> None:
            sdk.files.create(file=("a.txt", b"text"), purpose="user_data")
            sdk.files.list()
            sdk.files.delete("file-1")

        return [
            lambda: sdk.chat.completions.create(**self.chat()),
            lambda: list(sdk.chat.completions.create(**self.chat(), stream=True)),
            lambda: list(sdk.chat.completions.create(**self.chat(), **usage)),
            lambda: sdk.responses.create(model="gpt-5-mini", input=self.words()),
            lambda: list(sdk.responses.create(model="gpt-5-mini", input="Hm?", stream=True)),
            lambda: sdk.embeddings.create(model="text-embedding-3-small", input=self.words()),
            lambda: sdk.audio.transcriptions.create(model="whisper-1", file=self.sound()),
            files,
        ]

    def of_anthropic(self, sdk: Any) -> list[Callable[[], object]]:
        def streamed() -> None:
            with sdk.messages.stream(**self.message()) as stream:
                stream.get_final_text()

        def counted() -> None:
            asked = self.message()
            sdk.messages.count_tokens(model=asked["model"], messages=asked["messages"])

        return [
            lambda: sdk.messages.create(**self.message()),
            lambda: sdk.messages.create(**self.message(), system=self.cached()),
            lambda: list(sdk.messages.create(**self.message(), stream=True)),
            streamed,
            counted,
        ]

    def of_google(self, sdk: Any) -> list[Callable[[], object]]:
        def watched() -> None:
            file = sdk.files.upload(file=io.BytesIO(b"video"), config={"mime_type": "video/mp4"})
            sdk.files.get(name=file.name)
            sdk.models.generate_content(model="gemini-2.5-flash", contents=[file, "What is seen?"])
            sdk.files.delete(name=file.name)

        return [
            lambda: sdk.models.generate_content(**self.gemini()),
            lambda: list(sdk.models.generate_content_stream(**self.gemini())),
            lambda: sdk.models.count_tokens(**self.gemini()),
            watched,
        ]

    async def work_async(self, sdks: Clients) -> None:
        """Each kind once, streams beside whole answers."""
        openai, anthropic, google = sdks
        await openai.chat.completions.create(**self.chat())
        await read(await openai.chat.completions.create(**self.chat(), stream=True))
        await openai.responses.create(model="gpt-5-mini", input=self.words())
        async with openai.responses.stream(model="gpt-5-mini", input="Hm?") as events:
            await read(events)
        await openai.embeddings.create(model="text-embedding-3-small", input=self.words())
        await openai.audio.transcriptions.create(model="whisper-1", file=self.sound())
        await openai.files.create(file=("a.txt", b"text"), purpose="user_data")
        await openai.files.delete("file-1")
        await anthropic.messages.create(**self.message())
        async with anthropic.messages.stream(**self.message()) as stream:
            await stream.get_final_text()
        with suppress(errors.APIError):
            await google.models.generate_content(**self.gemini())
            await read(await google.models.generate_content_stream(**self.gemini()))
            await google.models.count_tokens(**self.gemini())
            file = await google.files.upload(
                file=io.BytesIO(b"video"), config={"mime_type": "video/mp4"}
            )
            await google.files.get(name=file.name)
            watched = {"model": "gemini-2.5-flash", "contents": [file, "What is seen?"]}
            await google.models.generate_content(**watched)
            await google.files.delete(name=file.name)


async def read(stream: Any) -> None:
    assert [part async for part in stream]
