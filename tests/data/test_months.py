"""Closes and plans in control: one row a month, told only when it is closed, whatever the order."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.control import Control
from data.months import (
    charge,
    close_month,
    closes,
    correct_close,
    plans,
    put_plan,
    reopen,
    revoke_plans,
)
from models.budget.kept_months import NOBODY_SAID, REOPENED, KeptClose, KeptPlan

MONTH, ENDS = "2026-11", 1_796_050_800.0
step = st.tuples(st.sampled_from(["close", "correct", "reopen", "charge"]), st.sampled_from("ab"))


def row(document, at=ENDS):
    return KeptClose(MONTH, 1, at, at, ENDS, NOBODY_SAID, "", 0.0, document)


@given(st.lists(step, max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_month_is_one_row_and_told_once_each_time_it_is_open(steps):
    with tempfile.TemporaryDirectory() as folder:
        control = Control.open(Path(folder) / "control.sqlite3")
        told, is_closed, charged, revision = 0, False, NOBODY_SAID, 0
        for number, (what, document) in enumerate(steps, start=1):
            before = told
            if what == "close":
                tellings = []
                fresh = close_month(control, row(document, ENDS + number), tellings.append)
                told += len(tellings)
                assert fresh == (not is_closed) == (told > before)
                is_closed = True
            elif what == "correct":
                correct_close(control, MONTH, document, ENDS + number)
            elif what == "reopen":
                reopen(control, MONTH, ENDS + number)
                is_closed = False
            elif charge(control, MONTH, number, "kim", ENDS + number):
                charged = number
            kept = closes(control)
            assert len(kept) <= 1
            if kept:
                assert (kept[0].closed_at != REOPENED) == is_closed
                assert kept[0].charged_micro == charged
                assert kept[0].revision >= revision
                revision = kept[0].revision
        control.close()
        # Rows are read again as they were written.
        Control.open(Path(folder) / "control.sqlite3").close()


def test_a_close_and_its_message_are_there_both_or_neither(tmp_path):
    control = Control.open(tmp_path / "control.sqlite3")

    def fails(connection):
        raise OSError("the outbox is full")

    with pytest.raises(OSError, match="the outbox is full"):
        close_month(control, row("a"), fails)
    assert closes(control) == []
    control.close()


def test_a_plan_is_kept_once_and_ends_with_the_next(tmp_path):
    control = Control.open(tmp_path / "control.sqlite3")
    plan = KeptPlan("p", "2026-12", '{"total": 1}', "lean", "kim", 1)
    put_plan(control, plan)
    put_plan(control, plan._replace(amounts="{}"))
    assert plans(control) == [plan]
    put_plan(control, plan._replace(plan_id="q", created_at=2.0))
    put_plan(control, plan._replace(plan_id="r", month="2027-01", created_at=3.0))

    assert [(each.plan_id, each.revoked_at) for each in plans(control)] == [
        ("p", 2.0),
        ("q", None),
        ("r", None),
    ]
    assert [each.plan_id for each in revoke_plans(control, "2026-12", 4.0)] == ["q"]
    assert revoke_plans(control, "2026-12", 5.0) == []
    control.close()
