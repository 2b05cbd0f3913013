"""What providers count by the minute, over the wire."""

import pytest

from agent.checks import Level
from agent.checks.bills import usage_said
from models.costs.used import Used
from models.errors import SourceRefused, SourceUnreachable
from tests.agent.bills.using import (
    COMPLETIONS,
    HOUR,
    START,
    anthropic,
    collector,
    crashed,
    openai,
    states,
)
from tests.standins.usage import ANTHROPIC


def test_openai_counts_tokens_of_which_some_are_cached(standing, counted):
    counted.chat(
        START,
        "gpt-5-mini-2025-08-07",
        input_tokens=1000,
        output_tokens=500,
        input_cached_tokens=800,
        input_cache_write_tokens=50,
        input_cache_write_12h_tokens=20,
        input_audio_tokens=30,
        input_image_tokens=10,
    )
    embedded = {"input_tokens": 7, "num_model_requests": 2}
    counted.other("embeddings", START + 70, "text-embedding-3-small", **embedded)
    counted.other("audio_transcriptions", START, "whisper-1", seconds=61, num_model_requests=1)
    chat, embedded, heard = openai(standing).read(START, START + HOUR, with_tools=False)

    assert chat.used == Used(110, 800, 30, 20, 500, 30, 10)
    assert (chat.since, chat.until, chat.requests) == (START, START + 60, 1)
    assert (chat.model, chat.service_tier) == ("gpt-5-mini-2025-08-07", "default")
    assert (embedded.used, embedded.requests) == (Used(input=7), 2)
    assert heard.used == Used(audio_seconds=61)
    assert standing.asked[0] == (
        COMPLETIONS,
        {
            "start_time": [str(int(START))],
            "end_time": [str(int(START + HOUR))],
            "group_by[]": ["model", "service_tier", "batch"],
            "bucket_width": ["1m"],
            "limit": ["1440"],
        },
    )


def test_two_days_by_the_minute_are_two_pages(standing, counted):
    counted.chat(START + 47 * HOUR, "gpt-5", input_tokens=1, output_tokens=1)
    [minute] = openai(standing).read(START, START + 48 * HOUR, with_tools=False)

    assert minute.since == START + 47 * HOUR
    assert standing.count(COMPLETIONS) == 2


def test_anthropic_counts_what_is_cached_beside_the_input(standing, counted):
    counted.messages(START, "claude-haiku-4-5", input=1500, write_5m=500, write_1h=40, read=200,
                     output=500, searches=2)  # fmt: skip
    [minute] = anthropic(standing).read(START, START + HOUR, with_tools=True)

    assert minute.used == Used(1500, 200, 500, 40, 500, web_search=2)
    assert (minute.since, minute.requests, minute.service_tier) == (START, None, "standard")
    assert standing.asked[0][1]["group_by[]"] == ["model", "service_tier"]
    assert standing.asked[0][1]["starting_at"] == ["2026-11-20T03:00:00Z"]


@pytest.mark.parametrize(("reads", "scope"), [
    (lambda standing: openai(standing, "sk-proj-1"), "401: it takes an admin key of the organ"),
    (lambda standing: anthropic(standing, "sk-ant-1"), "403: it takes an admin key, which only"),
])  # fmt: skip
def test_a_key_without_the_right_is_told_which_it_takes(standing, counted, reads, scope):
    with pytest.raises(SourceRefused, match=scope):
        reads(standing).read(START, START + HOUR, with_tools=False)


@pytest.mark.parametrize("status", [429, 500, 529])
@pytest.mark.parametrize("reads", [openai, anthropic])
def test_who_is_busy_is_asked_again_later(standing, reads, status):
    standing.says(COMPLETIONS, b"{}", status)
    standing.says(ANTHROPIC, b"{}", status)

    with pytest.raises(SourceUnreachable, match=f"answers {status}; it is asked again later"):
        reads(standing).read(START, START + HOUR, with_tools=False)


def openai_page(**changed):
    result = {"input_tokens": 9, "output_tokens": 1, "num_model_requests": 1, "model": "gpt-5"}
    bucket = {
        "start_time": int(START),
        "end_time": int(START) + 60,
        "results": [{**result, **changed.pop("result", {})}],
        **changed,
    }
    return {"data": [bucket], "has_more": False, "next_page": None}


@pytest.mark.parametrize(
    "page",
    [
        *(b"", b"null", b"[]", {}, {"data": [], "next_page": None}, {"data": [{}]}),
        *(openai_page(results=None), openai_page(start_time="x"), openai_page(end_time=None)),
        *(
            openai_page(result={"input_tokens": value})
            for value in (None, -1, 1.5, True, "9", 10**13, {}, [9])
        ),
        openai_page(result={"input_cached_tokens": 10}),
        openai_page(result={"num_model_requests": -1}),
        *(openai_page(start_time=0), openai_page(end_time=int(START) - 60)),
        openai_page(end_time=int(START) + 90_000),
    ],
)
def test_what_is_no_usage_is_refused_as_a_whole(standing, house, counted, page):
    if isinstance(page, dict) and isinstance(page.get("data"), list):
        good = openai_page()["data"][0]
        page = {**page, "data": [good, *page["data"]]}
    standing.says(COMPLETIONS, page)
    crashed(house, "a")
    before = states(house)

    with pytest.raises(SourceRefused, match="not taken over"):
        collector(house, openai(standing), START + HOUR).collect(0)
    assert states(house) == before


def test_the_doctor_says_what_was_used_and_which_right_is_missing(standing, counted):
    counted.chat(START - 60, "gpt-5", input_tokens=1_000, output_tokens=20)
    well = usage_said("usage", openai(standing), START)
    missing = usage_said("usage", openai(standing, "sk-proj-1"), START)

    assert str(well.text) == (
        "1000 tokens sent and 20 made within the last hour, as they count them"
    )
    assert (well.level, missing.level) == (Level.OK, Level.PROBLEM)
    assert "admin key of the organization (sk-admin-...) that may read usage" in str(missing.text)
