"""Tables for spreadsheets: RFC 4180, no formulas, numbers as they are."""

import csv
import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.csv_text import NUMBER, RISKY, cell, csv_lines, harmless, json_lines


def reread(lines):
    return list(csv.reader(io.StringIO("".join(lines), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\tx", "\r=x", "－1", "-", "--1"]
)
def test_what_looks_like_a_formula_is_made_harmless(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-12.5", Decimal("-12.5"), -12.5], ids=repr)
def test_a_negative_number_stays_a_number(value):
    assert cell(value) == "-12.5"


def test_money_has_all_its_digits():
    assert [cell(Decimal(text)) for text in ("0.000000001", "-1E-9", "1E+3", "0.000000")] == [
        *("0.000000001", "-0.000000001", "1000", "0.000000")
    ]


def test_records_end_as_the_rfc_says_and_signs_are_quoted():
    text = "".join(csv_lines(("a", "b"), [('say "hi"', "x,y"), ("two\nlines", None)]))

    assert text == 'a,b\r\n"say ""hi""","x,y"\r\n"two\nlines",\r\n'


def test_a_table_without_rows():
    assert reread(csv_lines(("a",), [])) == [["a"]]
    assert json.loads("".join(json_lines(("a",), []))) == []


def test_money_in_json_is_a_text():
    lines = json_lines(("won", "calls", "ok"), [(Decimal("1E-6"), 2, True), (None, 0, False)])

    assert json.loads("".join(lines)) == [
        {"won": "0.000001", "calls": 2, "ok": True},
        {"won": None, "calls": 0, "ok": False},
    ]


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20),
    st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.integers(),
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=10))
def test_what_is_read_again_is_what_was_written(rows):
    read = reread(csv_lines(("a", "b"), rows))[1:]

    assert read == [[cell(value) for value in row] for row in rows]
    for written, told in zip(rows, read, strict=True):
        for value, text in zip(written, told, strict=True):
            if isinstance(value, str):
                assert text in (value, f"'{value}")
                assert not text.startswith(RISKY) or NUMBER.fullmatch(text)
            else:
                assert Decimal(text) == value


def test_a_text_that_is_harmless_is_left_alone():
    assert harmless("gpt-5-mini") == "gpt-5-mini"
