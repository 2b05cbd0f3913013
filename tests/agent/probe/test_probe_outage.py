"""A hub that is away for long, a spool that is full, a cable that is pulled."""

import time

import pytest

from tests.agent.probe.pair import Pair, everything_is_stored_once
from tests.namespaces import Networks, two_networks
from tests.processes import stop, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OUTAGE_SECONDS = 32
"""As many buckets of a second; ten minutes are sixty of ten seconds."""


@pytest.fixture
def pair(tmp_path):
    pair = Pair(tmp_path)
    yield pair
    pair.end()


def test_an_outage_of_half_a_minute_is_caught_up(pair):
    """The hub is gone until the back-off does not grow any more."""
    pair.start_hub()
    probe = pair.start_probe()
    until(lambda: pair.machine()[0] == "on")
    pair.kill_hub()
    time.sleep(OUTAGE_SECONDS)
    before = len(pair.collected())
    pair.start_hub()
    until(lambda: max(pair.stored().get("0", [0])) >= before, 60)
    state, _ = pair.machine()
    stop(probe)

    assert state == "on"
    assert everything_is_stored_once(pair, pair.collected()), pair.log.read_text()


def test_a_spool_that_was_full_keeps_the_newest_and_the_hub_knows_what_is_lost(pair):
    probe = pair.start_probe("--spool-bytes", "2500")
    until(lambda: len(pair.collected()) > 80, 60)
    size = sum(path.stat().st_size for path in (pair.folder / "spool").glob("*.spool"))
    pair.start_hub()
    until(lambda: max(pair.stored().get("0", [0])) > 80, 60)
    # Rows are stored before the machine that they came from is written down.
    until(lambda: "of its history are lost" in pair.machine()[1], 30)
    stop(probe)
    numbers, collected = pair.stored()["0"], pair.collected()

    assert size <= 2500
    assert numbers == collected[-len(numbers) :]
    assert numbers[0] > 1


def test_a_probe_reports_from_another_network_namespace(tmp_path):
    with two_networks() as networks:
        pair = Pair(
            tmp_path,
            host=networks.hub_address,
            before_hub=networks.in_hub,
            before_probe=networks.in_guest,
        )
        try:
            cut_off_for_a_while(pair, networks)
        finally:
            pair.end()


def cut_off_for_a_while(pair: Pair, networks: Networks) -> None:
    """The cable is pulled for ten buckets; the probe calls out, and nobody calls in."""
    pair.start_hub()
    probe = pair.start_probe()
    until(lambda: pair.machine()[0] == "on")
    networks.plug(False)
    time.sleep(10)
    before = len(pair.collected())
    networks.plug(True)
    until(lambda: max(pair.stored().get("0", [0])) >= before, 90)
    stop(probe)

    assert everything_is_stored_once(pair, pair.collected()), pair.log.read_text()
