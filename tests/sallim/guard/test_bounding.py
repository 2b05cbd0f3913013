"""The most that a body can use, for every way of asking that the body does not bound by itself."""

import base64
import json

import pytest

from sallim.guard.bounding import Bounded, Owner
from sallim.guard.pricing import Priced, priced
from sallim.guard.providers import Providers
from sallim.guard.reading import Endpoint, Request, call_of, endpoint_of
from sallim.guard.refusing import Refusal
from sallim.guard.tariff import Tariff
from sallim.ledger.money_rows import RateRow
from tests.house import wav

TARIFF = Tariff((), {})
NOW_US = 1_795_000_000_000_000
PNG = base64.b64encode(b"\x89PNG" + b"x" * 30_000).decode()


def bounded(provider, path, body, owner=None, tariff=TARIFF) -> Priced | Refusal:
    request = Request("POST", "https", "api.example.org", None, path, {})
    endpoint = endpoint_of(provider, request)
    assert isinstance(endpoint, Endpoint), endpoint
    call = call_of(endpoint, request, json.dumps(body).encode())
    return priced(call, tariff, owner or Owner(), NOW_US)


def bounds(provider, path, body, owner=None):
    found = bounded(provider, path, body, owner)
    assert isinstance(found, Priced), found
    assert isinstance(found.bounded, Bounded)
    return found.bounded.bounds


def chat(content="hello", owner=None, **more):
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": content}], **more}
    return bounds("openai", "/v1/chat/completions", body, owner)


def responses(owner=None, **more):
    body = {"model": "gpt-5-mini", "input": "hello", "max_output_tokens": 9, **more}
    return bounded("openai", "/v1/responses", body, owner)


def claude(owner=None, **more):
    body = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [], **more}
    return bounded("anthropic", "/v1/messages", body, owner)


def gemini(parts, owner=None, model="gemini-2.5-flash", **more):
    body = {"contents": [{"parts": parts}], **more}
    return bounds("google", f"/v1beta/models/{model}:generateContent", body, owner)


BOUND = {
    "generationConfig": {"maxOutputTokens": 100, "thinkingConfig": {"thinkingBudget": 50}},
}


def test_text_is_bounded_by_its_bytes():
    assert chat("가" * 1_000).input >= 3_000
    assert chat("x" * 10_000_000).input == 272_000


def test_without_a_limit_the_models_maximum_is_reserved():
    assert chat().output == 128_000
    assert chat(max_completion_tokens=50).output == 50
    assert chat(max_tokens=70, max_completion_tokens=50).output == 70
    assert chat(max_tokens=50, n=3).output == 150
    assert chat(max_tokens=True).output == 128_000
    assert chat(max_tokens=-5).output == 128_000


def test_predicted_tokens_may_be_rejected_and_paid_for():
    predicted = chat(max_tokens=10, prediction={"type": "content", "content": "x" * 500})

    assert predicted.output > 500


def test_pictures_are_bounded_wherever_they_come_from():
    here = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    there = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}

    assert chat([here, there]).media_input == 24_000
    # The bytes of a picture are no text.
    assert chat([here]).input < 1_000
    assert (
        claude(
            messages=[
                {"content": [{"type": "image", "source": {"type": "url", "url": "https://a"}}]}
            ]
        ).bounded.bounds.media_input
        == 5_000
    )


def test_sound_of_a_known_length_and_of_an_unknown_one():
    def part(data):
        return {
            "type": "input_audio",
            "input_audio": {"data": base64.b64encode(data).decode(), "format": "wav"},
        }

    assert chat([part(wav(10))]).audio_input == 200
    assert chat([part(b"ID3...")]).audio_input == 272_000
    assert chat([part(b"ID3...")], Owner(max_media_seconds=30)).audio_input == 600


@pytest.mark.parametrize(
    "more",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        {"prompt": {"id": "pmpt_1"}, "max_tool_calls": 0},
        {"prompt": {"id": "pmpt_1"}, "owner": Owner(max_tool_calls=0)},
    ],
)
def test_stored_context_is_bounded_by_the_models_maximum(more):
    # It may be sound, which is the dearest.
    assert responses(**more).bounded.bounds.audio_input == 272_000


