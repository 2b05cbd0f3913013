"""A real probe pushing to a real hub, while one of them is killed: nothing lost, nothing twice."""

import random
import time

import pytest

from tests.agent.probe.counting import SERIES
from tests.agent.probe.pair import Pair, everything_is_stored_once
from tests.processes import stop, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

UNEVEN = random.Random()  # noqa: S311  # kills come at any moment
IN_MEMORY_MAX = 12
"""Numbers that a killed probe may take with it: a bucket of a second, and its grace."""


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path)
    yield pair
    pair.end()


def test_what_a_probe_collects_is_in_the_hub_and_then_it_is_off(pair):
    pair.start_hub()
    probe = pair.start_probe()
    until(lambda: pair.machine()[0] == "on")
    until(lambda: len(pair.collected()) > 20)
    began = time.monotonic()
    code = stop(probe)
    seconds = time.monotonic() - began

    assert code == 0
    assert seconds < 7
    assert everything_is_stored_once(pair, pair.collected()), pair.log.read_text()
    assert pair.machine() == ("off", "off, ₩0/h")


def test_a_hub_that_is_killed_again_and_again_has_everything_once(pair):
    pair.start_hub()
    probe = pair.start_probe()
    for _ in range(4):
        time.sleep(UNEVEN.uniform(0.3, 3.0))
        pair.kill_hub()
        pair.start_hub()
    until(lambda: pair.machine()[0] == "on")
    until(lambda: max(pair.stored().get("0", [0])) > len(pair.collected()) - 20, 60)
    stop(probe)

    assert everything_is_stored_once(pair, pair.collected()), pair.log.read_text()


def test_a_probe_that_is_killed_loses_only_the_bucket_in_its_memory(pair):
    pair.start_hub()
    first_numbers = []
    for first in (1, 1001, 2001):
        probe = pair.start_probe("--first", str(first))
        count = len(first_numbers)
        until(lambda least=count + 10: len(pair.collected()) > least)
        time.sleep(UNEVEN.uniform(0.2, 2.0))
        probe.kill()
        probe.wait()
        first_numbers = pair.collected()
    last = pair.start_probe("--first", "3001")
    until(lambda: max(pair.stored().get("0", [0])) > 3001)
    stop(last)
    collected, stored = pair.collected(), pair.stored()

    assert len(stored) == SERIES
    for numbers in stored.values():
        assert len(numbers) == len(set(numbers)), "a bucket is stored twice"
        for start in (0, 1000, 2000, 3000):
            told = [n for n in collected if start < n <= start + 1000]
            kept = [n for n in numbers if start < n <= start + 1000]
            assert kept == told[: len(kept)]
            assert len(told) - len(kept) <= (IN_MEMORY_MAX if start < 3000 else 0)
