"""What a failed execution says."""

import json

import pytest

from models.workflows.failures import TEXT_CHARACTERS_MAX, account_in_part, account_of

ERROR = {"message": "Video 4711 has no audio", "node": {"name": "Check the audio"}, "stack": "..."}
FIRST = {"startTime": 1, "data": {"main": [[{"json": {"body": {"video": "v-17", "n": 3}}}]]}}
LATER = {"startTime": 2, "data": {"main": [[{"json": {"body": {"video": "other"}}}]]}}


def execution(error=ERROR, last="Check the audio", **nodes):
    run_data = {name: [run] for name, run in nodes.items()}
    result = {"error": error, "runData": run_data, "lastNodeExecuted": last}
    return {"id": "1", "data": {"resultData": result}}


def test_node_and_text_are_told():
    account = account_of(execution())

    assert account.error == "Check the audio: Video 4711 has no audio"


def test_the_last_node_stands_in_where_the_error_names_none():
    assert account_of(execution({"message": "boom"}, "HTTP")).error == "HTTP: boom"


def test_a_description_says_more_than_the_message():
    account = account_of(execution({"message": "Bad request", "description": "no such model"}))

    assert account.text == "Bad request - no such model"


def test_the_key_is_a_field_of_the_first_input():
    shape = execution(B=LATER, A=FIRST)

    assert account_of(shape, "body.video").key == "v-17"
    assert account_of(shape, "body.n").key == "3"
    assert account_of(shape, "body.nothing.deep").key == ""
    assert account_of(shape, "body").key == ""


def test_secrets_are_hidden_before_the_text_is_cut():
    long = "x" * (TEXT_CHARACTERS_MAX - 30) + " Authorization: Bearer abcdefghijklmnopqrstuvwxyz"

    account = account_of(execution({"message": long}))

    assert "abcdefgh" not in account.error
    assert len(account.error) <= TEXT_CHARACTERS_MAX


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        {"data": None},
        {"data": {"resultData": []}},
        execution(error="text", last=None),
    ],
)
def test_what_says_nothing_tells_nothing(payload):
    assert account_of(payload, "body.video").error == ""


def test_of_a_beginning_the_error_is_read():
    text = json.dumps(execution())[:-40]

    assert account_in_part(text).error == "Check the audio: Video 4711 has no audio"


@pytest.mark.parametrize("text", ["", "{", '"resultData": {"error": {"message": "cut', "\x00" * 50])
def test_of_a_beginning_without_an_error_nothing_is_told(text):
    assert account_in_part(text).error == ""


def test_lines_are_put_on_one():
    assert account_of(execution({"message": "a\n\n  b\tc"}, "")).error == "a b c"
