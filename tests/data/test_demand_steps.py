"""A page sees the short steps that the agent sees, whatever kind of series it is."""

import pytest

from data.demand_steps import recent_steps
from data.ops.demand_series import recent
from models.monitoring import Aggregate, Row, SeriesKey
from models.settings.target import Target
from tests.data.houses import row
from tests.data.stores import NOON, Direct

pytestmark = pytest.mark.slow

HOUR = 3_600
CARD = (("hw.id", "GPU-1"),)
KINDS = [
    Target(name="videos", kind="arrivals"),
    Target(name="waiting", kind="queue"),
    Target(name="running", kind="active"),
    Target(name="gpu", kind="gpu"),
    Target(name="calls", kind="calls"),
    Target(name="paging", kind="metric", metric="hw.gpu.utilization", hourly="max"),
]


@pytest.fixture
def store(house):
    """Two hours of a watching agent, of a card in use, and of jobs that come every 200 s."""
    began = int(NOON) - 2 * HOUR
    keys = {
        "agent.store.size": SeriesKey("vps", "agent.store.size", ()),
        "hw.gpu.utilization": SeriesKey("vps", "hw.gpu.utilization", CARD),
    }
    rows = [
        Row(key, "1", at, Aggregate(0.4, 0.3, 0.5, 5))
        for key in keys.values()
        for at in range(began, int(NOON), 10)
    ]
    house.store.write(rows, NOON)
    house.jobs(
        [
            row(f"j{at}", "", "", at + 20.0, 100.0, queued_at=at)
            for at in range(began, int(NOON) - 200, 200)
        ]
    )
    return house.store


@pytest.mark.parametrize("target", KINDS, ids=lambda target: target.name)
def test_the_page_sees_what_the_agent_sees(store, target):
    seen = recent_steps(Direct(store), target, NOON, 24)

    assert seen == store.read(lambda connection: recent(connection, target, int(NOON), 24))
    assert target.name == "calls" or any(seen.values)


@pytest.mark.parametrize("kind", [{"kind": "spend"}, {"kind": "sql", "sql": "SELECT 1"}])
def test_what_has_no_short_steps_for_a_page_has_none(store, kind):
    assert recent_steps(Direct(store), Target(name="x", **kind), NOON, 24).values == ()
