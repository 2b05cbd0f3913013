"""Usage out of streams: what is cumulative is never summed, and a cut one is known as cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallim.usage import FLAVOURS, StreamUsage, Usage, usage_of
from tests.sallim import bodies

STREAMS = {
    "openai.chat": (bodies.CHAT_STREAM, Usage(10, output=20)),
    "openai.responses": (bodies.RESPONSES_STREAM, Usage(1928, 2048, 1000, 24, 188, 512)),
    "anthropic": (bodies.ANTHROPIC_STREAM, Usage(25, 100, output=15)),
    "gemini": (bodies.GEMINI_STREAM, Usage(50, output=7, reasoning=30)),
    "openrouter": (bodies.CHAT_STREAM, Usage(10, output=20)),
}


def fed(flavour, events):
    stream = StreamUsage(flavour)
    for event in events:
        stream.feed(event)
    return stream


@pytest.mark.parametrize("flavour", STREAMS)
def test_a_whole_stream_has_its_usage(flavour):
    events, usage = STREAMS[flavour]
    stream = fed(flavour, events)

    assert stream.ended
    assert stream.usage.tokens == usage.tokens
    assert stream.usage.model


@pytest.mark.parametrize("flavour", STREAMS)
def test_what_is_told_again_counts_once(flavour):
    events, usage = STREAMS[flavour]

    assert fed(flavour, [*events, *events[-2:], events[-1]]).usage.tokens == usage.tokens


@pytest.mark.parametrize("flavour", STREAMS)
def test_a_stream_that_is_cut_after_its_first_event_has_not_ended(flavour):
    stream = fed(flavour, STREAMS[flavour][0][:1])

    assert not stream.ended
    assert stream.usage is None or stream.usage.output <= 1


def test_a_stream_without_usage_ends_without_it():
    stream = fed("openai.chat", bodies.CHAT_STREAM[:3])

    assert stream.usage is None
    assert not stream.ended


def test_usage_with_every_chunk_is_whole_with_the_last_one():
    chunk = {"choices": [{"delta": {"content": "a"}}], "usage": {"prompt_tokens": 5}}
    stream = StreamUsage("openai.chat")
    for made in range(1, 4):
        chunk["usage"]["completion_tokens"] = made
        stream.feed(chunk)
    assert not stream.ended

    stream.feed({**chunk, "choices": [{"finish_reason": "stop"}]})

    assert stream.ended
    assert stream.usage == Usage(5, output=3)


def test_groq_hides_it():
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    stream = fed(
        "openai.chat", [{"choices": [{"finish_reason": "stop"}], "x_groq": {"usage": usage}}]
    )

    assert stream.ended
    assert stream.usage == Usage(1, output=2)


def test_a_proxy_that_knows_only_the_end_is_believed_there():
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 0, "output_tokens": 0}}}
    end = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"input_tokens": 70, "output_tokens": 8, "cache_read_input_tokens": 5},
    }

    assert fed("anthropic", [start, end]).usage == Usage(70, 5, output=8)


def test_a_zero_at_the_end_does_not_undo_what_was_told():
    last = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"input_tokens": 0, "output_tokens": 15},
    }

    assert fed("anthropic", [bodies.ANTHROPIC_STREAM[0], last]).usage.input == 25


def test_a_blocked_prompt_ends_a_stream():
    event = {
        "promptFeedback": {"blockReason": "SAFETY"},
        "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
    }

    assert fed("gemini", [event]).ended
    assert fed("gemini", [event]).usage == Usage(9)


def test_queries_that_come_early_are_kept():
    early = {"candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b"]}}]}
    events = [
        early,
        *({**each, "modelVersion": "gemini-3.8-flash"} for each in bodies.GEMINI_STREAM),
    ]

    assert fed("gemini", events).usage.tool_calls == (("web_search", 2),)


def test_a_transcription_tells_it_at_its_end():
    done = {"type": "transcript.text.done", "usage": bodies.OPENAI_TRANSCRIPTION["usage"]}
    stream = fed("openai.audio", [{"type": "transcript.text.delta", "delta": "a"}, done])

    assert stream.ended
    assert stream.usage == usage_of("openai.audio", bodies.OPENAI_TRANSCRIPTION)


@given(
    st.sampled_from(sorted(FLAVOURS)),
    st.lists(
        st.none()
        | st.integers()
        | st.dictionaries(
            st.sampled_from(["usage", "usageMetadata", "choices", "type", "message", "candidates"]),
            st.none()
            | st.integers()
            | st.text(max_size=3)
            | st.lists(st.integers(), max_size=2)
            | st.just({"usage": -1})
            | st.just("message_delta")
            | st.just([{"groundingMetadata": {"webSearchQueries": 3}}]),
        ),
        max_size=5,
    ),
)
def test_nothing_in_a_stream_raises(flavour, events):
    stream = fed(flavour, events)

    assert stream.usage is None or stream.usage.prompt >= 0
