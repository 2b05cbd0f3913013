"""A file that ends the process which reads it: of the child's end, the agent makes a sentence."""

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from data.home import Home
from data.ops import apart, salvage
from data.ops.connection import wal_of
from models.errors import StoreError
from tests.data.stores import NOON, counts_by_seq, home_in, one, opened, write_ticks
from tests.faults.writer import FORKING
from tests.processes import until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DYING = Path(__file__).parents[1] / "faults" / "dying_child.py"
TICKS, SERIES = 100, 50
"""5,000 raw rows: two vectors and a part of a third."""
RAW_TABLE = "samples_20251123"


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Home:
    home = home_in(tmp_path_factory.mktemp("kept"))
    store = opened(home)
    write_ticks(store, NOON, TICKS, count=SERIES)
    store.close()
    return home


@pytest.fixture
def home(kept, tmp_path) -> Home:
    return Home(Path(shutil.copytree(kept.path, tmp_path / "home")))


def let_die(monkeypatch, step: str, how: str = "SIGSEGV", *more: str) -> None:
    monkeypatch.setattr(apart, "COMMAND", (sys.executable, str(DYING), step, how, *more))


def test_a_file_that_ends_its_reader_is_repaired_around_the_rows_that_do(home, monkeypatch):
    let_die(monkeypatch, f"reading .*|rows of {RAW_TABLE} at 2048")
    died: list[str] = []
    copy_apart = salvage.copy_apart

    def copy_and_let_live(target, source, now, fatal):
        died[:] = fatal
        copy_apart(target, source, now, fatal)
        monkeypatch.undo()

    monkeypatch.setattr(salvage, "copy_apart", copy_and_let_live)
    store = opened(home, NOON + 2_000)

    raw = [loss for loss in store.report.losses if loss.first_seq is not None]
    assert sum(loss.rows_lost for loss in raw) == 2_048
    assert "ended with SIGSEGV at the step: reading" in raw[0].cause
    counts = counts_by_seq(store)
    assert sum(counts.values()) == TICKS * SERIES - 2_048
    missing = {seq for seq in range(1, TICKS + 1) if counts.get(seq) != SERIES}
    assert missing == {seq for loss in raw for seq in range(loss.first_seq, loss.last_seq + 1)}
    # One death a halving, from a row group down to a vector.
    assert len(died) == 7
    assert one(store, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'salvaged'") == 0
    store.close()
    assert_quiet(home)


def test_a_table_that_cannot_be_read_anywhere_costs_a_bounded_number_of_deaths(home, tmp_path):
    target = tmp_path / "new"
    deaths = 0
    with pytest.MonkeyPatch.context() as patch:
        let_die(patch, f"rows of {RAW_TABLE} at .*")
        copy_apart = salvage.copy_apart

        def counted(*arguments):
            nonlocal deaths
            deaths += 1
            copy_apart(*arguments)

        patch.setattr(salvage, "copy_apart", counted)
        assert salvage.salvage(home.ops, NOON + 2_000)
    salvage.complete_of(home.ops).rename(target)
    findings = apart.look_apart(target)

    assert deaths < 40
    assert findings.counts == {}
    assert len(findings.flushes) == TICKS


@pytest.mark.parametrize("step", ["sealed periods", "rollups", "checkpoint", "columns of things"])
def test_a_death_at_any_other_step_of_a_salvage_costs_that_step_only(home, monkeypatch, step):
    before = apart.look_apart(home.ops)
    let_die(monkeypatch, step, "SIGABRT")
    assert salvage.salvage(home.ops, NOON + 2_000)
    monkeypatch.undo()
    after = apart.look_apart(salvage.complete_of(home.ops))

    assert after.counts == before.counts
    assert after.flushes == before.flushes


def test_a_file_that_cannot_even_be_opened_is_kept_aside_and_begun_anew(home, monkeypatch):
    let_die(monkeypatch, "opening( ops.duckdb)?", "SIGBUS")
    was = home.ops.read_bytes()
    finish = salvage.finish

    def finish_and_let_live(*arguments):
        finish(*arguments)
        monkeypatch.undo()

    monkeypatch.setattr("data.ops.repair.finish", finish_and_let_live)
    store = opened(home, NOON + 2_000)

    assert sum(loss.rows_lost for loss in store.report.losses if loss.first_seq) == TICKS * SERIES
    assert (store.report.quarantine / "ops.duckdb").read_bytes() == was
    store.close()
    assert_quiet(home)


def test_a_step_that_computes_without_end_is_damage(home, monkeypatch):
    let_die(monkeypatch, "reading flushes", "spin")
    with pytest.raises(apart.ReaderEnded, match="SIGPROF at the step: reading flushes"):
        apart.look_apart(home.ops)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [("SIGKILL", "killed from outside"), ("SIGTERM", "killed from outside"), ("exit", "code 1")],
)
@pytest.mark.parametrize("step", ["opening ops.duckdb", "reading flushes"])
def test_an_end_that_is_not_the_files_fault_changes_nothing(home, monkeypatch, step, how, sentence):
    let_die(monkeypatch, step, how)
    with pytest.raises(StoreError, match=f"ops.duckdb: .*{sentence}.*[Ss]tart again"):
        opened(home, NOON + 2_000)
    monkeypatch.undo()

    assert not home.quarantine.exists()
    assert_quiet(home)


