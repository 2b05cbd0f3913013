"""The chain of the audit: what was changed, taken out, put in or cut off is found, and where."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audit import (
    HEADER,
    SENT_MAX,
    AuditHead,
    AuditRow,
    Entry,
    cells,
    following,
    hash_of,
    text_of,
    verify,
)
from models.requests import Actor

AT_US = 1_795_000_000_000_000
OWNER = Actor("minji", "owner", "page", "10.0.0.7")


def entry(number: int) -> Entry:
    return Entry(AT_US + number, "accepted", f"r{number}", OWNER, "raise", "api", {}, {}, "so")


def chain(count: int) -> tuple[list[AuditRow], AuditHead | None]:
    rows: list[AuditRow] = []
    head = None
    for number in range(count):
        rows.append(following(head, entry(number)))
        head = AuditHead(1, rows[-1].seq, rows[-1].sha256)
    return rows, head


def test_rows_that_follow_one_another_are_intact():
    assert verify(*chain(50)) == (50, "")
    assert verify([], None) == (0, "")


@pytest.mark.parametrize("field", [*AuditRow._fields])
def test_any_field_that_was_changed_shows(field):
    rows, head = chain(5)
    value = getattr(rows[2], field)
    rows[2] = rows[2]._replace(**{field: value + 1 if isinstance(value, int) else value + "x"})

    verdict = verify(rows, head)

    assert verdict.rows == 2
    assert verdict.broken


def test_a_row_changed_with_a_new_hash_breaks_the_next_one():
    rows, head = chain(5)
    changed = rows[2]._replace(who="nobody")
    rows[2] = changed._replace(sha256=hash_of(changed))

    assert verify(rows, head) == (3, "row 4 does not follow the one before it")


def test_the_last_row_changed_with_a_new_hash_is_not_the_head():
    rows, head = chain(5)
    changed = rows[4]._replace(result="refused")
    rows[4] = changed._replace(sha256=hash_of(changed))

    assert verify(rows, head) == (5, "row 5 is not the last that was written")


def test_a_row_that_was_taken_out_is_missed():
    rows, head = chain(5)

    assert verify([*rows[:2], *rows[3:]], head) == (2, "row 3 is missing")
    assert verify(rows[1:], head) == (0, "row 1 is missing")


def test_rows_that_were_cut_off_are_missed():
    rows, head = chain(5)

    assert verify(rows[:3], head) == (3, "row 4 is missing, and all up to 5")
    assert verify([], head) == (0, "row 1 is missing, and all up to 5")
    assert verify(rows, None).broken == "the head is missing, so the last rows may be, too"


def test_a_row_that_was_put_in_shows():
    rows, head = chain(5)
    rows.insert(2, rows[1])

    assert verify(rows, head) == (2, "row 2 stands there twice")


@given(st.integers(2, 20), st.randoms(use_true_random=False))
def test_no_order_but_their_own_is_intact(count, chance: random.Random):
    rows, head = chain(count)
    shuffled = chance.sample(rows, count)

    assert bool(verify(shuffled, head).broken) == (shuffled != rows)


def test_what_is_too_long_is_named_by_its_length():
    assert text_of({"b": 1, "a": "살림"}) == '{"a": "살림", "b": 1}'
    assert text_of({"a": "x" * SENT_MAX}) == '{"left_out_characters": 2009}'


def test_a_row_is_exported_with_its_moment_in_utc():
    [row], _ = chain(1)

    told = dict(zip(HEADER, cells(row), strict=True))

    assert told["at_utc"] == "2026-11-18T11:06:40Z"
    assert (told["who"], told["address"], told["sha256"]) == ("minji", "10.0.0.7", row.sha256)