@pytest.mark.parametrize("most", [None, 1, "1", -1], ids=repr)
def test_a_stored_prompt_may_bring_tools_that_have_no_price(most):
    found = responses(prompt={"id": "pmpt_1"}, max_tool_calls=most)

    assert found.code == "unpriced_tool"
    assert "max_tool_calls = 0" in found.how
    assert responses(Owner(max_tool_calls=3), prompt={"id": "pmpt_1"}).code == "unpriced_tool"


def test_what_a_tool_finds_is_text():
    mcp = [{"type": "mcp", "server_url": "https://example.org"}]

    assert responses(tools=mcp, max_tool_calls=0).bounded.bounds.input == 272_000


def test_files_of_openai_are_bounded_by_the_models_maximum():
    file = {"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}
    found = responses(input=[file]).bounded

    assert found.bounds.media_input == 272_000
    assert found.unbounded == "a file"


def test_documents_of_anthropic():
    def document(source):
        return claude(messages=[{"content": [{"type": "document", "source": source}]}])

    assert document({"type": "url", "url": "https://a"}).bounded.bounds.media_input == 200_000
    assert document({"type": "text", "data": "hello"}).bounded.bounds.media_input == 0


def test_tools_of_the_provider_are_counted_at_their_most():
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
    found = claude(tools=[search])

    assert found.bounded.bounds.tool_calls == (("web_search", 3),)
    assert found.bounded.bounds.input == 4 * 200_000
    unbounded = {"type": "web_search_20250305", "name": "web_search"}
    assert claude(tools=[unbounded]).code == "unpriced_tool"
    owner = Owner(max_tool_calls=5)
    assert claude(owner, tools=[unbounded]).bounded.bounds.tool_calls == (("web_search", 5),)


@pytest.mark.parametrize(
    "found",
    [
        responses(tools=[{"type": "image_generation"}]),
        responses(tools=[{"type": "code_interpreter"}], max_tool_calls=1),
        responses(tools=[{"type": "something_new"}]),
        claude(tools=[{"type": "code_execution_20250825", "name": "code_execution"}]),
        claude(inference_geo="us"),
    ],
)
def test_what_has_no_price_is_refused_by_name(found):
    assert found.code == "unpriced_tool"
    assert found.message


def test_functions_of_the_callers_own_are_text():
    tool = {"type": "function", "name": "f", "parameters": {"type": "image_url"}}
    bash = {"type": "bash_20250124", "name": "bash"}

    assert responses(tools=[tool]).bounded.unbounded == ""
    assert claude(tools=[bash, {"name": "f", "input_schema": {}}]).bounded.unbounded == ""


def test_thoughts_of_gemini_are_kept_free_beside_the_answer():
    assert gemini([{"text": "x"}]).output == 65_536
    assert gemini([{"text": "x"}], generationConfig={"maxOutputTokens": 100}).output == 65_536
    assert gemini([{"text": "x"}], **BOUND).output == 150
    snake = {
        "generation_config": {"max_output_tokens": 1, "thinking_config": {"thinking_budget": 2}}
    }
    assert gemini([{"text": "x"}], **snake).output == 3


@pytest.mark.parametrize("name", ["fileData", "file_data"])
def test_a_video_of_gemini(name):
    uri, kind = ("fileUri", "mimeType") if name == "fileData" else ("file_uri", "mime_type")
    part = {name: {uri: "https://f/1", kind: "video/mp4"}}

    assert gemini([part], **BOUND).audio_input == 1_048_576
    known = gemini([part], Owner(seconds_by_uri={"https://f/1": 60}), **BOUND)
    assert (known.audio_input, known.media_input) == (60 * 32, 60 * 290)
    faster = {**part, "videoMetadata": {"fps": 4.5}}
    assert gemini([faster], Owner(max_media_seconds=60), **BOUND).media_input == 60 * 290 * 5


def test_other_things_that_gemini_keeps():
    cached = gemini([{"text": "x"}], cachedContent="cachedContents/1", **BOUND)
    assert cached.audio_input == 1_048_576
    assert gemini([{"fileData": {"fileUri": "gs://a", "mimeType": "application/pdf"}}], **BOUND
                  ).media_input == 1_048_576  # fmt: skip
    assert gemini([{"inlineData": {"mimeType": "image/png", "data": PNG}}], **BOUND).input < 1_000


def test_searches_of_gemini():
    found = gemini([{"text": "x"}], tools=[{"google_search": {}}], **BOUND)

    assert found.tool_calls == (("web_search", 1),)
    assert found.input == 1_048_576


def test_the_wider_window_of_anthropic_is_asked_for_in_a_header():
    body = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": "x" * 900_000}
    headers = {"anthropic-beta": "context-1m-2025-08-07,other"}
    request = Request("POST", "https", "api.anthropic.com", None, "/v1/messages", headers)
    call = call_of(endpoint_of("anthropic", request), request, json.dumps(body).encode())

    assert priced(call, TARIFF, Owner(), NOW_US).bounded.bounds.input > 900_000
    assert claude(messages="x" * 900_000).bounded.bounds.input == 200_000


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "kimi-k2:cloud", "a:1T-Cloud"])
def test_models_of_the_cloud_of_ollama_are_not_free(model):
    asked = {"model": model, "messages": [], "max_tokens": 9}
    document = json.dumps({"v": 1, "prices": [{"rates": {"request": 10**7}}]})

    assert bounded("local", "/v1/chat/completions", asked).code == "unknown_model"
    assert bounded("local", "/v1/chat/completions", {**asked, "model": "qwen3"}).worst_nano_usd == 0
    own = Tariff([RateRow("local", model.lower(), "p", document, "owner", 0)], {})
    assert bounded("local", "/v1/chat/completions", asked, tariff=own).worst_nano_usd == 10**7


