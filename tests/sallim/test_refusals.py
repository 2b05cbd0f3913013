"""Refused calls: few rows, few writes, and the right number in the end."""

import os
import sqlite3
from contextlib import closing

import pytest

from sallim.ledger import Ledger, refusals
from tests.sallim.money import NOW_US, WON, asked
from tests.sallim.rows import MINUTE_US, ran

MINUTE = NOW_US - NOW_US % MINUTE_US


def told(accounts):
    return {
        (row.bucket_id, row.model, row.minute_us): row.calls
        for row in accounts.refusals_since(0, 1_000)
    }


def test_refused_calls_of_a_minute_are_one_row_with_the_dearest(capped):
    for number in range(7):
        capped.reserve(asked(f"{number}", (200 + number) * WON, priority="optional"))
    capped.reserve(asked("last", 101 * WON))

    [row] = capped.refusals_since(0, 10)
    assert row[1:] == (
        *("total", "openai", "gpt-5-mini", MINUTE, "budget", "essential", 8, 206 * WON, NOW_US),
    )
    assert capped.refusals_since(row.seq, 10) == []


def test_each_bucket_model_and_minute_has_its_own(capped):
    capped.reserve(asked("a", 61 * WON, buckets=("api", "total")))
    capped.reserve(asked("b", 101 * WON, model="gpt-5"))
    capped.reserve(asked("c", 101 * WON, opened_us=MINUTE + MINUTE_US))
    capped.reserve(asked("d", 1, buckets=("workflow:ocr",)))

    assert told(capped) == {
        ("api", "gpt-5-mini", MINUTE): 1,
        ("total", "gpt-5", MINUTE): 1,
        ("total", "gpt-5-mini", MINUTE + MINUTE_US): 1,
        ("workflow:ocr", "gpt-5-mini", MINUTE): 1,
    }


@pytest.mark.slow
def test_ten_thousand_refused_calls_write_one_row_a_few_times(capped):
    with closing(sqlite3.connect(capped.path)) as other:
        for number in range(10_000):
            capped.reserve(asked(f"{number}", 101 * WON))
        [(rows, seq)] = other.execute("SELECT count(*), max(seq) FROM refusals").fetchall()
        assert rows == 1
        # Each time it doubles, and once a second.
        assert seq < 200
    assert told(capped) == {("total", "gpt-5-mini", MINUTE): 10_000}
    assert capped.calls_since(0, 10) == []


def test_a_reader_sees_a_row_again_when_it_grows(capped):
    capped.reserve(asked("a", 101 * WON))
    [first] = capped.refusals_since(0, 10)
    capped.reserve(asked("b", 101 * WON))

    [grown] = capped.refusals_since(first.seq, 10)
    assert (first.calls, grown.calls) == (1, 2)


def test_a_call_is_refused_at_once_while_another_program_writes(capped):
    capped.reserve(asked("full", 100 * WON))
    with closing(sqlite3.connect(capped.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(3):
            assert capped.reserve(asked(f"{number}", 1)).code == "budget"
        other.execute("ROLLBACK")

    assert told(capped) == {("total", "gpt-5-mini", MINUTE): 3}


def test_a_program_that_was_admitted_is_refused_without_waiting_once_another_took_the_rest(capped):
    other = Ledger.open(capped.path).accounts
    capped.reserve(asked("a", WON))
    other.reserve(asked("b", 99 * WON))
    with closing(sqlite3.connect(capped.path, isolation_level=None)) as third:
        third.execute("BEGIN IMMEDIATE")
        assert capped.reserve(asked("c", 1)).code == "budget"
    other.close()


def test_what_was_admitted_before_is_told_while_another_program_writes(capped):
    admitted = capped.reserve(asked("full", 100 * WON))
    with closing(sqlite3.connect(capped.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert capped.reserve(asked("full", 100 * WON)) == admitted


@pytest.mark.slow
def test_what_a_program_counted_is_written_when_it_ends(capped):
    code = """
import os
from sallim.ledger import Ledger, refusals
from tests.sallim.money import WON, asked
accounts = Ledger.open(os.environ["LEDGER"]).accounts
for number in range(1_000):
    accounts.reserve(asked(str(number), 101 * WON))
"""
    ran(code, LEDGER=capped.path)

    assert told(capped) == {("total", "gpt-5-mini", MINUTE): 1_000}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_does_not_count_again_what_its_parent_counted(capped):
    for number in range(100):
        capped.reserve(asked(f"{number}", 101 * WON))
    child = os.fork()
    if not child:
        code = 1
        try:
            capped.reserve(asked("child", 101 * WON))
            capped.close()
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0

    assert told(capped) == {("total", "gpt-5-mini", MINUTE): 101}


def test_closing_writes_what_is_still_counted(capped, tmp_path):
    for number in range(100):
        capped.reserve(asked(f"{number}", 101 * WON))
    capped.close()

    with closing(Ledger.open(capped.path)) as ledger:
        assert told(ledger.accounts) == {("total", "gpt-5-mini", MINUTE): 100}


def test_names_that_a_caller_makes_up_are_one_row_together(capped):
    for number in range(1_000):
        capped.reserve(asked(f"{number}", 101 * WON, model=f"ft:gpt:{number}"))
    capped.reserve(asked("later", 101 * WON, model="gpt-5", opened_us=MINUTE + MINUTE_US))

    rows = told(capped)
    assert sum(rows.values()) == 1_001
    assert len(rows) == refusals.KINDS_MAX + 2
    assert rows["total", "", MINUTE] == 1_000 - refusals.KINDS_MAX
    assert rows["total", "gpt-5", MINUTE + MINUTE_US] == 1