def test_a_salvage_that_is_killed_from_outside_is_begun_again_at_the_next_start(home, monkeypatch):
    let_die(monkeypatch, "reading series", "SIGSEGV", "sealed periods", "SIGKILL")
    with pytest.raises(StoreError, match="killed from outside"):
        opened(home, NOON + 2_000)
    monkeypatch.undo()
    store = opened(home, NOON + 2_000)

    assert store.report.losses == ()
    assert counts_by_seq(store) == dict.fromkeys(range(1, TICKS + 1), SERIES)
    assert not salvage.unfinished_of(home.ops).exists()
    store.close()
    assert_quiet(home)


def test_a_silent_child_is_given_up_with_a_sentence(home, monkeypatch):
    let_die(monkeypatch, "reading flushes", "hang")
    monkeypatch.setattr(apart, "SILENCE_SECONDS_MAX", 2.0)
    others = psutil.Process().children()
    with pytest.raises(StoreError, match="no sign of life for 2 s"):
        apart.look_apart(home.ops)
    assert psutil.Process().children() == others


def test_without_room_for_a_process_the_sentence_says_so(home, monkeypatch):
    monkeypatch.setattr(apart, "COMMAND", ("/nonexistent/python",))
    with pytest.raises(StoreError, match="no process could be started to read it"):
        apart.look_apart(home.ops)


def open_with_a_child_that_hangs(path: Path) -> None:
    apart.COMMAND = (sys.executable, str(DYING), "reading flushes", "hang")
    with suppress(StoreError):
        opened(Home(path), NOON + 2_000)


def test_the_child_dies_with_whoever_started_it(home):
    opener = FORKING.Process(target=open_with_a_child_that_hangs, args=(home.path,))
    opener.start()
    (child,) = until(lambda: psutil.Process(opener.pid).children())
    # It must be past its first lines, in which it would find by itself that nobody is there.
    until(lambda: holds(child, home.ops))
    opener.kill()
    opener.join()

    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert_quiet(home)


def holds(process: psutil.Process, path: Path) -> bool:
    with suppress(psutil.Error, OSError):  # A file may be closed between two looks.
        return f" {path}\n" in "".join(
            f" {Path(f'/proc/{process.pid}/fd/{file.name}').readlink()}\n"
            for file in Path(f"/proc/{process.pid}/fd").iterdir()
        )
    return False


def test_the_child_reads_everything_and_loads_nothing_heavy(home):
    script = """
import json, sys
from pathlib import Path
from data.lean import stay_lean
stay_lean()
from data.ops.child import Steps, look
findings = look(Path(sys.argv[1]), Steps(lambda step: None))
heavy = [name for name in ("numpy", "pandas", "pyarrow", "pydantic") if sys.modules.get(name)]
print(json.dumps([heavy, findings.rows]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(home.ops)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    heavy, rows = json.loads(done.stdout)

    assert heavy == []
    assert rows > TICKS * SERIES


def test_a_home_without_a_store_needs_no_child(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "COMMAND", ("/nonexistent/python",))
    opened(home_in(tmp_path)).close()


def assert_quiet(home: Home) -> None:
    store = opened(home, NOON + 3_000)
    assert store.report.losses == ()
    assert store.report.quarantine is None
    store.close()
    assert not wal_of(home.ops).exists()
