"""The month's course with weeks of calls: its band, the day of each line, and what it rests on."""

import time
from zoneinfo import ZoneInfo

import pytest

from data.cost_cells import columns_of
from data.ops.recording import CostBatch
from pages.parts import costs_source
from sallim.ledger.calls import flat
from tests.pages.test_costs_page import COSTS, balances, call
from tests.pages.test_pages import opened, visible
from tests.sallim.money import WON

pytestmark = [pytest.mark.slow, pytest.mark.zone]


@pytest.fixture(autouse=True)
def nothing_remembered():
    for cached in (costs_source.buckets_now, costs_source.whole_over, costs_source.burn_of):
        cached.clear()


def test_each_line_has_its_days_and_the_words_say_what_they_rest_on(agent, store):
    calls = [call(n, 300 * WON, days_ago=n, buckets=("api", "total")) for n in range(1, 50)]
    store.fold_costs(
        CostBatch(
            calls=columns_of([flat(one) for one in calls]),
            balances=balances(ZoneInfo("Asia/Seoul"), 11_000),
        ),
        time.time(),
    )
    app = opened(COSTS)
    lines = next(frame.value for frame in app.dataframe if "Likely" in frame.value)

    assert not app.exception
    assert list(lines["Line"]) == ["70%", "80%", "90%", "95%", "100%"]
    assert lines["Likely"].iloc[0] == "reached"
    assert lines["Won"].iloc[-1] == "₩15,000"
    text = visible(app)
    assert "in 8 of 10 cases" in text
    assert "weekday by weekday, tried out from 42 earlier days; reckoned at once" in text
    assert "At the pace until now it would be ₩" in text
    assert "still learning" not in text
