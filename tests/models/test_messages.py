import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.messages import Message, say

NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8)
PLAIN = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
VALUES = PLAIN | st.builds(Message, st.text(), st.dictionaries(NAMES, PLAIN))


@given(st.text(), st.dictionaries(NAMES, VALUES))
def test_a_message_goes_over_the_wire_and_back_unchanged(template, values):
    message = Message(template, values)

    assert Message.from_json(json.loads(json.dumps(message.as_json()))) == message


def test_a_message_is_its_english_sentence():
    assert str(say("{path}: {reason}", path="/srv", reason="gone")) == "/srv: gone"


def test_a_value_may_be_a_message():
    assert str(say("late by {time}", time=say("{n} min", n=3))) == "late by 3 min"


def test_numbers_may_be_formatted_in_the_template():
    assert str(say("{share:.0%} of {size} s", share=0.256, size=3)) == "26% of 3 s"


@pytest.mark.parametrize("values", [None, [], "text", 7])
def test_a_message_without_usable_values_keeps_its_template(values):
    assert Message.from_json({"template": "it stopped", "values": values}) == say("it stopped")


def test_a_value_with_braces_is_not_a_template():
    assert str(say("{name} ended", name="{pid}")) == "{pid} ended"
