"""Damage anywhere in any file of the store, and what opening makes of it.

Three answers are right: opened whole; repaired, with an account by seq that is exactly true;
refused with a clear message. The one that is wrong is to be short without saying so. What is
true is worked out here, from a copy that nobody damaged.
"""

import json
import os
import random
import shutil
from array import array
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from data.control import Control, Loss
from data.home import Home
from data.ops.store import Store
from models.errors import StoreDamaged, StoreError
from tests.data.stores import ask, counts_by_seq, opened, raw_tables, rows_at
from tests.faults.writer import FORKING

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "60"))
START = 1_763_854_200
"""2025-11-22 23:30 UTC: the past crosses midnight, so that there are two raw tables."""
TICKS = 420
NOW = START + 10 * TICKS
FILES = ("ops.duckdb", "ops.duckdb", "ops.duckdb.wal", "control.sqlite3", "control.sqlite3-wal")


BLOCKS_START, BLOCK_BYTES = 3 * 4_096, 262_144
CHECKSUM_FACTOR = 0xBF58476D1CE4E5B9
"""DuckDB's: 5381 xor the product of each word of 8 bytes with this."""


class Truth(NamedTuple):
    """What was there before the damage."""

    counts: dict[int, int]
    hashes: dict[int, int]
    rollups: dict[str, set[tuple[Any, ...]]]
    series: set[tuple[Any, ...]]


def write_and_die(path: Path) -> None:
    """Fill a store with hours of rows, and end as a killed process does: with a WAL behind."""
    store = opened(Home(path), START)
    for tick in range(TICKS):
        now = START + 10 * tick
        store.write(rows_at(now - 10, 40, (tick * 7919 % 1000) / 7), now)
        store.maintain(now)
    os._exit(0)


@pytest.fixture(scope="module")
def pristine(tmp_path_factory) -> Home:
    home = Home(tmp_path_factory.mktemp("pristine") / "home")
    home.make()
    writer = FORKING.Process(target=write_and_die, args=(home.path,))
    writer.start()
    writer.join()
    for name in set(FILES):
        assert (home.path / name).stat().st_size > 0, name
    return home


@pytest.fixture(scope="module")
def truth(pristine, tmp_path_factory) -> Truth:
    home = copy_of(pristine, tmp_path_factory.mktemp("whole"))
    store = opened(home, NOW)
    assert store.report.losses == ()
    found = truth_of(store)
    store.close()
    assert len(found.counts) == TICKS
    assert all(len(rows) > 100 for rows in found.rollups.values())
    return found


def truth_of(store: Store) -> Truth:
    # Rollups are compared where they are settled: up to a moment that is folded everywhere.
    store.maintain(NOW)
    hashes: dict[int, int] = {}
    for table in raw_tables(store):
        sql = f"SELECT seq, sum(hash(taken_at, series_id, mean, min, max, n)) FROM {table} GROUP BY seq"  # noqa: E501, S608 our own names
        hashes.update((seq, int(total)) for seq, total in ask(store, sql))
    rollups = {}
    for (table,) in ask(store, "SELECT table_name FROM periods WHERE tier <> 'samples'"):
        sql = f"SELECT epoch(taken_at), series_id, n, min, max FROM {table}"  # noqa: S608 our own names
        rollups[table] = set(ask(store, sql))
    series = set(ask(store, "SELECT id, machine, name, unit, labels FROM series"))
    return Truth(counts_by_seq(store), hashes, rollups, series)


def copy_of(home: Home, folder: Path) -> Home:
    return Home(Path(shutil.copytree(home.path, folder / "home")))


