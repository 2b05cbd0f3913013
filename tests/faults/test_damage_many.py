"""Damage in many places of one store at once, down to files over which DuckDB ends its process."""

import os
import random
import shutil
from array import array
from contextlib import suppress
from pathlib import Path

import pytest

from data.home import Home
from data.ops.connection import BLOCK_BYTES
from models.errors import StoreError
from tests.data.stores import opened
from tests.faults.truth import NOW, copy_of, outcome_of
from tests.faults.writer import FORKING

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "12"))
BLOCKS_START = 3 * 4_096
CHECKSUM_FACTOR = 0xBF58476D1CE4E5B9
"""DuckDB's: 5381 xor the product of each word of 8 bytes with this."""


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


@pytest.mark.parametrize("places", [12, 36])
@pytest.mark.timeout(120 + 10 * COUNT)
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


@pytest.mark.timeout(120 + 10 * COUNT)
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
