"""Hashes of prompts: alike for what is alike, different for the rest, and of no use elsewhere."""

import json

import pytest

from sallim import guard
from sallim.guard.prompts import PREFIX_BYTES, hashes_of, is_hash
from sallim.guard.reading import Request, call_of, endpoint_of
from sallim.guard.tariff import Tariff
from sallim.guard.wire import asked_of_wire, asked_to_wire
from tests.house import CHAT
from tests.sallim.money import asked

SALT = b"s" * 32
LONG = "You are a careful librarian. " * 200
JSON = {"content-type": "application/json"}


def call(body, path="/v1/chat/completions", provider="openai", headers=JSON):
    request = Request("POST", "https", "host", None, path, headers)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call_of(endpoint_of(provider, request), request, content)


def chat(system, question, **more):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    return call({"messages": messages, "model": "gpt-5-mini", **more})


def test_the_same_request_has_the_same_hash_and_another_has_another():
    first, again = (hashes_of(chat("Be brief.", "Why?"), SALT)[0] for _ in range(2))

    assert first == again
    assert is_hash(first)
    assert len(first) == 32
    assert first != hashes_of(chat("Be brief.", "How?"), SALT)[0]
    assert first != hashes_of(chat("Be brief.", "Why?", temperature=0), SALT)[0]


def test_geminis_model_stands_in_the_path_and_counts():
    body = {"contents": [{"parts": [{"text": "Why?"}]}]}
    small, large = (
        hashes_of(call(body, f"/v1beta/models/{model}:generateContent", "google"), SALT)[0]
        for model in ("gemini-2.5-flash-lite", "gemini-2.5-flash")
    )

    assert small != large


def test_without_the_salt_nobody_finds_the_prompt_and_without_any_there_is_no_hash():
    short = chat("", "1234")

    assert hashes_of(short, SALT)[0] != hashes_of(short, b"t" * 32)[0]
    assert hashes_of(short, b"") == ("", "")


def test_a_salt_that_is_too_long_for_a_key_ends_no_call():
    tariff = Tariff((), {}, b"x" * 1_000)

    assert is_hash(hashes_of(chat("", "Why?"), tariff.salt)[0])


def test_a_long_beginning_is_alike_whatever_follows():
    one, other = (hashes_of(chat(LONG, question), SALT) for question in ("Why?", "How?"))

    assert one[1] == other[1] != ""
    assert one[0] != other[0]
    assert hashes_of(chat(f"!{LONG}", "Why?"), SALT)[1] != one[1]


def test_what_is_shorter_than_any_cache_takes_has_no_beginning():
    assert hashes_of(chat("a" * (PREFIX_BYTES - 100), "Why?"), SALT)[1] == ""
    # A long list of numbers is long JSON and no long text.
    assert hashes_of(chat("Be brief.", "Why?", numbers=[0] * 5_000), SALT)[1] == ""


def test_anthropics_system_comes_first_though_it_is_sent_last():
    def message(question):
        body = {"messages": [{"role": "user", "content": question}], "model": "claude-haiku-4-5"}
        return call({**body, "max_tokens": 9, "system": LONG}, "/v1/messages", "anthropic")

    assert hashes_of(message("Why?"), SALT)[1] == hashes_of(message("How?"), SALT)[1] != ""


def test_a_form_is_alike_whatever_its_boundary_is():
    def form(boundary, sound):
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
            f"{sound}\r\n--{boundary}--\r\n"
        )
        kind = {"content-type": f"multipart/form-data; boundary={boundary}"}
        sent = call(parts.encode(), "/v1/audio/transcriptions", headers=kind)
        return hashes_of(sent, SALT)[0]

    assert form("abc", "sound") == form("xyz", "sound") != form("abc", "other")


@pytest.mark.parametrize("depth", [3, 100_000])
def test_a_body_that_is_nested_however_deep_is_looked_at_for_a_moment_only(depth):
    value: object = LONG
    for _ in range(min(depth, 900)):
        value = [value]

    found = hashes_of(call({"messages": value, "model": "gpt-5-mini"}), SALT)

    assert (found[1] == "") is (depth > 3)


def test_the_ledger_holds_hashes_of_calls_and_how_much_they_could_make(house):
    body = {**CHAT, "max_completion_tokens": 321}
    with guard(base_urls=house.upstream.base_urls) as client:
        for _ in range(2):
            client.post(f"{house.upstream.url}/openai/v1/chat/completions", json=body)
    first, second = house.rows

    assert first.prompt_hash == second.prompt_hash
    assert is_hash(first.prompt_hash)
    assert first.prompt_hash != ""
    assert first.prefix_hash == ""
    assert first.output_max == 321


def test_an_older_gateway_is_sent_no_field_that_it_does_not_know():
    known = set(asked_to_wire(asked()))

    assert not known & {"prompt_hash", "prefix_hash", "output_max"}
    assert asked_of_wire(asked_to_wire(asked())) == asked()
    told = asked(prompt_hash="0" * 32, output_max=7)
    assert asked_of_wire(asked_to_wire(told)) == told
