"""The probe's spool: bounded, in order, and worth as much after a kill as before."""

import os
import resource
import subprocess
import sys

import pytest

from data.spool import MEMORY_MAX, Kept, Spool
from models.errors import ConfigError
from tests.processes import ROOT, stop, until

CAP = 1_000_000


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def spool(folder):
    spool = Spool(folder, CAP)
    yield spool
    spool.close()


def fill(spool: Spool, count: int, size: int = 100) -> list[bytes]:
    payloads = [f"{number:08d}".encode().ljust(size, b".") for number in range(count)]
    for payload in payloads:
        spool.append(payload, 3)
    return payloads


def drained(spool: Spool) -> list[Kept]:
    """Everything that waits, as a hub would take it."""
    found = []
    while batch := spool.oldest(7, 10_000_000):
        assert len({kept.run for kept in batch}) == 1
        found += batch
        spool.stored(batch[-1].run, batch[-1].seq)
    return found


def test_records_come_out_in_order_and_numbered_from_one(spool):
    payloads = fill(spool, 50)
    found = drained(spool)

    assert [kept.payload for kept in found] == payloads
    assert [kept.seq for kept in found] == list(range(1, 51))
    assert {kept.run for kept in found} == {spool.run}
    assert spool.waiting == 0


def test_a_batch_is_bounded_by_count_and_by_bytes_but_is_never_nothing(spool):
    fill(spool, 10, size=1000)

    assert len(spool.oldest(3, 1_000_000)) == 3
    assert len(spool.oldest(10, 2500)) == 2
    assert len(spool.oldest(10, 1)) == 1


def test_what_was_not_stored_is_there_after_a_restart_under_its_own_run(folder):
    first = Spool(folder, CAP)
    payloads = fill(first, 20)
    first.stored(first.run, 12)
    first.close()
    again = Spool(folder, CAP)
    again.append(b"new", 1)
    found = drained(again)
    again.close()

    assert [kept.payload for kept in found] == [*payloads[12:], b"new"]
    assert [kept.seq for kept in found] == [*range(13, 21), 1]
    assert again.run != first.run
    assert again.probe == first.probe


def test_the_disk_holds_little_while_the_hub_takes_everything(spool, folder):
    for _ in range(300):
        spool.append(os.urandom(4000), 250)
        drained(spool)

    assert spool.size_bytes < 100_000
    assert len(list(folder.glob("*.spool"))) == 1


def test_a_full_spool_drops_the_oldest_and_counts_it(folder):
    spool = Spool(folder, 100_000)
    payloads = fill(spool, 1000, size=1000)
    size = sum(path.stat().st_size for path in folder.glob("*.spool"))
    found = [kept.payload for kept in drained(spool)]
    spool.close()

    assert size <= 100_000
    assert found == payloads[-len(found) :]
    assert len(found) > 85
    assert spool.dropped_records == 1000 - len(found)
    assert spool.dropped_values == 3 * spool.dropped_records


def test_damage_costs_only_what_is_damaged(folder):
    spool = Spool(folder, CAP)
    payloads = fill(spool, 30)
    spool.close()
    [path] = folder.glob("*.spool")
    data = bytearray(path.read_bytes())
    size = len(data) // 30
    data[10 * size + 50] ^= 0xFF
    data[20 * size + 2] ^= 0xFF
    path.write_bytes(bytes(data[: -size // 2]))
    again = Spool(folder, CAP)
    found = [kept.payload for kept in drained(again)]
    again.close()

    assert found == [p for n, p in enumerate(payloads[:-1]) if n not in (10, 20)]


@pytest.mark.parametrize("rubbish", [b"", b"SPr1", b"\x00" * 5000, b"SPr1" * 3000, b"\xff" * 9000])
def test_a_file_of_rubbish_costs_nothing_but_itself(folder, rubbish):
    spool = Spool(folder, CAP)
    payloads = fill(spool, 3)
    spool.close()
    (folder / "00000000-000000000001.0-ff.spool").write_bytes(rubbish)
    again = Spool(folder, CAP)
    found = [kept.payload for kept in drained(again)]
    again.close()

    assert found == payloads


def test_a_segment_that_vanishes_under_a_running_probe_is_counted_as_lost(spool, folder):
    fill(spool, 5)
    for path in folder.glob("*.spool"):
        path.unlink()

    assert drained(spool) == []
    assert spool.dropped_records == 5


def test_two_probes_do_not_share_a_spool(spool, folder):
    with pytest.raises(ConfigError, match="another probe is running with the spool"):
        Spool(folder, CAP)


def test_a_folder_that_cannot_be_used_is_told_with_the_cure(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="--spool"):
        Spool(tmp_path / "file", CAP)


@pytest.fixture
def full_disk():
    """No file of this process may grow beyond 3,000 bytes until it is released."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_while_the_disk_takes_nothing_records_wait_in_memory(folder, full_disk):
    spool = Spool(folder, CAP)
    payloads = fill(spool, 20, size=1000)
    problem, on_disk = spool.problem, sum(p.stat().st_size for p in folder.glob("*.spool"))
    half = [kept.payload for kept in drained(spool)]
    again = fill(spool, 5, size=1000)
    full_disk()
    spool.append(b"last", 1)
    found = [kept.payload for kept in drained(spool)]
    spool.close()

    assert problem == "File too large"
    assert on_disk < 3000
    assert (half, found) == (payloads, [*again, b"last"])
    assert (spool.problem, spool.dropped_records) == (None, 0)


def test_memory_is_bounded_as_the_disk_is(folder, full_disk):
    spool = Spool(folder, CAP)
    payloads = fill(spool, MEMORY_MAX + 10, size=1000)
    found = [kept.payload for kept in drained(spool)]
    spool.close()

    assert spool.dropped_records == len(payloads) - len(found) > 0
    assert found[-MEMORY_MAX:] == payloads[-MEMORY_MAX:]


WRITER = """
import sys
from pathlib import Path
from data.spool import Spool

spool = Spool(Path(sys.argv[1]), 10_000_000)
number = 0
while True:
    number += 1
    spool.append(f"{number}".encode().ljust(300, b"."), 1)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_no_record_that_was_kept(folder):
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
        )
        lines = iter(writer.stdout.readline, b"")
        said = [int(next(lines)) for _ in range(200)]
        writer.kill()
        said += [int(line) for line in lines if line.endswith(b"\n")]
        stop(writer)
        writer.stdout.close()
        spool = until(lambda: Spool(folder, 10_000_000))
        found = drained(spool)
        spool.close()

        assert [kept.seq for kept in found][: len(said)] == said
        assert all(int(kept.payload.rstrip(b".")) == kept.seq for kept in found)
