"""A program of the owner that spends: `python -m tests.faults.spender JSON`, to be killed at any
moment. The JSON is a Plan; what came of each call is a line of JSON on standard output.

Its calls are named NAME-0, NAME-1 ... for the ledger (`key`) and for the upstream, which is also
told by them what to do to each. From call `held_from` on the upstream keeps the answers back.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sallim import guard

FAULTS = ("", "", "", "", "500", "500,500", "503", "400", "reset", "spent", "cut", "cut", "500,cut")
NOT_ADMITTED = ("402", "ConnectError", "APIConnectionError")
PAUSE_SECONDS = 0.02
BUILT_IN = ("openai", "anthropic", "google")


@dataclass(frozen=True)
class Plan:
    """`gateway` "": by a guard, over the ledger's file or the hub of the environment."""

    name: str
    kit: str
    upstream: str
    seed: int
    calls: int
    priority: str = "important"
    gateway: str = ""
    token: str = "a-key"  # noqa: S105 of nobody
    held_from: int = -1

    def text(self) -> str:
        return json.dumps(asdict(self))


class Spender:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.chance = random.Random(f"{plan.seed}-{plan.name}")  # noqa: S311
        self.key = ""

    def run(self) -> None:
        """As many calls as planned, not counting those that are refused: it asks again later."""
        number = answered = 0
        while answered < self.plan.calls:
            self.key = f"{self.plan.name}-{number}"
            said = self.said(number)
            sys.stdout.write(json.dumps([self.key, said]) + "\n")
            sys.stdout.flush()
            number += 1
            answered += said not in NOT_ADMITTED
            if said in NOT_ADMITTED:
                time.sleep(PAUSE_SECONDS)

    def said(self, number: int) -> str:
        is_held = 0 <= self.plan.held_from <= number
        faults = "held" if is_held else self.chance.choice(FAULTS)
        try:
            return self.spend(faults)
        except Exception as error:  # noqa: BLE001 whatever comes, the next call follows
            kind = type(error).__name__
            return str(getattr(error, "status_code", getattr(error, "code", kind)))

    def spend(self, faults: str) -> str:
        """Says "whole" where all of the answer came, else what came instead."""
        headers = {"X-Standin-Call": self.key, "X-Standin-Faults": faults}
        if self.plan.gateway:
            headers |= {"X-Sallim-Key": self.key, "Authorization": f"Bearer {self.plan.token}"}
        kits: dict[str, Callable[..., str]] = {
            "httpx": plain, "openai": openai, "anthropic": anthropic, "google": google
        }  # fmt: skip
        kit = kits[self.chance.choice(self.plan.kit.split("+"))]
        with self.client() as client:
            return kit(self, client, headers)

    def client(self) -> Any:
        if self.plan.gateway:
            import httpx2

            return httpx2.Client(trust_env=False, timeout=20, verify=False)
        return guard(
            key=self.key,
            priority=self.plan.priority,
            base_urls={f"{self.plan.upstream}/{name}": name for name in BUILT_IN},
            trust_env=False,
            timeout=20,
            verify=False,  # there is no TLS, and what it would load takes longer than a call
        )

    def base(self, provider: str) -> str:
        if self.plan.gateway:
            return f"{self.plan.gateway}/{provider}"
        return f"{self.plan.upstream}/{provider}"

    def words(self) -> list[dict[str, str]]:
        return [{"role": "user", "content": "x살" * self.chance.randrange(1, 900)}]

    def some_of(self, stream: Any) -> str:
        """It is left after one or five chunks, or read to its end."""
        left = self.chance.choice([1, 5, 10**9, 10**9])
        for _ in stream:
            left -= 1
            if not left:
                return "left"
        return "whole"


def plain(spender: Spender, client: Any, headers: dict[str, str]) -> str:
    chance = spender.chance
    provider, model, path = chance.choice(
        [
            ("openai", "gpt-5-mini", "/v1/chat/completions"),
            ("openai", "gpt-4o-mini", "/v1/chat/completions"),
            ("anthropic", "claude-haiku-4-5", "/v1/messages"),
        ]
    )
    body = {"model": model, "max_tokens": chance.choice([20, 500, 3_000])}
    body |= {"messages": spender.words(), "stream": chance.random() < 0.5}
    url = spender.base(provider) + path
    with client.stream("POST", url, json=body, headers=headers) as response:
        if response.status_code != 200:
            return str(response.status_code)
        if body["stream"]:
            return spender.some_of(response.iter_raw())
        response.read()
        return "whole"


def openai(spender: Spender, client: Any, headers: dict[str, str]) -> str:
    from openai import OpenAI

    told = {"api_key": spender.plan.token, "base_url": spender.base("openai") + "/v1"}
    sdk = OpenAI(**told, http_client=client, default_headers=headers, max_retries=2)
    model = spender.chance.choice(["gpt-5-mini", "gpt-4o-mini"])
    kind = spender.chance.choice(["chat", "responses", "stream", "embeddings"])
    if kind == "responses":
        sdk.responses.create(model=model, input=spender.words()[0]["content"])
    elif kind == "embeddings":
        sdk.embeddings.create(model="text-embedding-3-small", input="x" * 3_000)
    elif kind == "chat":
        sdk.chat.completions.create(model=model, messages=spender.words())
    else:
        chat = {"model": model, "messages": spender.words(), "max_completion_tokens": 500}
        with sdk.chat.completions.create(**chat, stream=True) as stream:
            return spender.some_of(stream)
    return "whole"


def anthropic(spender: Spender, client: Any, headers: dict[str, str]) -> str:
    from anthropic import Anthropic

    told = {"api_key": spender.plan.token, "base_url": spender.base("anthropic")}
    sdk = Anthropic(**told, http_client=client, default_headers=headers, max_retries=2)
    asked = {"model": "claude-haiku-4-5", "max_tokens": 300, "messages": spender.words()}
    if spender.chance.random() < 0.5:
        sdk.messages.create(**asked)
        return "whole"
    with sdk.messages.create(**asked, stream=True) as stream:
        return spender.some_of(stream)


def google(spender: Spender, client: Any, headers: dict[str, str]) -> str:
    from google import genai
    from google.genai import types

    options = types.HttpOptions(
        base_url=spender.base("google"), httpx_client=client, headers=headers
    )
    sdk = genai.Client(api_key=spender.plan.token, http_options=options)
    asked: dict[str, Any] = {
        "model": "gemini-2.5-flash",
        "contents": spender.words()[0]["content"],
        "config": {"max_output_tokens": 400, "thinking_config": {"thinking_budget": 100}},
    }
    if spender.chance.random() < 0.5:
        sdk.models.generate_content(**asked)
        return "whole"
    return spender.some_of(sdk.models.generate_content_stream(**asked))


if __name__ == "__main__":
    Spender(Plan(**json.loads(sys.argv[1]))).run()
