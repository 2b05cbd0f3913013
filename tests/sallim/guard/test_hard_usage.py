"""Providers whose answers tell no usage, a wrong one, or one that cannot be."""

import json

import pytest

from sallim import guard
from sallim.ledger.limits import OVERRUN
from tests.house import CHAT, MESSAGE
from tests.standins.scripted import Scripted, answer

GEMINI = {"contents": [{"parts": [{"text": "What keeps a house?"}]}]}
PATHS = {
    "openai": ("/v1/chat/completions", {**CHAT, "max_completion_tokens": 50}),
    "anthropic": ("/v1/messages", MESSAGE),
    "google": (
        "/v1beta/models/gemini-2.5-flash:generateContent",
        {**GEMINI, "generationConfig": {"maxOutputTokens": 50}},
    ),
}
NAMES = {
    "openai": ("usage", "prompt_tokens", "completion_tokens"),
    "anthropic": ("usage", "input_tokens", "output_tokens"),
    "google": ("usageMetadata", "promptTokenCount", "candidatesTokenCount"),
}
ABSURD = [-1, -(10**9), 10**9, 10**30, 1.5, "12", True, [], {}, float("nan"), float("inf")]


def told(provider: str, sent: object, made: object) -> bytes:
    name, of_prompt, of_answer = NAMES[provider]
    model = "claude-haiku-4-5" if provider == "anthropic" else "gpt-5-mini"
    return json.dumps({"model": model, name: {of_prompt: sent, of_answer: made}}).encode()


def ask(house, provider: str, content: bytes, kind="application/json", **more):
    """What comes back through a guard of a provider that says this; it is always as it was sent."""
    path, body = PATHS[provider]
    with (
        Scripted(answer(content, kind=kind)) as scripted,
        guard(base_urls={scripted.url: provider}) as client,
    ):
        said = client.post(scripted.url + path, json={**body, **more})
    assert said.status_code == 200
    assert said.content == content
    return house.ends()


def is_counted_at_its_worst(house) -> None:
    row = house.row
    assert (row.state, row.source) == ("settled", "estimated")
    assert row.gross_micro == row.worst_micro > 0
    assert house.used == (row.worst_micro, 0, 0)


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize("value", ABSURD)
def test_a_count_that_cannot_be_is_no_usage(house, provider, value):
    ask(house, provider, told(provider, 5, value))

    is_counted_at_its_worst(house)


@pytest.mark.parametrize("provider", PATHS)
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[]", b"null", b"no JSON", b'{"usage": ', b"\xff\xfe", b'{"usage": null}'),
        *(b'{"usage": "all", "usageMetadata": "all"}', b'{"usage": [], "usageMetadata": 5}'),
        b"[" * 100_000,
    ],
)
def test_a_body_without_usage_that_can_be_read(house, provider, content):
    ask(house, provider, content)

    is_counted_at_its_worst(house)


@pytest.mark.parametrize("value", ABSURD)
def test_a_stream_that_ends_with_a_count_that_cannot_be(house, value):
    chunk = {"model": "gpt-5-mini", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
    last = {**chunk, "choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": value}}
    events = [f"data: {json.dumps(each)}\n\n".encode() for each in (chunk, last)]
    content = b"".join([*events, b"data: [DONE]\n\n"])
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    ask(house, "openai", content, "text/event-stream", **asked)

    row = house.row
    assert (row.state, row.source) == ("settled", "estimated")
    assert 0 < row.gross_micro <= row.worst_micro


@pytest.mark.parametrize("provider", PATHS)
def test_what_costs_more_than_was_kept_free_is_believed_told_and_blocks(house, provider):
    """It may be: a provider bills what it says. Then the cap is used up and no call follows."""
    ask(house, provider, told(provider, 50_000_000, 20))

    row = house.row
    assert (row.state, row.source) == ("settled", "usage")
    assert row.gross_micro > max(row.worst_micro, 15_000_000_000)
    events = house.accounts.limit_events_since(0, 100)
    assert [each.bucket_id for each in events if each.kind == OVERRUN] == ["total"]
    path, body = PATHS[provider]
    url = f"{house.upstream.url}/{provider}"
    with guard(base_urls=house.upstream.base_urls) as client:
        assert client.post(url + path, json=body).status_code == 402
