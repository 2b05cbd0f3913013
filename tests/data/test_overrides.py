"""Raises and releases are kept, end once, and survive a restart and a damaged file."""

import sqlite3
from contextlib import closing

import pytest

from data.budget import keep_stop, stops, take_over, take_over_events, told, watermark
from data.control import Control
from data.home import Home
from data.ops.control_opening import open_control
from data.ops.quarantine import Quarantine
from data.overrides import KEPT_SECONDS, end_those_over, overrides, put, revoke
from models.budget.kept import ORDERED, Stop, Told
from models.budget.overrides import Override

RAISED = Override("a", "api", 3_000, "a demo", "kim", 1_000, 2_000)
LINE = Told("api", 5, 7, "threshold", 700_000, "", 9, 100, 70, "call-1", 6, 8)


def keep(control, *known):
    with control.transaction() as connection:
        for override in known:
            put(connection, override)


def test_they_are_there_after_a_restart_also_with_whole_seconds(control, path):
    keep(control, RAISED, RAISED._replace(override_id="b", created_at=999.5))
    with control.transaction() as connection:
        assert revoke(connection, "b", 1_500)
    control.close()
    control = Control.open(path)

    assert [each.override_id for each in overrides(control)] == ["b", "a"]
    assert overrides(control)[0].revoked_at == 1_500.0
    control.close()


def test_one_that_is_not_known_or_over_cannot_be_revoked(control):
    keep(control, RAISED)
    with control.transaction() as connection:
        assert not revoke(connection, "c", 1_500)
        assert not revoke(connection, "a", 2_000)


def test_what_is_over_is_written_down_once_and_forgotten_after_a_year(control):
    keep(control, RAISED, RAISED._replace(override_id="b", expires_at=9_000))

    assert [each.override_id for each in end_those_over(control, 2_000)] == ["a"]
    assert end_those_over(control, 2_001) == []
    assert not overrides(control)[0].is_live(1_500)
    end_those_over(control, 9_000 + KEPT_SECONDS)
    assert [each.override_id for each in overrides(control)] == ["b"]


def test_a_line_is_taken_over_once_with_what_is_told_of_it(control):
    said = []

    def tell(connection, row):
        said.append(row.bucket_id)

    assert watermark(control, "ledger") is None
    assert take_over_events(control, "ledger", 3, [LINE], tell) == [LINE]
    assert take_over_events(control, "ledger", 4, [LINE], tell) == []
    assert take_over(control, [LINE, LINE._replace(version=8)], tell) == [LINE._replace(version=8)]
    assert said == ["api", "api"]
    assert watermark(control, "ledger") == 4
    assert len(told(control, 5)) == 2
    assert told(control, 6) == []


def test_a_line_whose_message_cannot_be_written_is_not_taken_over(control):
    def tell(connection, row):
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        take_over_events(control, "ledger", 3, [LINE], tell)

    assert told(control, 0) == []
    assert watermark(control, "ledger") is None


def test_a_control_that_is_made_anew_keeps_them(control, path, tmp_path):
    keep(control, RAISED, RAISED._replace(override_id="b"))
    take_over(control, [LINE], lambda connection, row: None)
    keep_stop(control, Stop("total", 5, 7, ORDERED, '["gpu"]', "", 8))
    control.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE overrides SET delta_krw = 99999 WHERE override_id = 'b'")
    control, anew = open_control(path, Quarantine(Home(tmp_path), 10.0))

    assert anew
    assert [each.override_id for each in overrides(control)] == ["a"]
    assert told(control, 0) == [LINE]
    assert [stop.targets for stop in stops(control)] == ['["gpu"]']
    control.close()
