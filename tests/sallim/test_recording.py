"""Whatever is wrong with the ledger, the owner's program does its work."""

import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

import sallim
from data.home import Home
from sallim import backlog, recording
from sallim.ledger import Ledger, LedgerBusy
from tests.disks import remount
from tests.processes import until
from tests.sallim.rows import ROOT, ran, row, states

pytestmark = pytest.mark.slow

FOLDER_OF_THE_SERVICE = recording.SYSTEM_FOLDER
"""Before the tests point it elsewhere."""

WORK = """
import sallim
for number in range(3):
    with sallim.job("analysis", key=str(number)):
        pass
"""


def written(path):
    """The states of the jobs in a file."""
    with closing(Ledger.open(path)) as ledger:
        return [*states(ledger).values()]


def test_with_nothing_set_it_says_once_what_to_set():
    told = ran("from sallim import recording\nrecording.SYSTEM_FOLDER = '/nonexistent'\n" + WORK)

    assert told.count("sallim.job: nothing is recorded") == 1
    assert "Set SALLIM_HOME" in told
    assert "SALLIM_URL and SALLIM_TOKEN" in told


def test_it_can_be_turned_off_without_a_word(tmp_path):
    assert ran(WORK, SALLIM_LEDGER="off", SALLIM_HOME=str(tmp_path)) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("token", ["", "slm_a\nslm_b", "토큰"])
def test_an_address_without_a_token_is_told(token):
    told = ran(WORK, SALLIM_URL="http://127.0.0.1:9", SALLIM_TOKEN=token)

    assert "SALLIM_URL is set and SALLIM_TOKEN is not" in told
    assert "slm_" not in told


def test_the_home_is_enough(tmp_path):
    assert ran(WORK, SALLIM_HOME=str(tmp_path)) == ""
    assert written(Home(tmp_path).ledger) == ["succeeded"] * 3


def test_the_folder_of_the_service_is_taken_where_it_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "SYSTEM_FOLDER", str(tmp_path))

    assert recording.ledger_path({}) == f"{tmp_path}/ledger.sqlite3"
    assert recording.ledger_path({"SALLIM_HOME": "~/x"}).startswith(str(Path.home()))


def test_where_it_is_written_is_where_the_agent_reads():
    assert recording.ledger_path({"SALLIM_HOME": "/srv/x"}) == str(Home(Path("/srv/x")).ledger)
    assert Home(Path("/var/lib/sallim")).ledger_folder == Path(FOLDER_OF_THE_SERVICE)


def test_who_may_not_write_in_the_folder_of_the_service_is_told_the_group(
    tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(recording, "SYSTEM_FOLDER", str(tmp_path))
    monkeypatch.setattr(recording.os, "access", lambda *_: False)
    with sallim.job("analysis"):
        pass

    assert "usermod -aG sallim USER" in caplog.text
    assert "set SALLIM_URL and SALLIM_TOKEN" in caplog.text


def test_warnings_that_are_errors_do_not_reach_the_program(tmp_path):
    code = "import warnings; warnings.simplefilter('error')\n" + WORK
    assert "the folder is not there" in ran(code, SALLIM_HOME=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda home: home.ledger.write_bytes(b"no database" * 100), "is damaged"),
        (lambda home: home.ledger.mkdir(), "this user may not write it"),
        (lambda home: shutil.rmtree(home.path), "the folder is not there"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_told_once_and_the_work_goes_on(tmp_path, spoil, sentence):
    home = Home(tmp_path / "home")
    home.ledger_folder.mkdir(parents=True)
    spoil(home)
    told = ran(WORK, SALLIM_HOME=str(home.path))

    assert told.count("sallim.job: ") == 1
    assert sentence in told
    assert "The work goes on" in told


def test_a_ledger_that_may_only_be_read_is_told_once_and_the_work_goes_on(small_disk):
    Ledger.open(Home(small_disk).ledger).close()
    remount(small_disk, "ro")
    told = ran(WORK, SALLIM_HOME=str(small_disk))

    assert told.count("sallim.job: ") == 1
    assert "usermod -aG sallim" in told


@pytest.mark.parametrize("made_before", [False, True])
def test_a_full_disk_is_told_once_and_the_work_goes_on(small_disk, made_before):
    path = Home(small_disk).ledger
    if made_before:
        Ledger.open(path).close()
    with suppress(OSError), (small_disk / "rest").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    told = ran(WORK, SALLIM_HOME=str(small_disk))

    assert told.count("sallim.job: ") == 1
    assert "Make room on it" in told
    (small_disk / "rest").unlink()
    assert ran(WORK, SALLIM_HOME=str(small_disk)) == ""
    assert written(path) == ["succeeded"] * 3


def test_what_a_locked_ledger_could_not_take_is_written_once_it_can(kept, caplog, monkeypatch):
    monkeypatch.setattr(recording, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(backlog, "PAUSE_SECONDS", (0.05,))
    with sallim.job("before"):
        pass
    with closing(sqlite3.connect(kept.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(100):
            with sallim.job("meanwhile"):
                pass
    until(lambda: len(kept.jobs_since(0, 1_000)) == 101)
    with sallim.job("after"):
        pass

    rows = kept.jobs_since(0, 1_000)
    assert {job.state for job in rows} == {"succeeded"}
    assert rows[-1].name == "after"
    assert caplog.text.count("another process has been writing for too long") == 1


class ShutLedger:
    """Locked by somebody else for as long as it is there; counts who waited for it."""

    def __init__(self):
        self.waited = 0
        self.all_here = threading.Barrier(8)

    def start_job(self, job):
        self.waited += 1
        time.sleep(0.05)
        raise LedgerBusy("locked")

    def put_jobs(self, rows):
        raise LedgerBusy("locked")

    def close(self):
        pass


def test_of_many_threads_only_one_waits_for_a_locked_ledger():
    ledger = ShutLedger()
    place = recording.ToFile(ledger)

    def start(number):
        ledger.all_here.wait()
        place.started(row(f"{number}"))

    threads = [threading.Thread(target=start, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.stop(5)

    assert ledger.waited == 1


def test_a_program_that_ends_while_the_ledger_is_locked_does_not_hang(tmp_path):
    ledger = Ledger.open(tmp_path / "ledger.sqlite3")
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        told = ran(WORK, SALLIM_LEDGER=ledger.path)
    ledger.close()

    assert told.count("sallim.job: ") == 1


def test_the_import_is_light():
    heavy = (
        "sqlite3 logging json http urllib inspect ssl socket asyncio typing email multiprocessing"
    )
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import sallim
print(set({heavy!r}.split()) & set(sys.modules))
"""
    command = [sys.executable, "-I", "-S", "-c", code]
    process = subprocess.run(command, capture_output=True, text=True, check=True)

    assert process.stdout == "set()\n"
