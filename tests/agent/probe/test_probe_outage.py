"""A hub that is away for long, a spool that is full, a cable that is pulled."""

import subprocess
import time

import pytest

from tests.agent.probe.pair import Pair, everything_is_stored_once
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
    inside, outside = f"sallim-p{tmp_path.stat().st_ino % 10_000}", ""
    outside = inside.replace("-p", "-h")
    try:
        run("ip", "netns", "add", inside)
        run("ip", "netns", "add", outside)
        run(
            *("ip", "-n", inside, "link", "add", "probe0", "type", "veth"),
            *("peer", "name", "hub0", "netns", outside),
        )
        for name, link, address in (
            (inside, "probe0", "10.231.77.2/30"),
            (outside, "hub0", "10.231.77.1/30"),
        ):
            run("ip", "-n", name, "address", "add", address, "dev", link)
            run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", name, "link", "set", "lo", "up")
        pair = Pair(
            tmp_path,
            host="10.231.77.1",
            before_hub=("ip", "netns", "exec", outside),
            before_probe=("ip", "netns", "exec", inside),
        )
        try:
            cut_off_for_a_while(pair, inside)
        finally:
            pair.end()
    finally:
        for name in (inside, outside):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def cut_off_for_a_while(pair: Pair, namespace: str) -> None:
    """The cable is pulled for ten buckets; the probe calls out, and nobody calls in."""
    pair.start_hub()
    probe = pair.start_probe()
    until(lambda: pair.machine()[0] == "on")
    run("ip", "-n", namespace, "link", "set", "probe0", "down")
    time.sleep(10)
    before = len(pair.collected())
    run("ip", "-n", namespace, "link", "set", "probe0", "up")
    until(lambda: max(pair.stored().get("0", [0])) >= before, 90)
    stop(probe)

    assert everything_is_stored_once(pair, pair.collected()), pair.log.read_text()


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=20)
