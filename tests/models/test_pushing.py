"""What a probe pushes: both ends agree, and nothing foreign gets through unseen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import IntakeRefused
from models.monitoring import Aggregate, Row, SeriesKey
from models.pushing import (
    BUCKETS_MAX,
    LABELS_MAX,
    ROWS_MAX,
    Head,
    push_of,
    text_of_push,
    text_of_rows,
)

HEAD = Head("0123456789abcdef", "7-a1", 'gpu "1" 🚀 <b>', "0.1.0", 10.0, dropped=3)
AT = 1_795_413_600


def row(name="machine.cpu.utilization", value=(0.5, 0.25, 0.75, 3), **labels) -> Row:
    key = SeriesKey(HEAD.machine, name, tuple(sorted(labels.items())))
    return Row(key, "1", AT, Aggregate(*value))


def shape_of(*rows: Row, **changes) -> dict:
    text = text_of_push(HEAD, [(1, AT, text_of_rows(rows))])
    return {**json.loads(text), **changes}


def test_what_is_written_is_what_is_read():
    rows = (row(), row(value=(2.0, 2.0, 2.0, 1)), row(device="sda", direction="읽기"))
    push = push_of(shape_of(*rows))

    assert push.machine == HEAD.machine
    assert (push.probe, push.run, push.dropped, push.leaving) == (HEAD.probe, HEAD.run, 3, False)
    assert [(bucket.seq, bucket.at) for bucket in push.buckets] == [(1, AT)]
    assert push.buckets[0].rows == rows


def test_a_row_of_one_value_takes_little_room():
    assert text_of_rows([row(value=(2.5, 2.5, 2.5, 1))]) == '[["machine.cpu.utilization",{},2.5]]'


def refusal_of(shape: object) -> str:
    """Why it is refused, "" where it is read."""
    try:
        push_of(shape)
    except IntakeRefused as refusal:
        return str(refusal)
    return ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


@given(JSON)
def test_whatever_json_comes_in_is_a_push_or_a_sentence(shape):
    with pytest.raises(IntakeRefused):
        push_of(shape)


@given(st.sampled_from(sorted(shape_of(row()))), JSON)
def test_a_push_with_one_strange_part_is_read_or_refused(name, part):
    assert len(refusal_of(shape_of(row(), **{name: part}))) < 400


@given(JSON)
def test_a_bucket_of_anything_is_read_or_refused(part):
    for buckets in ([part], [[1, AT, part]], [[1, AT, [part]]], [[1, AT, [["a", part, 1]]]]):
        assert len(refusal_of(shape_of(buckets=buckets))) < 400


@pytest.mark.parametrize(
    ("buckets", "said"),
    [
        ([[0, AT, []]], "no whole number from 1"),
        ([[1, -5, []]], "no whole number from 0"),
        ([[1, 10**40, []]], "a very long number"),
        ([[1, AT, [["a", {}, float("nan")]]]], "no number that can be stored"),
        ([[1, AT, [["a", {}, float("inf")]]]], "no number that can be stored"),
        ([[1, AT, [["a", {}, 10**400]]]], "a very long number"),
        ([[1, AT, [["a", {}, True]]]], "is no number"),
        ([[1, AT, [["a" * 301, {}, 1]]]], "no name of a metric"),
        ([[1, AT, [["a\nb", {}, 1]]]], "no name of a metric"),
        ([[1, AT, [["a", {"b": "c" * 301}, 1]]]], "no label with a short text"),
        ([[1, AT, [["a", dict.fromkeys(map(str, range(LABELS_MAX + 1)), ""), 1]]]], "16 labels"),
        ([[1, AT, [["a", {}, 1]] * (ROWS_MAX + 1)]], "at most 5000 rows"),
        ([[1, AT, []]] * (BUCKETS_MAX + 1), "a list of at most 60"),
        ([[2, AT, []], [2, AT, []]], "must grow"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_named(buckets, said):
    with pytest.raises(IntakeRefused, match=said):
        push_of(shape_of(buckets=buckets))


@pytest.mark.parametrize("machine", ["", " gpu", "a\nb", "x" * 65, "\u202egpu", None, 7])
def test_a_machine_needs_a_name_that_can_be_shown(machine):
    with pytest.raises(IntakeRefused, match="machine must be"):
        push_of(shape_of(machine=machine))


def test_a_push_of_another_format_is_told_apart_from_a_broken_one():
    with pytest.raises(IntakeRefused, match="it speaks format 1, not 2") as refusal:
        push_of(shape_of(format=2))

    assert refusal.value.status == 426
