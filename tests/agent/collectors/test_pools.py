"""Plans become series, one set a pool."""

from agent.collectors.pools import PoolsCollector
from models.messages import say
from models.metrics import unit_of
from models.monitoring import Reading
from models.scaling.shapes import Plan

LABELS = (("pool", "gpu"),)


def plan(predicted):
    return Plan("gpu", 0, 2, 1, predicted, 3, say("so it is"), {})


def test_a_plan_is_three_series():
    assert PoolsCollector(lambda: [plan(2)]).collect(0.0) == [
        Reading("pool.wanted", 2.0, LABELS),
        Reading("pool.predicted", 2.0, LABELS),
        Reading("pool.allowed", 3.0, LABELS),
    ]
    assert unit_of("pool.wanted") == "{machine}"


def test_where_no_forecast_counts_there_is_a_gap():
    assert PoolsCollector(lambda: [plan(None)]).collect(0.0)[1].value is None


def test_without_a_plan_there_is_nothing():
    assert PoolsCollector(list).collect(0.0) == []
