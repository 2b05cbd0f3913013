"""Streams that end early: settled by an estimate, never by too little, and once."""

import asyncio
import gc
import json
import time

import openai
import pytest

from sallim import guard
from sallim.guard.answers import Events
from sallim.guard.loading import http_module
from tests.sallim.guard.asked import CHAT, GEMINI, MESSAGE
from tests.sallim.guard.house import KEY

LONG = {**CHAT, "model": "gpt-4o-mini", "max_tokens": 400}


def estimated_above_the_bill(house):
    (row,) = house.ends()
    (line,) = house.upstream.settled_bill(1)

    assert (row.state, row.source) == ("settled", "estimated")
    assert line.nano_usd <= row.nano_usd <= row.worst_nano_usd
    assert house.used == (row.gross_micro, 0, 0)
    return row


def test_a_stream_that_the_caller_closes_after_its_first_chunk(house):
    house.upstream.pace_seconds = 0.02
    with house.openai() as sdk, sdk.chat.completions.create(**LONG, stream=True) as stream:
        next(iter(stream))

    row = estimated_above_the_bill(house)
    # Much less than 400 tokens were received, and that is known.
    assert row.nano_usd < row.worst_nano_usd
    assert row.error == "cut"


def test_thoughts_that_no_byte_shows_count_as_reserved(house):
    house.upstream.pace_seconds = 0.02
    asked = {**CHAT, "max_completion_tokens": 400}
    with house.openai() as sdk, sdk.chat.completions.create(**asked, stream=True) as stream:
        next(iter(stream))

    row = estimated_above_the_bill(house)
    assert row.nano_usd == row.worst_nano_usd


def test_a_stream_that_is_dropped_is_settled_when_it_is_collected(house):
    house.upstream.pace_seconds = 0.02
    with house.openai() as sdk:
        stream = sdk.chat.completions.create(**LONG, stream=True)
        for _ in stream:
            break
        assert house.row.state == "open"
        del stream, _
        gc.collect()
        estimated_above_the_bill(house)


def test_an_asynchronous_stream_that_is_dropped(house):
    house.upstream.pace_seconds = 0.02

    async def work():
        async with house.async_openai() as sdk:
            stream = await sdk.chat.completions.create(**LONG, stream=True)
            async for _ in stream:
                break
            del stream, _
            gc.collect()
            await asyncio.sleep(0.1)

    asyncio.run(work())
    estimated_above_the_bill(house)


def test_an_asynchronous_stream_that_is_cancelled(house):
    house.upstream.pace_seconds = 0.05

    async def read():
        asked = {**MESSAGE, "max_tokens": 400}
        async with house.async_anthropic() as sdk, sdk.messages.stream(**asked) as stream:
            async for _ in stream.text_stream:
                pass

    async def work():
        task = asyncio.ensure_future(read())
        while not house.rows:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.12)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())
    estimated_above_the_bill(house)


@pytest.mark.parametrize("sdk", ["openai", "anthropic", "genai"])
def test_a_stream_that_the_provider_cuts(house, sdk):
    house.upstream.faults = ["cut"]

    def read(client):
        if sdk == "openai":
            list(client.chat.completions.create(**LONG, stream=True))
        elif sdk == "anthropic":
            with client.messages.stream(**MESSAGE) as stream:
                list(stream.text_stream)
        else:
            list(client.models.generate_content_stream(**GEMINI))

    with getattr(house, sdk)() as client, pytest.raises(Exception, match=r".*") as raised:
        read(client)

    assert "httpx2" in type(raised.value).__module__ or isinstance(
        raised.value, openai.APIConnectionError
    )
    estimated_above_the_bill(house)


def test_a_stream_without_usage_is_settled_by_what_was_received(house):
    house.upstream.tells_usage = False
    with house.openai() as sdk:
        chunks = list(sdk.chat.completions.create(**LONG, stream=True))

    assert len(chunks) > 3
    row = estimated_above_the_bill(house)
    assert row.error == "without usage"


def test_an_answer_without_usage_is_settled_at_its_worst(house):
    house.upstream.tells_usage = False
    with house.openai() as sdk:
        sdk.chat.completions.create(**LONG)

    row = estimated_above_the_bill(house)
    assert row.nano_usd == row.worst_nano_usd


