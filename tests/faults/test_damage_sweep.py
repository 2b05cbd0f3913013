"""Damage at one place anywhere in any file of the store, and what opening makes of it."""

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from data.control import Control
from data.home import Home
from tests.data.stores import opened
from tests.faults.truth import (
    NOW,
    assert_account_is_true,
    assert_quiet_the_second_time,
    copy_of,
    outcome_of,
    truth_of,
)
from tests.faults.writer import FORKING

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("SALLIM_FAULT_COUNT", "24"))
FILES = ("ops.duckdb", "ops.duckdb", "ops.duckdb.wal", "control.sqlite3", "control.sqlite3-wal")


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


@pytest.mark.timeout(120 + 10 * COUNT)
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
    assert outcomes["refused"] <= max(1, COUNT // 20)


def open_and_die_trying(path: Path) -> None:
    opened(Home(path), NOW)
    os._exit(0)


@pytest.mark.timeout(120 + 10 * COUNT)
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
