"""How fast a database grows is known at the first look after a restart of the agent."""

import pytest

from agent.wiring.pipeline import pipeline_sources
from models.monitoring import Aggregate, Row, SeriesKey
from models.settings import Settings
from models.settings.postgres import Postgres
from tests.data.stores import NOON, home_in, one, opened

pytestmark = pytest.mark.slow

HOURS = 5


def remembered(store, name: str, now_bytes: float, **labels: str) -> None:
    """That it grew by 6 kB every ten minutes."""
    key = SeriesKey("vps", name, tuple(sorted({"source": "main", **labels}.items())))
    sizes = {NOON - 600 * step: now_bytes - 6000.0 * step for step in range(1, 6 * HOURS + 1)}
    store.write([Row(key, "By", at, Aggregate(x, x, x, 1)) for at, x in sizes.items()], NOON)


def first_look(server, memory) -> dict:
    settings = Settings(postgres=(Postgres(name="main", url=server.socket_url(), disk_mb=1000),))
    [source] = pipeline_sources(settings, "vps", lambda: float(NOON), memory)
    source.collector.collect(0.0)
    told = source.collector.details()
    source.collector.close()
    return told


def test_after_a_restart_growth_and_days_are_known_at_once(server, tmp_path):
    before = first_look(server, None)
    store = opened(home_in(tmp_path))
    for database in before["databases"]:
        remembered(store, "postgresql.db_size", database["bytes"], database=database["name"])
    [videos] = [table for table in before["tables"] if table["name"] == "videos"]
    remembered(
        *(store, "postgresql.table.size", videos["bytes"]), database="postgres", table="videos"
    )
    for _ in range(3):
        store.maintain(NOON + 120)
    assert one(store, "SELECT max(epoch(taken_at)) FROM samples_10m") == NOON - 600
    told = first_look(server, store)
    store.close()
    [videos] = [table for table in told["tables"] if table["name"] == "videos"]
    a_day = 6000.0 * 144

    assert before["disk"]["growth_bytes_per_day"] is None
    assert told["databases"][0]["growth_bytes_per_day"] == pytest.approx(a_day, rel=0.1)
    assert videos["growth_bytes_per_day"] == pytest.approx(a_day, rel=0.1)
    assert told["disk"]["growth_bytes_per_day"] == pytest.approx(
        a_day * len(told["databases"]), rel=0.1
    )
    assert told["disk"]["days_to_full"] > 100