def test_reading_on_after_the_end_settles_nothing_twice(house):
    async def work():
        async with house.async_openai() as sdk:
            stream = await sdk.chat.completions.create(**LONG, stream=True)
            chunks = [chunk async for chunk in stream]
            assert [chunk async for chunk in stream] == []
            await stream.close()
            return chunks

    assert asyncio.run(work())
    row = house.row
    assert (row.source, row.nano_usd) == ("usage", house.upstream.bill[0].nano_usd)
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_bytes_of_a_stream_are_those_of_the_provider_but_for_the_chunk_asked_for(house):
    def read(**options):
        with guard(base_urls=house.upstream.base_urls) as client:
            body = {**LONG, "stream": True, **options}
            with client.stream(
                "POST", f"{house.upstream.url}/openai/v1/chat/completions", json=body
            ) as response:
                return b"".join(response.iter_raw())

    asked = read(stream_options={"include_usage": True})
    hidden = read()

    assert b'"choices": []' in asked
    assert b'"choices": []' not in hidden
    without = [each for each in asked.split(b"\n\n") if b'"choices": []' not in each]
    assert hidden.split(b"\n\n") == without
    assert len(house.ends(2)) == 2


def test_a_request_is_sent_as_it_was_written(house):
    content = b'{ "model":"gpt-4o-mini", "messages": [], "x": 1.10, "max_tokens": 5, "stream":true}'
    with guard(base_urls=house.upstream.base_urls) as client:
        client.post(f"{house.upstream.url}/openai/v1/chat/completions", content=content)

    sent = house.upstream.requests[0][3]
    assert sent.pop("stream_options") == {"include_usage": True}
    assert sent == {
        "model": "gpt-4o-mini",
        "messages": [],
        "x": 1.1,
        "max_tokens": 5,
        "stream": True,
    }
    assert house.upstream.requests[0][2]["content-length"] == str(
        len(content) - 1 + len(',"stream_options":{"include_usage":true}}')
    )


def test_events_cut_at_every_byte_are_the_same_events(house):
    with house.openai() as sdk:
        sdk.chat.completions.create(**LONG)
    whole = (
        b'data: {"choices":[{"delta":{"content":"a"}}],"usage":null}\r\n\r\n'
        b'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}\r\n\r\n'
        b"data: [DONE]\r\n\r\n"
    )
    for at in range(len(whole)):
        settled = []
        attempt = _Attempt(settled)
        events = Events(attempt, hides=True)
        shown = events.feed(whole[:at]) + events.feed(whole[at:]) + events.rest()
        events.end(True)

        assert shown == whole[:62] + whole[-16:]
        assert settled[0].output == 1


class _Attempt:
    class call:  # noqa: N801
        flavour = "openai.chat"

    is_over = False

    def __init__(self, settled):
        self.settle = settled.append


def test_what_is_streamed_arrives_at_once(house):
    house.upstream.pace_seconds = 0.1
    with house.openai() as sdk:
        begun = time.monotonic()
        with sdk.chat.completions.create(**LONG, stream=True) as stream:
            next(iter(stream))
            assert time.monotonic() - begun < 0.5
    assert KEY


def events_of(text: str):
    """A stream of Anthropic's that says so, then 400 tokens."""
    usage = {"input_tokens": 9, "output_tokens": 1}
    yield {"type": "message_start", "message": {"model": "claude-haiku-4-5", "usage": usage}}
    yield {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}
    yield {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x" * 1_600}}
    delta = {"stop_reason": "end_turn"}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 400}}
    yield {"type": "message_stop"}


@pytest.mark.parametrize("text", ["hello", 'The last event is "message_stop".', '{"usage": null}'])
def test_a_stream_that_speaks_of_its_end_is_not_over(house, text):
    httpx = http_module("httpx")
    content = (f"data: {json.dumps(each)}\n\n".encode() for each in events_of(text))
    head = {"content-type": "text/event-stream"}
    inner = httpx.MockTransport(lambda request: httpx.Response(200, headers=head, content=content))
    asked = {**MESSAGE, "stream": True, "max_tokens": 1_000}
    with httpx.Client(transport=guard.transport(inner, "httpx")) as client:
        client.post("https://api.anthropic.com/v1/messages", json=asked)

    assert (house.row.source, house.row.nano_usd) == ("usage", 9 * 1_000 + 400 * 5_000)
