"""Plain clients and transports of httpx and httpx2, without an SDK."""

import asyncio
import gzip
import json
import tracemalloc
import zlib

import pytest

from sallim import guard
from sallim.guard.loading import http_module
from tests.house import CHAT
from tests.processes import free_port


@pytest.mark.parametrize("flavour", ["httpx", "httpx2"])
def test_a_plain_asynchronous_client(house, flavour):
    async def work(won):
        house.cap(won)
        async with guard.aclient(flavour, base_urls=house.upstream.base_urls) as client:
            return await client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=CHAT)

    assert asyncio.run(work(15_000)).status_code == 200
    assert house.used == (house.upstream.bill_micro(), 0, 0)
    assert asyncio.run(work(1)).status_code == 402


def test_a_proxy_of_the_environment_does_not_lead_around_the_guard(house, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    with guard() as client, pytest.raises(Exception, match="onnect"):
        client.post("https://api.openai.com/v1/chat/completions", json=CHAT)
    assert (house.row.state, house.row.provider) == ("released", "openai")
    house.cap(1)
    with guard() as client:
        response = client.post("https://api.openai.com/v1/chat/completions", json=CHAT)

    assert response.status_code == 402


def test_addresses_of_ones_own_out_of_the_environment(house, monkeypatch):
    pairs = [f"{url}={provider}" for url, provider in house.upstream.base_urls.items()]
    monkeypatch.setenv("SALLIM_BASE_URLS", " ".join(pairs))
    with guard() as client:
        client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=CHAT)

    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_a_recording_whose_length_cannot_be_read_needs_the_owners_figure(house):
    files = {"file": ("a.mp3", b"ID3 and more"), "model": (None, "whisper-1")}
    house.upstream.faults = [400]
    address = f"{house.upstream.url}/openai/v1/audio/transcriptions"
    with guard(base_urls=house.upstream.base_urls) as client:
        error = client.post(address, files=files).json()["error"]
    assert error["code"] == "unbounded"
    assert "max_media_seconds" in error["how_to_raise"]
    assert house.upstream.requests == []

    with guard(base_urls=house.upstream.base_urls, max_media_seconds=60) as client:
        assert client.post(address, files=files).status_code == 400
    assert house.row.worst_nano_usd == 6_000_000


def test_streams_of_gemini_as_a_list_are_read_too(house):
    httpx = http_module("httpx")
    usage = {"promptTokenCount": 7, "candidatesTokenCount": 2, "totalTokenCount": 9}
    told = {"candidates": [{"finishReason": "STOP"}], "usageMetadata": usage}
    inner = httpx.MockTransport(
        lambda request: httpx.Response(200, json=[{"candidates": []}, told])
    )
    address = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash"
    with httpx.Client(transport=guard.transport(inner, "httpx")) as client:
        client.post(f"{address}:streamGenerateContent", json={"contents": []})

    assert house.row.nano_usd == 7 * 300 + 2 * 2_500


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_that_is_compressed_is_read_and_passed_on_as_it_is(house, encoding):
    httpx = http_module("httpx2")
    plain = b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4}}'
    packed = gzip.compress(plain) if encoding == "gzip" else zlib.compress(plain)

    def answer(request):
        assert request.headers["accept-encoding"] == "gzip, deflate"
        stream = httpx.ByteStream(packed)
        return httpx.Response(200, headers={"content-encoding": encoding}, stream=stream)

    inner = httpx.MockTransport(answer)
    with httpx.Client(transport=guard.transport(inner, "httpx2")) as client:
        response = client.post("https://api.openai.com/v1/chat/completions", json=CHAT)

    assert response.content == plain
    assert house.row.nano_usd == 3 * 250 + 4 * 2_000


def test_what_a_router_says_that_it_cost_comes_before_the_list(house):
    httpx = http_module("httpx2")
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "cost": 0.00123}

    def answer(request):
        assert json.loads(request.content)["usage"] == {"include": True}
        return httpx.Response(200, json={"usage": usage})

    inner = httpx.MockTransport(answer)
    asked = {**CHAT, "model": "openai/gpt-5-mini"}
    with httpx.Client(transport=guard.transport(inner, "httpx2")) as client:
        client.post("https://openrouter.ai/api/v1/chat/completions", json=asked)

    assert (house.row.provider, house.row.source) == ("openrouter", "provider_cost")
    assert house.row.nano_usd == 1_230_000


def answered(house, body: bytes, **headers):
    """What the caller gets of an answer of OpenRouter's."""
    httpx = http_module("httpx2")

    def answer(request):
        stream = httpx.ByteStream(body)
        return httpx.Response(200, headers=headers, stream=stream)

    inner = httpx.MockTransport(answer)
    asked = {**CHAT, "model": "openai/gpt-5-mini", "max_tokens": 9}
    with (
        httpx.Client(transport=guard.transport(inner, "httpx2")) as client,
        client.stream("POST", "https://openrouter.ai/api/v1/chat/completions", json=asked) as r,
    ):
        return b"".join(r.iter_raw())


@pytest.mark.parametrize("cost", ["1e11", "99999999999", "5e8", "NaN", "-1", '"much"'])
def test_a_cost_that_cannot_be_ends_nothing(house, cost):
    told = b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4, "cost": %s}}' % cost.encode()

    assert answered(house, told) == told
    assert house.row.state == "settled"
    if cost in ("1e11", "99999999999"):
        assert (house.row.source, house.row.gross_micro) == ("estimated", house.row.worst_micro)


def test_searches_without_number_end_nothing(house):
    httpx = http_module("httpx2")
    usage = {"input_tokens": 1, "output_tokens": 1}
    usage["server_tool_use"] = {"web_search_requests": 100_000_000}
    inner = httpx.MockTransport(lambda request: httpx.Response(200, json={"usage": usage}))
    asked = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": []}
    with httpx.Client(transport=guard.transport(inner, "httpx2")) as client:
        client.post("https://api.anthropic.com/v1/messages", json=asked)

    assert (house.row.source, house.row.gross_micro) == ("estimated", house.row.worst_micro)


@pytest.mark.slow
def test_an_answer_that_swells_without_end_costs_its_worst_and_fills_no_memory(house):
    size = 150_000_000
    packed = gzip.compress(b" " * size, 1)
    tracemalloc.start()
    got = answered(house, packed, **{"content-encoding": "gzip"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert got == packed
    assert peak < size
    assert (house.row.source, house.row.gross_micro) == ("estimated", house.row.worst_micro)


def test_a_search_that_no_usage_tells_of_is_settled_all_the_same(house):
    httpx = http_module("httpx2")
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    inner = httpx.MockTransport(lambda request: httpx.Response(200, json={"usage": usage}))
    asked = {"model": "gpt-4o-mini-search-preview", "messages": [], "max_tokens": 9}
    with httpx.Client(transport=guard.transport(inner, "httpx2")) as client:
        client.post("https://api.openai.com/v1/chat/completions", json=asked)

    # More than a cent of a dollar, where the tokens are a millionth of it.
    assert house.row.source == "usage"
    assert house.row.nano_usd > 10_000_000
    assert json.loads(house.row.tool_calls) == [["web_search", 1]]
