"""What stands in a message, whoever chose the names in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.alerts.words import TEXT_LENGTH_MAX, Late, Speech, Told, text_of
from models.messages import say

RAISE = say("Raise it: {command}", command="python -m agent budget raise 3000")


def told(number=1, name="ocr", lines=(), link=""):
    return Told(number, 1, say("{name} failed", name=name), lines, link)


def test_one_alert_says_what_happened_and_where_to_look():
    text = text_of([told(lines=[RAISE], link="https://home.example/budget")], None, Speech())

    assert text.title == "ocr failed (#1/1)"
    assert text.body.splitlines() == [
        "Raise it: python -m agent budget raise 3000",
        "https://home.example/budget",
    ]


def test_several_are_a_list_of_headlines():
    text = text_of([told(1), told(2, "dub", link="https://home.example")], None, Speech())

    assert text.title == "2 messages"
    assert text.body.splitlines() == [
        "- ocr failed (#1/1)",
        "- dub failed (#2/1)",
        "https://home.example",
    ]


def test_what_does_not_fit_is_counted_and_named():
    text = text_of([told(number) for number in range(1, 201)], None, Speech())

    assert len(text.body) <= TEXT_LENGTH_MAX
    shown = text.body.count("- ocr failed")
    assert text.body.splitlines()[-1] == f"and {200 - shown} more, #{shown + 1}/1 to #200/1"


@pytest.mark.parametrize(
    ("seconds", "note"),
    [
        (30, ""),
        (420, "delayed 7 min (network down)"),
        (3 * 3600, "delayed 3 h (network down)"),
    ],
)
def test_a_late_message_says_so(seconds, note):
    text = text_of([told()], Late(seconds, say("network down")), Speech())

    assert text.body == note


def test_each_part_is_translated_and_its_values_are_not():
    korean = {"{name} failed": "{name} 실패", "network down": "네트워크 끊김"}
    speech = Speech(lambda template: korean.get(template, template))
    text = text_of([told(name="network down")], Late(120, say("network down")), speech)

    assert text.title == "network down 실패 (#1/1)"
    assert "네트워크 끊김" in text.body


@given(st.text(max_size=400))
def test_no_name_makes_a_line_of_its_own_or_calls_somebody(name):
    lines = [say("The workflow is {name}.", name=name), RAISE]
    text = text_of([told(name=name, lines=lines, link="https://home.example")], None, Speech())

    assert len(text.title.splitlines()) == 1
    assert len(text.body.splitlines()) == 3
    assert "@everyone" not in text.title
    assert len(text.body) <= TEXT_LENGTH_MAX + 30


def test_an_alert_comes_through_json_as_it_was():
    alert = told(7, lines=[RAISE], link="https://home.example")

    assert Told.from_json(alert.as_json()) == alert
