"""The official SDKs over the guard, with one line: what they get, and what the ledger says."""

import asyncio

import pytest
from google.genai import types

from tests.sallim.guard.asked import CHAT, GEMINI, MESSAGE
from tests.sallim.guard.house import wav


def equals_the_bill(house, calls=1):
    """Every call is settled by its usage, at what the upstream charges, and nothing is held."""
    bill = house.upstream.settled_bill(calls)
    rows = house.ends(calls)

    assert len(bill) == len(rows) == calls
    assert [row.state for row in rows] == ["settled"] * calls
    assert {row.source for row in rows} <= {"usage"}
    assert sorted(row.nano_usd for row in rows) == sorted(line.nano_usd for line in bill)
    assert house.used == (house.upstream.bill_micro(), 0, 0)
    assert all(row.gross_micro <= row.worst_micro for row in rows)


def test_chat_of_openai(house):
    with house.openai(workflow="ocr") as sdk:
        answer = sdk.chat.completions.create(**CHAT)

    assert answer.choices[0].message.content
    equals_the_bill(house)
    row = house.row
    assert (row.provider, row.model, row.workflow) == ("openai", "gpt-5-mini", "ocr")
    assert (row.priority, row.status, row.attempt) == ("important", 200, 1)
    assert row.tokens.reasoning > 0
    assert row.latency_us > 0
    assert row.overhead_us > 0


def test_streamed_chat_of_openai(house):
    with house.openai() as sdk:
        chunks = list(sdk.chat.completions.create(**CHAT, stream=True))

    assert all(chunk.choices for chunk in chunks)
    equals_the_bill(house)
    assert house.row.stream


def test_streamed_chat_that_asks_for_its_usage_itself_gets_it(house):
    with house.openai() as sdk:
        chunks = list(
            sdk.chat.completions.create(**CHAT, stream=True, stream_options={"include_usage": True})
        )

    assert chunks[-1].choices == []
    assert chunks[-1].usage.total_tokens > 0
    equals_the_bill(house)


def test_responses_of_openai(house):
    with house.openai() as sdk:
        answer = sdk.responses.create(model="gpt-5-mini", input="What keeps a house?")
        with sdk.responses.stream(model="gpt-5-mini", input="What keeps it?") as stream:
            events = list(stream)

    assert answer.output_text
    assert events[-1].type == "response.completed"
    equals_the_bill(house, 2)


def test_embeddings_of_openai(house):
    with house.openai() as sdk:
        sdk.embeddings.create(model="text-embedding-3-small", input=["one", "two"])

    equals_the_bill(house)


def test_transcriptions_of_openai(house):
    with house.openai() as sdk:
        sdk.audio.transcriptions.create(model="whisper-1", file=("a.wav", wav(61.2)))

    equals_the_bill(house)
    assert house.row.gross_micro == house.row.worst_micro


def test_a_transcript_as_plain_text_has_no_usage_and_its_seconds_are_known(house):
    with house.openai() as sdk:
        text = sdk.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", wav(61.2)), response_format="text"
        )

    assert text == "hello\n"
    assert house.row.source == "estimated"
    assert house.used == (house.upstream.bill_micro(), 0, 0)


def test_files_cost_nothing_and_are_not_written_down(house):
    with house.openai() as sdk:
        sdk.files.create(file=("a.txt", b"text"), purpose="user_data")
        sdk.files.list()
        sdk.files.delete("file-1")

    assert len(house.upstream.requests) == 3
    assert house.rows == []


def test_messages_of_anthropic(house):
    with house.anthropic() as sdk:
        answer = sdk.messages.create(**MESSAGE)
        sdk.messages.count_tokens(model=MESSAGE["model"], messages=MESSAGE["messages"])

    assert answer.content[0].text
    equals_the_bill(house)


def test_streamed_messages_of_anthropic(house):
    with house.anthropic() as sdk, sdk.messages.stream(**MESSAGE) as stream:
        text = "".join(stream.text_stream)

    assert text
    equals_the_bill(house)


@pytest.mark.parametrize("ttl", [{}, {"ttl": "1h"}])
def test_what_anthropic_keeps_in_a_cache(house, ttl):
    kept = {"type": "text", "text": "x" * 8_000, "cache_control": {"type": "ephemeral", **ttl}}
    with house.anthropic() as sdk:
        sdk.messages.create(**MESSAGE, system=[kept])

    equals_the_bill(house)
    assert (house.row.tokens.cache_write_1h > 0) == bool(ttl)


def test_gemini(house):
    with house.genai() as sdk:
        answer = sdk.models.generate_content(**GEMINI)
        sdk.models.count_tokens(**GEMINI)

    assert answer.text
    equals_the_bill(house)
    assert house.row.model == "gemini-2.5-flash"


def test_streamed_gemini(house):
    with house.genai() as sdk:
        chunks = list(sdk.models.generate_content_stream(**GEMINI))

    assert len(chunks) > 3
    equals_the_bill(house)


def test_a_video_is_bounded_by_the_duration_that_its_upload_told(house, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"not really a video")
    with house.genai() as sdk:
        file = sdk.files.upload(file=str(tmp_path / "a.mp4"))
        file = sdk.files.get(name=file.name)
        sdk.models.generate_content(
            model="gemini-2.5-flash",
            contents=[file, "What happens?"],
            config={"max_output_tokens": 100, "thinking_config": {"thinking_budget": 100}},
        )
        sdk.files.delete(name=file.name)

    equals_the_bill(house)
    # Twelve seconds of it, and not the million tokens that the model takes at most.
    assert house.row.worst_micro < 20_000_000


def test_who_has_counted_the_tokens_of_a_video_has_bounded_the_call(house):
    video = types.Part.from_uri(file_uri="https://youtu.be/x", mime_type="video/mp4")
    asked = {
        "model": "gemini-2.5-flash",
        "contents": [video, "What happens?"],
        "config": {"max_output_tokens": 100, "thinking_config": {"thinking_budget": 100}},
    }
    with house.genai() as sdk:
        sdk.models.generate_content(**asked)
        sdk.models.count_tokens(model=asked["model"], contents=asked["contents"])
        sdk.models.generate_content(**asked)

    unbounded, counted = house.rows
    # The million tokens that the model takes at most, at the price of sound; then what was counted.
    assert unbounded.worst_micro > 1_000_000_000
    assert counted.worst_micro < 10_000_000


def test_all_of_them_asynchronously(house):
    async def work():
        async with house.async_openai() as sdk:
            await sdk.chat.completions.create(**CHAT)
            stream = await sdk.chat.completions.create(**CHAT, stream=True)
            assert [chunk async for chunk in stream if not chunk.choices] == []
            async with sdk.responses.stream(model="gpt-5-mini", input="Hm?") as events:
                assert [event async for event in events]
        async with house.async_anthropic() as sdk:
            await sdk.messages.create(**MESSAGE)
            async with sdk.messages.stream(**MESSAGE) as stream:
                assert [text async for text in stream.text_stream]
        async with house.async_genai() as sdk:
            await sdk.models.generate_content(**GEMINI)
            stream = await sdk.models.generate_content_stream(**GEMINI)
            assert [chunk async for chunk in stream]

    asyncio.run(work())

    equals_the_bill(house, 7)