def damage(home: Home, chance: random.Random, files: tuple[str, ...] = FILES) -> str:
    """Flip bits of a few bytes in a row, or cut a file short; what was done, in words."""
    name = chance.choice(files)
    file = home.path / name
    size = file.stat().st_size
    # Heads and tails of files are as likely as all the rest together.
    place = chance.choice(
        (
            chance.randrange(size),
            chance.randrange(min(size, 20_000)),
            size - 1 - chance.randrange(400),
        )
    )
    with file.open("r+b") as opened_file:
        if chance.random() < 0.25:
            opened_file.truncate(place)
            return f"{name} cut at {place} of {size}"
        length = chance.choice((1, 1, 1, 8, 512))
        opened_file.seek(place)
        old = opened_file.read(length)
        opened_file.seek(place)
        opened_file.write(bytes(byte ^ chance.randint(1, 255) for byte in old))
    return f"{name}: {len(old)} bytes at {place} of {size}"


def damage_everywhere(home: Home, chance: random.Random, places: int) -> str:
    """Overwrite 8 bytes at places spread evenly over the store, every other time its WAL, too."""
    files = [home.ops, home.path / "ops.duckdb.wal"] if chance.random() < 0.5 else [home.ops]
    total = sum(file.stat().st_size for file in files)
    first = chance.randrange(total // places)
    for file in files:
        with file.open("r+b") as opened_file:
            for place in range(first, file.stat().st_size, total // places):
                opened_file.seek(place)
                opened_file.write(chance.randbytes(8))
    return f"8 bytes every {total // places} from {first} on of {[file.name for file in files]}"


def falsify(file: Path, chance: random.Random, places: int) -> None:
    """Overwrite words in blocks of DuckDB and make the blocks' checksums fit.

    No disk does that; memory may. It is what makes DuckDB end its process most easily.
    """
    blocks = (file.stat().st_size - BLOCKS_START) // BLOCK_BYTES
    with file.open("r+b") as opened_file:
        for _ in range(places):
            start = BLOCKS_START + BLOCK_BYTES * chance.randrange(blocks)
            opened_file.seek(start)
            words = array("Q", opened_file.read(BLOCK_BYTES))
            place = chance.choice([n for n, word in enumerate(words) if word and n] or [1])
            word = words[place] ^ (chance.randint(1, 255) << 8 * chance.randrange(8))
            for value in (words[place], word):
                words[0] ^= value * CHECKSUM_FACTOR & (1 << 64) - 1
            words[place] = word
            opened_file.seek(start)
            opened_file.write(words.tobytes())


@pytest.mark.timeout(120 + 3 * COUNT)
def test_damage_is_never_silent(pristine, truth, tmp_path):
    chance = random.Random(42)  # noqa: S311 a test that repeats itself
    outcomes: Counter[str] = Counter()
    for number in range(COUNT):
        home = copy_of(pristine, tmp_path / str(number))
        done = damage(home, chance)
        outcomes[outcome_of(home, truth, done)] += 1
        shutil.rmtree(tmp_path / str(number))

    assert set(outcomes) <= {"whole", "repaired", "refused"}
    assert outcomes["repaired"] > 0
    assert outcomes["whole"] > 0
    assert outcomes["refused"] <= COUNT // 20


@pytest.mark.parametrize("places", [12, 36])
@pytest.mark.timeout(120 + 3 * COUNT)
def test_damage_in_many_places_at_once_is_never_silent(pristine, truth, tmp_path, places):
    chance = random.Random(places)  # noqa: S311 a test that repeats itself
    for number in range(max(4, COUNT // 10)):
        home = copy_of(pristine, tmp_path / str(number))
        done = damage_everywhere(home, chance, places)
        assert outcome_of(home, truth, done) == "repaired", done
        shutil.rmtree(tmp_path / str(number))


def open_or_say(path: Path) -> None:
    with suppress(StoreError):
        opened(Home(path), NOW)
    os._exit(0)


@pytest.mark.timeout(120 + 3 * COUNT)
def test_nonsense_with_a_good_checksum_never_ends_the_process(pristine, tmp_path):
    chance = random.Random(44)  # noqa: S311 a test that repeats itself
    # Closed, the rows of the WAL stand in the blocks of the file.
    opened(copy_of(pristine, tmp_path), NOW).close()
    closed = Home(tmp_path / "home")
    for number in range(max(6, COUNT // 5)):
        home = copy_of(closed, tmp_path / str(number))
        falsify(home.ops, chance, 36)
        opener = FORKING.Process(target=open_or_say, args=(home.path,))
        opener.start()
        opener.join()
        assert opener.exitcode == 0, number
        shutil.rmtree(tmp_path / str(number))


def open_and_die_trying(path: Path) -> None:
    opened(Home(path), NOW)
    os._exit(0)


@pytest.mark.timeout(120 + 3 * COUNT)
def test_a_repair_that_is_killed_is_taken_up_again(pristine, truth, tmp_path):
    chance = random.Random(43)  # noqa: S311 a test that repeats itself
    for number in range(max(4, COUNT // 8)):
        home = copy_of(pristine, tmp_path / str(number))
        done = damage(home, chance, ("ops.duckdb", "ops.duckdb.wal"))
        for _ in range(2):
            opener = FORKING.Process(target=open_and_die_trying, args=(home.path,))
            opener.start()
            opener.join(chance.uniform(0.05, 0.6))
            opener.kill()
            opener.join()
        store = opened(home, NOW)
        found = truth_of(store)
        store.close()
        # Some of it may have been found, and written down, by an opening that was killed.
        control = Control.open(home.control)
        assert_account_is_true(truth, found, control.losses(), done)
        control.close()
        assert_quiet_the_second_time(home, done)
        shutil.rmtree(tmp_path / str(number))


def outcome_of(home: Home, truth: Truth, done: str) -> str:
    try:
        store = opened(home, NOW)
    except StoreError as error:
        is_clear = str(home.path) in str(error) and not isinstance(error, StoreDamaged)
        return "refused" if is_clear else f"{done}: {error!r}"
    try:
        losses = store.report.losses
        found = truth_of(store)
        assert_account_is_true(truth, found, losses, done)
        seq = store.write(rows_at(NOW, 45), NOW + 10)
        assert seq > max(truth.counts), done
        assert_values_stand_under_their_names(store, done)
    finally:
        store.close()
    assert_quiet_the_second_time(home, done)
    return "repaired" if losses or store.report.quarantine else "whole"


def assert_values_stand_under_their_names(store: Store, done: str) -> None:
    """What is written after a repair: 40 series that were there, and five new ones."""
    sql = """
        SELECT series.labels, mean FROM samples JOIN series ON series.id = series_id
        WHERE taken_at = to_timestamp(?)
    """
    found = {int(json.loads(labels)["number"]): mean for labels, mean in ask(store, sql, NOW)}
    assert found == {number: 1.0 + number for number in range(45)}, done


def assert_account_is_true(truth: Truth, found: Truth, losses: Iterable[Loss], done: str) -> None:
    assert found.series == truth.series, done
    missing = {
        seq: rows - found.counts.get(seq, 0)
        for seq, rows in truth.counts.items()
        if found.counts.get(seq, 0) != rows
    }
    told = {loss.first_seq: loss for loss in losses if loss.first_seq is not None}
    assert sum(missing.values()) == sum(loss.rows_lost for loss in told.values()), done
    in_ranges = {seq for loss in told.values() for seq in range(loss.first_seq, loss.last_seq + 1)}
    assert set(missing) == in_ranges, done
    for seq, expected in truth.hashes.items():
        if seq not in missing:
            assert found.hashes[seq] == expected, (done, seq)
    short = Counter({loss.table_name: loss.rows_lost for loss in losses if loss.first_seq is None})
    for table, rows in truth.rollups.items():
        here = found.rollups.get(table, set())
        gone = {row[:2] for row in rows} - {row[:2] for row in here}
        assert len(gone) == short[table], (done, table)
        if not missing:
            assert here <= rows, (done, table)


def assert_quiet_the_second_time(home: Home, done: str) -> None:
    """What was found and written down once is not found again."""
    again = opened(home, NOW + 20)
    assert again.report.losses == (), done
    assert again.report.quarantine is None, done
    again.close()
