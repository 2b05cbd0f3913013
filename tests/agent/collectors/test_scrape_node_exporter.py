"""The real node_exporter beside our own host collector, on the same machine."""

import pytest

from agent.collectors.host import HostCollector
from agent.collectors.scrape import ScrapeCollector
from models.settings.scrape import Scrape
from tests.servers.node_exporter import node_exporter

pytestmark = pytest.mark.slow

OF_CONTAINERS_ONLY = ("container.", "machine.")
AS_A_HOST_HAS_IT = (
    "system.memory.limit",
    "system.cpu.logical.count",
)


@pytest.fixture(scope="module")
def both():
    """Second readings of the two, by series."""
    with node_exporter() as exporter:
        scraped = ScrapeCollector(Scrape(url=exporter.url), {})
        host = HostCollector()
        for moment in (0.0, 15.0):
            ours = host.collect(moment)
            theirs = scraped.collect(moment)
    return (
        {(r.name, r.labels): r.value for r in ours},
        {(r.name, r.labels): r.value for r in theirs if not r.name.startswith("scrape.")},
        scraped.details(),
    )


def test_it_is_known_by_its_answer(both):
    _, _, told = both

    assert told["exporter"] == "node_exporter"
    assert told["version"][:1].isdigit()
    assert told["malformed"] == 0


def test_it_has_the_series_of_our_own_host_collector(both):
    ours, theirs, _ = both

    missing = {key for key in ours.keys() - theirs.keys() if not key[0].startswith("container.")}
    # What else is mounted depends on what node_exporter is told to leave out.
    assert {key for key in missing if not key[0].startswith("system.filesystem.")} == set()
    assert theirs.keys() - ours.keys() == set()
    assert ("system.filesystem.utilization", (("mountpoint", "/"),)) in theirs


@pytest.mark.parametrize("name", AS_A_HOST_HAS_IT)
def test_what_does_not_move_has_the_same_value(both, name):
    ours, theirs, _ = both

    assert theirs[name, ()] == ours[name, ()]


def test_what_moves_slowly_has_nearly_the_same_value(both):
    ours, theirs, _ = both
    space = ("system.filesystem.utilization", (("mountpoint", "/"),))

    assert theirs[space] == pytest.approx(ours[space], abs=0.01)
    assert theirs["system.uptime", ()] == pytest.approx(ours["system.uptime", ()], abs=5)
