"""The official SDKs with nothing but a base URL and a token, and curl."""

import asyncio
import json
import subprocess

import pytest

from tests.agent.gateway.house import KEYS
from tests.house import CHAT, GEMINI, MESSAGE

pytestmark = pytest.mark.slow


def sent(house):
    """Everything that the upstream got, as one text."""
    return repr(house.upstream.requests)


@pytest.mark.parametrize("base", ["/v1", "/openai/v1", "/w/ocr/openai/v1"])
def test_openai(house, base):
    with house.openai(base) as sdk:
        answer = sdk.chat.completions.create(**CHAT)
        chunks = list(sdk.chat.completions.create(**CHAT, stream=True))
        asked = {"stream": True, "stream_options": {"include_usage": True}}
        asked_for = list(sdk.chat.completions.create(**CHAT, **asked))
        response = sdk.responses.create(model="gpt-5-mini", input="What keeps a house?")
        sdk.embeddings.create(model="text-embedding-3-small", input=["one", "two"])
        sdk.files.create(file=("a.txt", b"text"), purpose="user_data")
        sdk.files.list()
        sdk.files.delete("file-1")

    assert answer.choices[0].message.content
    assert response.output_text
    assert all(chunk.choices for chunk in chunks)
    assert asked_for[-1].choices == []
    house.equals_the_bill(5)
    assert {row.workflow for row in house.rows} == ({"ocr"} if base.startswith("/w") else {""})
    assert {row.key_label for row in house.rows} == {"laptop"}
    assert house.token not in sent(house)
    assert f"Bearer {KEYS['openai']}" in sent(house)


@pytest.mark.parametrize("base", ["", "/anthropic", "/w/ocr"])
def test_anthropic(house, base):
    import anthropic

    with anthropic.Anthropic(api_key=house.token, base_url=house.url + base) as sdk:
        answer = sdk.messages.create(**MESSAGE)
        sdk.messages.count_tokens(model=MESSAGE["model"], messages=MESSAGE["messages"])
        with sdk.messages.stream(**MESSAGE) as stream:
            text = "".join(stream.text_stream)

    assert answer.content[0].text
    assert text
    house.equals_the_bill(2)
    assert house.token not in sent(house)
    assert house.upstream.requests[0][2]["x-api-key"] == KEYS["anthropic"]
    assert "authorization" not in house.upstream.requests[0][2]


@pytest.mark.parametrize(
    ("base", "version"),
    [("", "v1"), ("", "v1beta"), ("/gemini", "v1beta"), ("/w/ocr/google", "v1")],
)
def test_gemini(house, base, version):
    from google import genai
    from google.genai import types

    options = types.HttpOptions(base_url=house.url + base, api_version=version)
    with genai.Client(api_key=house.token, http_options=options) as sdk:
        answer = sdk.models.generate_content(**GEMINI)
        chunks = list(sdk.models.generate_content_stream(**GEMINI))
        sdk.models.count_tokens(**GEMINI)

    assert answer.text
    assert chunks
    house.equals_the_bill(2)
    assert house.token not in sent(house)
    assert house.upstream.requests[0][2]["x-goog-api-key"] == KEYS["google"]
    assert f"/{version}/" in house.upstream.requests[0][1]


def test_the_three_of_them_find_it_by_the_environment(house, monkeypatch):
    import anthropic
    import openai
    from google import genai

    monkeypatch.setenv("OPENAI_BASE_URL", f"{house.url}/w/ocr/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"{house.url}/w/ocr")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"{house.url}/w/ocr")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(name, house.token)
    with openai.OpenAI() as one, anthropic.Anthropic() as other, genai.Client() as third:
        one.chat.completions.create(**CHAT)
        other.messages.create(**MESSAGE)
        third.models.generate_content(**GEMINI)

    house.equals_the_bill(3)
    assert {row.workflow for row in house.rows} == {"ocr"}


def test_all_of_them_asynchronously_and_streamed(house):
    import anthropic
    import openai
    from google import genai
    from google.genai import types

    async def work():
        async with openai.AsyncOpenAI(api_key=house.token, base_url=f"{house.url}/v1") as sdk:
            await sdk.chat.completions.create(**CHAT)
            stream = await sdk.chat.completions.create(**CHAT, stream=True)
            assert [chunk async for chunk in stream]
        async with anthropic.AsyncAnthropic(api_key=house.token, base_url=house.url) as sdk:
            await sdk.messages.create(**MESSAGE)
            async with sdk.messages.stream(**MESSAGE) as stream:
                assert await stream.get_final_text()
        client = genai.Client(
            api_key=house.token, http_options=types.HttpOptions(base_url=house.url)
        )
        async with client.aio as sdk:
            await sdk.models.generate_content(**GEMINI)
            assert [chunk async for chunk in await sdk.models.generate_content_stream(**GEMINI)]

    asyncio.run(work())
    house.equals_the_bill(6)


def test_a_refused_call_is_one_attempt_of_each_sdk(house):
    import anthropic
    import openai
    from google import genai
    from google.genai import errors, types

    house.cap(0.001)
    options = types.HttpOptions(base_url=house.url)
    with house.openai() as sdk, pytest.raises(openai.APIStatusError) as one:
        sdk.chat.completions.create(**CHAT)
    with (
        anthropic.Anthropic(api_key=house.token, base_url=house.url) as sdk,
        pytest.raises(anthropic.APIStatusError) as other,
    ):
        sdk.messages.create(**MESSAGE)
    with (
        genai.Client(api_key=house.token, http_options=options) as sdk,
        pytest.raises(errors.APIError) as third,
    ):
        sdk.models.generate_content(**GEMINI)

    assert (one.value.status_code, other.value.status_code, third.value.code) == (402, 402, 402)
    error = one.value.response.json()["error"]
    assert (error["type"], error["code"], error["bucket"]) == ("budget_exceeded", "budget", "total")
    assert error["left_krw"] == "0.000950"
    assert float(error["needed_krw"]) > 0
    assert "sallim.toml" in error["how_to_raise"]
    assert error["resets_at"].endswith("Z")
    assert house.upstream.requests == []
    house.gateways[0].terminate()
    house.gateways[0].wait(20)
    assert sum(each.calls for each in house.accounts.refusals_since(0, 100)) == 3


@pytest.mark.parametrize(
    "shown",
    [
        ["-H", "Authorization: Bearer {token}"],
        ["-H", "x-api-key: {token}"],
        ["-H", "x-goog-api-key: {token}"],
        ["-H", "authorization: bearer {token}"],
        [],
    ],
)
def test_curl_shows_its_token_in_any_of_four_ways(house, shown):
    query = "" if shown else f"&key={house.token}"
    body = {"contents": [{"parts": [{"text": "What keeps a house?"}]}]}
    url = f"{house.url}/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse{query}"
    words = [each.format(token=house.token) for each in shown]
    command = ["curl", "-sS", "--noproxy", "*", *words, "-d", json.dumps(body)]
    done = subprocess.run(
        [*command, "-H", "Content-Type: application/json", url], capture_output=True, check=True
    )

    assert b"usageMetadata" in done.stdout
    house.equals_the_bill(1)
    assert house.token not in sent(house)
    assert house.upstream.requests[0][1].endswith("?alt=sse")
