"""What is kept of forecasts outlives damage in another part of the file."""

import pytest

from data.ops.apart import copy_apart
from data.ops.demand import DemandBatch, KeptFit, MonthForecast
from data.ops.demand_read import judged
from models.messages import say
from models.scaling.shapes import Plan
from tests.data.demand_rows import HOUR, START, forecast, truths
from tests.data.stores import NOON, ask, home_in, opened, write_ticks

TABLES = ("forecasts", "truths", "accuracies", "fits", "month_forecasts", "plans")


def everything(store):
    days = range(8)
    store.demand.keep(
        DemandBatch(
            forecasts=[("daily", forecast(START + n * HOUR, state={"n": n})) for n in range(200)],
            truths=truths([float(n % 24) for n in range(200)]),
            fits=[KeptFit(f"target {n}", "short", START, '{"n":1}') for n in days],
            months=[MonthForecast("api", START, START + 1, START + n, "{}") for n in days],
            plans=[Plan("gpu", START + n, 1, 1, n, 2, say("why"), {}) for n in days],
        )
    )
    for day in days:
        now = START + (40 + day) * HOUR
        store.demand.keep(
            DemandBatch(accuracies=store.read(lambda cursor, now=now: judged(cursor, "calls", now)))
        )


def rows(store):
    return {table: sorted(ask(store, f"SELECT * FROM {table}"), key=str) for table in TABLES}  # noqa: S608


@pytest.mark.slow
@pytest.mark.parametrize("lost", [[], ["columns of samples_20251123"], ["columns of plans"]])
def test_a_salvage_brings_all_of_it_over_but_what_cannot_be_read(tmp_path, lost):
    home = home_in(tmp_path)
    store = opened(home)
    write_ticks(store, NOON, 10)
    everything(store)
    before = rows(store)
    assert all(before.values())
    store.close()
    copy_apart(home.ops.with_name("copy"), home.ops, NOON + 400, lost)
    home.ops.with_name("copy").rename(home.ops)

    store = opened(home, NOON + 400)

    after = rows(store)
    if "columns of plans" in lost:
        assert (after.pop("plans"), before.pop("plans") != []) == ([], True)
    assert after == before
    store.close()
