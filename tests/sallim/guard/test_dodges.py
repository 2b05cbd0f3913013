"""Bodies that look cheap to one reader and are dear to the other: none is bounded by too little."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallim.guard import durations
from sallim.guard.bounding import Owner
from sallim.guard.multipart import form_of
from sallim.guard.pricing import Priced
from sallim.guard.reading import Request, call_of, endpoint_of
from sallim.guard.refusing import Refusal
from tests.sallim.guard.test_bounding import BOUND, bounded, bounds, chat, claude, gemini, responses

VIDEO = {"fileData": {"fileUri": "https://f/1", "mimeType": "video/mp4"}}


@pytest.mark.parametrize("count", [8, 8.0, "8"], ids=repr)
def test_a_count_is_the_same_in_every_notation_that_a_provider_reads(count):
    config = {"generationConfig": {**BOUND["generationConfig"], "candidateCount": count}}

    assert chat(max_tokens=50, n=count).output == 400
    assert chat(max_tokens=5, max_completion_tokens=count).output == 8
    assert gemini([{"text": "x"}], **config).output == 8 * 100 + 50


@pytest.mark.parametrize("count", ["many", "8e0", 2.5, [8], True, -1])
def test_how_many_answers_must_be_readable(count):
    body = {"model": "gpt-5-mini", "messages": [], "max_tokens": 50, "n": count}

    assert bounded("openai", "/v1/chat/completions", body).code == "unpriced_tool"
    # A limit of tokens that cannot be read is none, whatever stands beside it.
    assert chat(max_tokens=5, max_completion_tokens=count).output == 128_000


def test_how_often_a_tool_is_used_must_be_readable():
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": "9e0"}

    assert claude(Owner(max_tool_calls=1), tools=[search]).code == "unpriced_tool"
    assert claude(tools=[{**search, "max_uses": "9"}]).bounded.bounds.tool_calls[0][1] == 9


def test_each_prompt_of_a_list_is_answered_by_itself():
    asked = {"model": "gpt-3.5-turbo-instruct", "max_tokens": 100}

    def made(prompt, **more):
        return bounds("openai", "/v1/completions", {**asked, "prompt": prompt, **more}).output

    assert made("one text") == 100
    assert made([11, 12, 13]) == 100
    assert made(["a", "b", "c"]) == 300
    assert made([[11], [12]], n=4) == 800
    unlimited = {"model": asked["model"], "prompt": ["a", "b"]}
    assert bounded("openai", "/v1/completions", unlimited).code == "unpriced_tool"


@pytest.mark.parametrize(
    "more",
    [
        {"generationConfig": {"maxOutputTokens": 1, "max_output_tokens": 65_000}},
        {"generationConfig": {}, "generation_config": {"max_output_tokens": 65_000}},
        {"contents": [{"parts": [{**VIDEO, "file_data": {"file_uri": "https://f/2"}}]}]},
    ],
)
def test_a_name_in_two_spellings_is_refused(more):
    body = {"contents": [{"parts": [{"text": "x"}]}], **BOUND, **more}
    found = bounded("google", "/v1beta/models/gemini-2.5-flash:generateContent", body)

    assert isinstance(found, Refusal)
    assert "two spellings" in found.message


def test_names_of_the_callers_own_may_have_two_spellings():
    fields = {"max_items": {"type": "INTEGER"}, "maxItems": {"type": "INTEGER"}}
    function = {"name": "f", "parameters": {"type": "OBJECT", "properties": fields}}
    call = {"functionCall": {"name": "f", "args": {"max_items": 1, "maxItems": 2}}}

    assert gemini([call], tools=[{"functionDeclarations": [function]}], **BOUND).output == 150


@pytest.mark.parametrize("fps", ["24", 24, 24.0, 1_000, "NaN", "a few", [1]], ids=repr)
def test_frames_a_second_count_in_every_notation(fps):
    part = {**VIDEO, "videoMetadata": {"fps": fps}}

    assert gemini([part], Owner(max_media_seconds=10), **BOUND).media_input == 10 * 290 * 24


def test_what_a_function_answers_may_hold_a_video():
    answer = {"functionResponse": {"name": "f", "response": {"fileData": 1}, "parts": [VIDEO]}}

    assert gemini([answer], **BOUND).audio_input == 1_048_576


@pytest.mark.parametrize("tools", ["googleSearch", [[{"googleSearch": {}}]], [7]])
def test_tools_that_are_no_tables_are_refused(tools):
    body = {"contents": [], "tools": tools}
    found = bounded("google", "/v1beta/models/gemini-2.5-flash:generateContent", body)

    assert found.code == "unpriced_tool"


@pytest.mark.parametrize("path", ["/v1/conversations", "/v1/moderations", "/v1/uploads"])
def test_what_is_free_at_openai_is_not_free_elsewhere(path):
    request = Request("POST", "https", "api.example.org", None, path, {})

    assert endpoint_of("openai", request).flavour == ""
    assert endpoint_of("mistral", request).code == "unpriced_path"


UNPRICED = {
    "openai": (
        *("batches", "fine_tuning/jobs", "images/generations", "audio/speech", "videos", "evals"),
        *("threads/x/runs", "vector_stores", "containers", "responses/compact", "assistants"),
    ),
    "anthropic": ("messages/batches", "complete", "skills"),
    "google": (
        *("models/x:batchGenerateContent", "cachedContents", "models/veo:predictLongRunning"),
        *("openai/images/generations", "openai/batches", "fileSearchStores", "interactions"),
        "tunedModels/x:generateContent",
    ),
    "mistral": ("ocr", "libraries", "batch/jobs", "agents", "chat/moderations"),
}


def test_what_a_provider_reads_again_after_each_of_its_tools_is_counted_each_time():
    mcp = {"type": "mcp", "server_url": "https://example.org"}
    search, files = {"type": "web_search"}, {"type": "file_search"}
    fetch = {"type": "web_fetch_20250910", "name": "web_fetch"}

    def sent(found):
        return found.bounded.bounds.input

    assert responses(tools=[mcp]).code == "unpriced_tool"
    assert sent(responses(tools=[mcp], max_tool_calls=4)) == 5 * 272_000
    assert sent(responses(tools=[search, files], max_tool_calls=2)) == 3 * 272_000
    assert claude(tools=[fetch]).code == "unpriced_tool"
    assert sent(claude(tools=[{**fetch, "max_uses": 2}])) == 3 * 200_000
    assert claude(mcp_servers=[{"url": "https://example.org"}]).code == "unpriced_tool"
    assert sent(claude(Owner(max_tool_calls=3), mcp_servers=[{"url": "https://a"}])) == 4 * 200_000


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "post"])
def test_what_may_cost_and_has_no_price_is_refused_by_its_path(method):
    for provider, paths in UNPRICED.items():
        for path in paths:
            for version in ("/v1/", "/v1beta/", "/upload/v1beta/"):
                request = Request(method, "https", "api.example.org", None, version + path, {})
                assert endpoint_of(provider, request).code == "unpriced_path"


@pytest.mark.parametrize(
    ("provider", "path", "more"),
    [
        ("mistral", "/v1/agents/completions", {"agent_id": "ag:1"}),
        ("openrouter", "/api/v1/responses", {"plugins": [{"id": "web"}]}),
        ("openrouter", "/api/v1/chat/completions", {"plugins": [{"id": "web"}]}),
        ("openrouter", "/api/v1/chat/completions", {"preset": "dear"}),
        ("groq", "/openai/v1/chat/completions", {"search_parameters": {"mode": "on"}}),
    ],
)
def test_what_brings_a_price_of_its_own_is_refused(provider, path, more):
    models = {
        "mistral": "mistral-small-latest",
        "openrouter": "openai/gpt-5-mini",
        "groq": "llama-3.3-70b-versatile",
    }
    body = {"model": models[provider], "max_tokens": 9, "max_output_tokens": 9, "messages": []}

    assert isinstance(bounded(provider, path, body), Priced)
    assert bounded(provider, path, {**body, **more}).code == "unpriced_tool"


def test_a_faster_way_without_a_price_is_refused():
    assert claude(speed="fast").code == "unpriced_tool"
    dear, plain = (responses(service_tier=tier) for tier in ("priority", "default"))
    assert dear.worst_nano_usd > plain.worst_nano_usd * 1.5
    old = {"model": "gpt-3.5-turbo", "messages": [], "max_tokens": 9, "service_tier": "priority"}
    assert bounded("openai", "/v1/chat/completions", old).code == "unpriced_tool"


def test_models_that_search_for_each_answer_are_counted_so():
    asked = {"model": "gpt-4o-mini-search-preview", "messages": [], "max_tokens": 9}
    found = bounds("openai", "/v1/chat/completions", asked)

    assert found.tool_calls == (("web_search", 1),)


FORM = "multipart/form-data; boundary=b"
MODEL = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n%s\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF\r\n'
CHEAP, DEAR = MODEL % b"gpt-4o-mini-transcribe", MODEL % b"whisper-1"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (FORM, CHEAP + DEAR + FILE + b"--b--"),
        (FORM, CHEAP + DEAR.replace(b'"model"', b"model") + FILE + b"--b--"),
        (FORM, CHEAP + DEAR.replace(b'"model"', b'"model"; filename="x"') + b"--b--"),
        (FORM, CHEAP + DEAR.replace(b"\r\n", b"\n") + FILE + b"--b--"),
        (FORM, DEAR + FILE + b"--b--\r\n" + CHEAP + b"--b--"),
        (FORM, b"preamble" + CHEAP + FILE + b"--b--"),
        (FORM, FILE + FILE + CHEAP + b"--b--"),
        (FORM, CHEAP.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
         + FILE + b"--b--"),
        ("multipart/form-data; boundary=b; boundary=c", CHEAP + FILE + b"--b--"),
        ('multipart/form-data; xboundary=b; boundary="c"', CHEAP + FILE + b"--b--"),
    ],
)  # fmt: skip
def test_a_form_that_two_readers_read_differently_is_none(kind, content):
    assert form_of(kind, content) is None
    assert form_of(FORM, CHEAP + FILE + b"--b--\r\n").fields == {"model": "gpt-4o-mini-transcribe"}


def test_a_list_in_a_form_has_its_name_several_times():
    each = MODEL.replace(b'"model"', b'"timestamp_granularities[]"')
    form = form_of(FORM, each % b"word" + each % b"segment" + CHEAP + FILE + b"--b--")

    assert form.fields["model"] == "gpt-4o-mini-transcribe"
    assert len(form.files) == 1


COUNTED = "/v1beta/models/gemini-2.5-flash:countTokens"
LONG = [{"parts": [VIDEO]}]


@pytest.mark.parametrize(
    "asked",
    [
        {"contents": LONG, "generateContentRequest": {"contents": []}},
        '{"contents": [], "contents": ' + json.dumps(LONG) + "}",
    ],
)
def test_a_count_of_something_else_bounds_nothing(asked):
    content = asked if isinstance(asked, str) else json.dumps(asked)
    durations.remember(COUNTED, content.encode(), b'{"totalTokens": 1}')

    assert durations.tokens_by_contents == {}


def test_a_count_holds_for_the_same_resolution_alone():
    durations.remember(COUNTED, json.dumps({"contents": LONG}).encode(), b'{"totalTokens": 9}')
    owner = Owner(tokens_by_contents=dict(durations.tokens_by_contents))
    finer = {"generationConfig": {**BOUND["generationConfig"], "mediaResolution": "HIGH"}}

    assert gemini([VIDEO], owner, **BOUND).audio_input == 9
    assert gemini([VIDEO], owner, **finer).audio_input == 1_048_576


def test_a_file_that_is_downloaded_tells_nothing_of_others():
    assert durations.tells("google", "/v1beta/files/1")
    assert not durations.tells("google", "/v1beta/files/1:download")


NAMES = (
    *("messages", "input", "contents", "tools", "system", "prompt", "n", "max_tokens", "content"),
    *("generationConfig", "candidateCount", "maxOutputTokens", "thinkingConfig", "thinkingBudget"),
    *("parts", "inlineData", "fileData", "videoMetadata", "fps", "mimeType", "data", "source"),
    *("type", "image_url", "input_audio", "video_url", "url", "function", "max_uses", "audio"),
    *(
        "context_management",
        "prediction",
        "service_tier",
        "speed",
        "thinking",
        "responseModalities",
    ),
)
WORDS = (
    "image_url",
    "input_audio",
    "video_url",
    "file",
    "image",
    "document",
    "video/mp4",
    "x",
    "5",
)
PLAIN = st.sampled_from([None, True, -1, 0, 7, 2.5, float("nan"), *WORDS])
ANY = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES + WORDS), inner, max_size=4)
    ),
    max_leaves=25,
)
WAYS = (
    ("openai", "/v1/chat/completions", "gpt-5-mini"),
    ("openai", "/v1/responses", "gpt-5-mini"),
    ("openai", "/v1/completions", "gpt-5-mini"),
    ("openai", "/v1/embeddings", "text-embedding-3-small"),
    ("anthropic", "/v1/messages", "claude-haiku-4-5"),
    ("google", "/v1beta/models/gemini-2.5-flash:generateContent", ""),
    ("google", "/v1beta/openai/chat/completions", "gemini-2.5-flash"),
)


@given(st.sampled_from(WAYS), st.dictionaries(st.sampled_from(NAMES), ANY, max_size=6))
def test_no_body_ends_in_an_exception_or_costs_nothing(way, body):
    provider, path, model = way
    found = bounded(provider, path, {**body, "model": model})

    assert isinstance(found, Refusal) or found.worst_micro > 0


@pytest.mark.parametrize("code", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_body_in_another_code_than_utf_8_is_refused(code):
    """In UTF-16 a sign of three tokens is two bytes."""
    request = Request("POST", "https", "a", None, "/v1/chat/completions", {})
    content = json.dumps({"model": "gpt-5-mini", "messages": ["가"]}, ensure_ascii=False)
    call = call_of(endpoint_of("openai", request), request, content.encode(code))

    assert isinstance(call, Refusal)


def test_thoughts_of_gemini_count_in_the_shape_of_openai_too():
    asked = {"model": "gemini-2.5-flash", "messages": [], "max_tokens": 9}
    path = "/v1beta/openai/chat/completions"

    assert bounds("google", path, asked).output == 65_536
    assert bounds("google", path, {**asked, "model": "gemini-2.0-flash"}).output == 9