def test_a_model_whose_maximum_is_not_known_is_refused_until_the_owner_says_it():
    model = next(
        row.model
        for row in TARIFF_ROWS
        if row.provider == "groq" and limits_unknown(row.provider, row.model)
    )
    body = {"model": model, "messages": []}
    refused = bounded("groq", "/openai/v1/chat/completions", body)

    assert refused.code == "unbounded"
    assert "output_tokens_max" in refused.how
    assert isinstance(
        bounded("groq", "/openai/v1/chat/completions", {**body, "max_tokens": 5}), Priced
    )


def limits_unknown(provider, model):
    from sallim.prices import limits_of

    rates = TARIFF.rates(provider, model)
    return (
        limits_of(provider, model) is None
        and "/" not in model
        and rates is not None
        and rates.prices("output")
        and rates.limits == (None, None)
    )


def shipped_rows():
    from sallim.prices import shipped

    return shipped().rates


TARIFF_ROWS = shipped_rows()


def test_addresses():
    own = Providers({"http://10.0.0.5:8080/v1": "openai", "https://gate.example.org": "anthropic"})

    assert own.of("https", "api.openai.com", None, "/v1/files") == ("openai", "/v1/files")
    assert own.of("https", "eu.api.openai.com", None, "/v1") == ("", "/v1")
    assert own.of("http", "127.0.0.1", 11434, "/api/chat") == ("local", "/api/chat")
    assert own.of("http", "::1", 1234, "/v1/chat/completions")[0] == "local"
    # A proxy or a tunnel on this machine may lead to whoever is paid.
    for port in (None, 443, 4000, 8000, 8080):
        assert own.of("http", "localhost", port, "/v1/chat/completions")[0] == ""
    named = Providers({"http://127.0.0.1:8000": "local"})
    assert named.of("http", "127.0.0.1", 8000, "/v1/models") == ("local", "/v1/models")
    assert own.of("http", "10.0.0.5", 8080, "/v1/models") == ("openai", "/models")
    assert own.of("http", "10.0.0.5", 8080, "/v10")[0] == ""
    assert own.of("https", "gate.example.org", None, "/a") == ("anthropic", "/a")
    assert own.of("https", "us-central1-aiplatform.googleapis.com", 443, "/v1")[0] == "google"
    assert own.of("https", "api.openai.com.evil.org", None, "/")[0] == ""
