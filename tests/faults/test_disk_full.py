"""A full disk: nothing acknowledged is lost, questions are answered, and it comes back."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from data.home import Home
from data.ops.store import Store
from models.errors import StoreFull
from tests.data.stores import NOON, counts_by_seq, one, opened, rows_at

pytestmark = pytest.mark.slow

SERIES = 300


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A file system of 10 MB of its own; mounting needs root, as the tests of a service do."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill_up(disk: Path) -> None:
    with suppress(OSError), (disk / "rest").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))


def write_on(store: Store, ticks: range, acknowledged: list[int]) -> int:
    """Write a batch a tick, as the agent does: one that is refused comes again. How many were."""
    refused = 0
    for tick in ticks:
        now = NOON + 10 * tick
        try:
            seq = store.write(rows_at(now - 10, SERIES, float(tick)), now)
            acknowledged.append(seq)
            store.maintain(now)
        except StoreFull:
            refused += 1
            if refused == 3:
                break
    return refused


def test_what_was_acknowledged_outlives_a_full_disk(disk):
    (disk / "ballast").write_bytes(bytes(5_000_000))
    home = Home(disk / "home")
    home.make()
    acknowledged: list[int] = []
    store = opened(home)
    assert write_on(store, range(1_000), acknowledged) == 3
    assert store.status().state == "lean"
    assert one(store, "SELECT count(*) FROM samples") == SERIES * len(acknowledged)

    # It stops and starts while there is no room at all, not even for a checkpoint.
    fill_up(disk)
    store.close()
    store = opened(home, NOON + 20_000)
    assert store.report.losses == ()
    assert one(store, "SELECT count(*) FROM samples") == SERIES * len(acknowledged)
    assert write_on(store, range(2_000, 2_010), acknowledged) == 3
    assert store.status().state == "lean"

    # Room is made, and the next batch is taken without anybody doing anything.
    (disk / "rest").unlink()
    (disk / "ballast").unlink()
    assert write_on(store, range(3_000, 3_020), acknowledged) == 0
    assert (store.status().state, store.status().unacknowledged) == ("ok", 0)
    store.close()

    store = opened(home, NOON + 40_000)
    assert store.report.losses == ()
    assert store.report.quarantine is None
    assert counts_by_seq(store) == dict.fromkeys(acknowledged, SERIES)
    assert len(set(acknowledged)) == len(acknowledged)
    store.close()
