"""control.sqlite3: the account of the store, each row with its checksum."""

import sqlite3
from contextlib import closing

import pytest

from data.control import MIGRATIONS, Control, Flush, Loss, PeriodRows, SeriesRow
from data.ops.control_opening import open_control
from data.ops.quarantine import Quarantine
from models.errors import StoreDamaged, StoreError
from models.tiers import DAY_SECONDS
from tests.data.stores import NOON, home_in

DAY = NOON // DAY_SECONDS * DAY_SECONDS


def flushes(count: int, first_at: int = DAY) -> list[Flush]:
    return [Flush(seq, 300, first_at + seq, first_at + seq) for seq in range(1, count + 1)]


def test_what_was_acknowledged_is_there_after_a_restart(control, path):
    control.acknowledge(flushes(3), [SeriesRow(1, "vps", "cpu", "1", "{}", NOON)])
    control.close()
    control = Control.open(path)

    assert control.flushes() == flushes(3)
    assert control.last_seq() == 3
    assert control.series() == [SeriesRow(1, "vps", "cpu", "1", "{}", NOON)]
    control.close()


def test_flushes_of_a_dropped_day_become_one_sum(control):
    control.acknowledge(flushes(3))
    control.acknowledge([Flush(4, 300, DAY + DAY_SECONDS, DAY + DAY_SECONDS)])
    control.retire("samples_20251123", DAY)
    control.acknowledge([Flush(5, 7, DAY, DAY + 30, rows_lost=2)])
    control.retire("samples_20251123", DAY)

    assert [flush.seq for flush in control.flushes()] == [4]
    assert control.flush_days() == [(DAY, 4, 907, 2, 1, 5)]
    assert control.last_seq() == 5


@pytest.mark.slow
def test_sums_of_days_are_kept_about_as_long_as_the_history(control):
    for day in range(500):
        at = DAY + day * DAY_SECONDS
        control.acknowledge([Flush(day + 1, 300, at, at)])
        control.retire("a table", at)

    assert len(control.flush_days()) == 401
    assert control.last_seq() == 500


def test_losses_are_written_down_with_the_flushes_they_shorten(control):
    loss = Loss(NOON, "samples_20251123", 2, 2, 10, DAY, DAY + 20, "a test", "")
    control.acknowledge(flushes(3))
    control.record_losses([loss], [flushes(3)[1]._replace(rows_lost=10)])

    assert control.losses() == [loss]
    assert [flush.rows_lost for flush in control.flushes()] == [0, 10, 0]


def delete_all_and_fail(control: Control) -> None:
    with control.transaction() as connection:
        connection.execute("DELETE FROM flushes")
        connection.execute("SELECT * FROM nowhere")


def test_all_or_nothing(control):
    control.acknowledge(flushes(1))
    with pytest.raises(StoreDamaged, match="nowhere"):
        delete_all_and_fail(control)

    assert control.flushes() == flushes(1)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE flushes SET row_count = 299 WHERE seq = 2",
        "UPDATE losses SET cause = 'another'",
        "UPDATE period_rows SET row_count = 4",
        "UPDATE series SET name = 'gpu'",
        "DROP TABLE flush_days",
    ],
)
def test_a_changed_row_is_found_at_opening_and_the_others_are_kept(tmp_path, change):
    home = home_in(tmp_path)
    control = Control.open(home.control)
    control.acknowledge(flushes(3), [SeriesRow(1, "vps", "cpu", "1", "{}", NOON)])
    control.record_losses([Loss(NOON, "t", None, None, 1, 0, 0, "a test", "")], [])
    control.note_period_rows([PeriodRows("t", 3, 0, 1)])
    control.close()
    with closing(sqlite3.connect(home.control)) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises(StoreDamaged):
        Control.open(home.control)
    control, is_rebuilt = open_control(home.control, Quarantine(home, NOON))

    assert is_rebuilt
    rows = (control.flushes(), control.losses(), control.period_rows(), control.series())
    assert sum(map(len, rows)) == (6 if "DROP" in change else 5)
    control.close()


def test_the_state_of_the_agent_is_kept_by_key(control):
    assert control.state("closed_at_seq") is None
    control.set_state("closed_at_seq", "12")
    control.set_state("closed_at_seq", "13")

    assert control.state("closed_at_seq") == "13"


def test_nobody_else_touches_it_while_the_agent_runs(control, path):
    control.acknowledge(flushes(1))
    with (
        closing(sqlite3.connect(path, timeout=0.1)) as other,
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("SELECT * FROM flushes")


def test_a_newer_file_is_refused(path):
    Control.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer version"):
        Control.open(path)
