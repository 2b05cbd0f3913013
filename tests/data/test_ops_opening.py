"""The rungs of the start-up ladder, one by one; tests/faults tries damage anywhere."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from data.control import Control, PeriodRows
from data.home import Home
from data.ops.connection import BLOCK_BYTES, open_for_writing, wal_of
from data.ops.copying import mend_rollups
from data.ops.quarantine import Quarantine, tidy
from data.ops.salvage import complete_of, unfinished_of
from models.errors import StoreDamaged, StoreError, StoreLocked
from tests.data.stores import NOON, ask, flip, home_in, one, opened, rows_at, write_ticks

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path) -> Home:
    return home_in(tmp_path)


@pytest.fixture
def crashed(home, tmp_path) -> Home:
    """A home as a killed agent leaves it: forty flushes, of which the last twenty are in WALs."""
    store = opened(home)
    write_ticks(store, NOON, 20)
    store.close()
    store = opened(home, NOON + 200)
    write_ticks(store, NOON + 200, 20)
    copied = Home(tmp_path / "crashed")
    shutil.copytree(home.path, copied.path)
    store.close()
    assert wal_of(copied.ops).stat().st_size > 0
    return copied


def test_a_crash_alone_loses_nothing_and_needs_no_repair(crashed):
    store = opened(crashed, NOON + 400)

    assert (store.report.losses, store.report.messages) == ((), ())
    assert one(store, "SELECT count(*) FROM samples") == 200
    store.close()


def test_a_damaged_entry_of_the_wal_costs_only_what_comes_after_it(crashed):
    wal = wal_of(crashed.ops)
    flip(wal, [wal.stat().st_size // 2])
    store = opened(crashed, NOON + 400)
    (loss,) = store.report.losses

    assert (loss.table_name, loss.last_seq) == ("samples_20251123", 40)
    assert 25 <= loss.first_seq <= 35
    assert loss.rows_lost == 5 * (41 - loss.first_seq)
    assert loss.first_at == NOON + 10 * loss.first_seq - 20
    assert "checksum" in loss.cause
    assert one(store, "SELECT count(*) FROM samples") == 200 - loss.rows_lost
    assert [file.name for file in store.report.quarantine.iterdir()] == [wal.name]
    assert store.status().rows_lost == loss.rows_lost
    assert "rows of samples_20251123 are lost (flushes" in str(store.report.messages[0])
    store.close()


def test_a_wal_that_vanished_is_accounted_for_by_seq(crashed):
    wal_of(crashed.ops).unlink()
    store = opened(crashed, NOON + 400)
    raw, *rolled = store.report.losses

    assert (raw.first_seq, raw.last_seq, raw.rows_lost) == (21, 40, 100)
    # The minutes that were folded from those rows already cannot be folded again.
    assert [(loss.table_name, loss.first_seq) for loss in rolled] == [("samples_1m_20251123", None)]
    assert store.write(rows_at(NOON + 400), NOON + 410) == 41
    store.close()


def test_a_store_that_vanished_is_accounted_for_by_seq(crashed):
    crashed.ops.unlink()
    wal_of(crashed.ops).unlink()
    store = opened(crashed, NOON + 400)

    assert sum(loss.rows_lost for loss in store.report.losses if loss.first_seq) == 200
    assert ask(store, "SELECT count(*) FROM series") == [(5,)]
    store.close()


def test_series_that_came_back_keep_their_ids_for_what_is_written_next(crashed):
    crashed.ops.unlink()
    wal_of(crashed.ops).unlink()
    store = opened(crashed, NOON + 400)
    store.write(list(reversed(rows_at(NOON + 400, 6))), NOON + 410)
    written = ask(
        store,
        "SELECT series.labels, mean FROM samples JOIN series ON series.id = series_id ORDER BY 1",
    )

    assert written == [(f'{{"number": "{number}"}}', 1.0 + number) for number in range(6)]
    store.close()


def test_a_file_that_is_no_database_is_kept_aside_and_begun_anew(crashed):
    crashed.ops.write_bytes(b"not a database at all" * 1_000)
    store = opened(crashed, NOON + 400)

    assert sum(loss.rows_lost for loss in store.report.losses if loss.first_seq) == 200
    kept = store.report.quarantine / "ops.duckdb"
    assert kept.read_bytes().startswith(b"not a database")
    store.close()


def test_rows_that_control_does_not_know_yet_are_acknowledged_at_opening(crashed):
    with closing(sqlite3.connect(crashed.control)) as control:
        control.execute("DELETE FROM flushes WHERE seq > 38")
        control.commit()
    store = opened(crashed, NOON + 400)
    assert store.report.losses == ()
    store.close()

    with closing(sqlite3.connect(crashed.control)) as control:
        assert control.execute("SELECT max(seq), count(*) FROM flushes").fetchone() == (40, 40)


def test_a_damaged_control_is_made_anew_from_the_store(crashed):
    for suffix in ("-wal", "-shm"):
        crashed.control.with_name(crashed.control.name + suffix).unlink(missing_ok=True)
    crashed.control.write_bytes(b"x" * 8_192)
    store = opened(crashed, NOON + 400)
    assert store.report.losses == ()
    assert "control.sqlite3 was damaged" in str(store.report.messages[0])
    assert (store.report.quarantine / "control.sqlite3").exists()
    store.close()

    with closing(sqlite3.connect(crashed.control)) as control:
        assert control.execute("SELECT count(*), sum(row_count) FROM flushes").fetchone() == (
            40,
            200,
        )
        assert control.execute("SELECT count(*) FROM series").fetchone() == (5,)


def test_damage_that_comes_while_it_runs_is_told_and_repaired_by_a_restart(home):
    store = opened(home)
    write_ticks(store, NOON, 30, count=300)
    store.close()
    store = opened(home, NOON + 300)
    flip(home.ops, range(3 * 4_096 + 100, home.ops.stat().st_size, BLOCK_BYTES))
    with pytest.raises(StoreDamaged, match="Restart the agent"):
        one(store, "SELECT sum(mean) FROM samples")
    assert store.status().state == "broken"
    assert "Restart the agent" in str(store.status().reason)
    store.close()
    store = opened(home, NOON + 400)

    assert sum(loss.rows_lost for loss in store.report.losses if loss.first_seq) > 0
    assert store.status().state == "ok"
    store.close()


def test_a_store_with_blocks_of_another_size_is_written_on_and_salvaged(home, monkeypatch):
    size = "SELECT block_size FROM pragma_database_size()"
    with monkeypatch.context() as patch:
        patch.setattr("data.ops.connection.BLOCK_BYTES", 262_144)
        store = opened(home)
        write_ticks(store, NOON, 30, count=300)
        store.close()
    store = opened(home, NOON + 300)
    write_ticks(store, NOON + 300, 5, count=300)
    assert (one(store, size), one(store, "SELECT count(*) FROM samples")) == (262_144, 10_500)
    store.close()
    # Its second block; the others are good.
    flip(home.ops, range(3 * 4_096 + 262_144 + 100, home.ops.stat().st_size, 1 << 30))
    store = opened(home, NOON + 400)

    assert one(store, size) == BLOCK_BYTES
    lost = sum(loss.rows_lost for loss in store.report.losses if loss.first_seq)
    assert one(store, "SELECT count(*) FROM samples") == 10_500 - lost
    store.close()


def test_a_salvage_that_a_crash_cut_short_is_made_up_for(crashed):
    # As after the new file was complete, and before the damaged one was moved away.
    store = opened(crashed, NOON + 400)
    store.close()
    shutil.copy(crashed.ops, complete_of(crashed.ops))
    unfinished_of(crashed.ops).write_bytes(b"half")
    crashed.ops.write_bytes(b"damaged")
    store = opened(crashed, NOON + 500)

    assert store.report.losses == ()
    assert one(store, "SELECT count(*) FROM samples") == 200
    assert not unfinished_of(crashed.ops).exists()
    assert not complete_of(crashed.ops).exists()
    store.close()


def test_rollups_that_vanished_are_folded_again_while_there_are_raw_rows(home):
    store = opened(home)
    write_ticks(store, NOON, 90)
    store.close()
    connection = open_for_writing(home.ops)
    sql = "SELECT epoch(taken_at), series_id, mean, min, max, n FROM samples_1m ORDER BY 1, 2"
    before = connection.execute(sql).fetchall()
    assert len(before) > 50
    connection.execute("DELETE FROM samples_1m_20251123 WHERE epoch_us(taken_at) % 7 = 0")
    connection.execute("DELETE FROM samples_1m_20251123 WHERE series_id = 2")
    connection.execute("DELETE FROM rollups")
    mend_rollups(connection)

    assert connection.execute(sql).fetchall() == before
    connection.close()


def test_rollups_that_cannot_be_folded_again_are_accounted_for_by_table(crashed):
    control = Control.open(crashed.control)
    control.note_period_rows([PeriodRows("samples_10m_202508", 77, NOON - 9_000_000, NOON)])
    control.close()
    crashed.ops.write_bytes(b"damaged")
    store = opened(crashed, NOON + 500)

    rolled = {loss.table_name: loss.rows_lost for loss in store.report.losses if not loss.first_seq}
    assert rolled["samples_10m_202508"] == 77
    store.close()
    store = opened(crashed, NOON + 600)
    assert store.report.losses == ()
    store.close()


def test_a_file_that_somebody_else_holds_is_not_taken_for_damaged(home):
    opened(home).close()
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True);"
        " sys.stdin.read()"
    )
    import subprocess
    import sys

    with subprocess.Popen(
        [sys.executable, "-c", script, str(home.ops)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StoreLocked, match="another process has it open"):
            opened(home)
        other.stdin.close()
        other.stdout.close()

    assert not home.quarantine.exists()
    opened(home).close()


def test_a_control_of_a_newer_version_is_refused(home):
    opened(home).close()
    with closing(sqlite3.connect(home.control)) as control:
        control.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        opened(home)


def test_two_quarantines_are_kept_and_older_ones_go(home, tmp_path):
    damaged = tmp_path / "damaged"
    for hour in range(4):
        damaged.write_bytes(b"x" * 1_000)
        Quarantine(home, NOON + hour * 3_600).move(damaged, "a test")
    tidy(home, 1_000_000)
    assert sorted(folder.name for folder in home.quarantine.iterdir()) == [
        "20251123T140000Z",
        "20251123T150000Z",
    ]
    tidy(home, 1_500)

    assert [folder.name for folder in home.quarantine.iterdir()] == ["20251123T150000Z"]
