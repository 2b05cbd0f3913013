"""Demand of the last minutes, by a SELECT of the owner's own, and what a budget kept from it."""

import pytest

from data.ops.demand_series import measured, recent, refused, served
from data.ops.recording import CostBatch
from models.errors import StoreError
from models.settings.target import Target
from tests.data.demand_rows import (
    HOUR,
    SEOUL,
    SPAN,
    START,
    US,
    jobs,
    level,
    seen,
    spent,
    target,
    values,
)
from tests.data.houses import row
from tests.data.test_costs import call, put
from tests.sallim.money import WON


def test_a_select_of_the_owner_gives_a_series(store):
    seen(store)
    jobs(store, *(row(f"j{n}", "", "", START + n * 600, 10, host="x") for n in range(9)))
    sql = "SELECT started_at AS at, 1 AS value FROM jobs WHERE host = 'x' -- all of them"

    assert values(store, target("sql", sql=sql, hourly="sum")) == [6, 3, 0, 0, 0, 0]
    assert values(store, target("sql", sql=sql + "\n;")) == [1.0, 1.0] + [None] * 4
    minutes = store.read(
        lambda c: recent(c, target("sql", sql=sql, hourly="sum"), START + 2 * HOUR, 24)
    )
    assert minutes.values == (1, 0) * 9 + (0,) * 6


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM jobs",
        "SELECT 1; SELECT 2",
        "SELECT 1) AS told; DELETE FROM jobs; SELECT * FROM (SELECT now() AS at, 1 AS value",
        "SELECT 1 AS x",
        "SELECT now() AS at, 'much' AS value",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT started_at AS at, 1 AS value FROM jobs WHERE host = $1",
        "PRAGMA database_list",
        "SELECT now() AS at, query('SELECT 1') AS value",
        "",
        "--",
    ],
)
def test_a_select_that_breaks_the_rules_is_refused_with_the_name_of_its_target(store, sql):
    jobs(store, row("a", "", "", START, 10))
    wanted = Target.model_construct(name="mine", kind="sql", sql=sql, hourly="mean")

    with pytest.raises(StoreError, match="mine"):
        store.read(lambda cursor: measured(cursor, wanted, SPAN, SEOUL))

    assert values(store, target("active")) is not None
    assert store.read(lambda c: c.execute("SELECT count(*) FROM jobs").fetchone()) == (1,)


def test_lately_a_level_is_as_high_as_its_highest_minute(store):
    seen(store, (0, 1))
    jobs(
        store,
        row("a", "", "", START + 330, 60, queued_at=START + 270),
        row("b", "", "", START + 690, 90),
    )

    waiting = store.read(lambda c: recent(c, target("queue"), START + 900, 3))
    running = store.read(lambda c: recent(c, target("active"), START + 930, 4))

    assert (waiting.start_at, waiting.step_seconds) == (START, 300)
    assert waiting.values == (0.5, 0.5, 0)
    assert running.values == (0, 0.5, 1.0)


def test_lately_counts_are_those_of_five_minutes_and_levels_their_peak(store):
    seen(store, (0, 1))
    jobs(store, *(row(f"j{n}", "", "", START + n * 100, 10, key="") for n in range(9)))
    store.write(level("a.level", [1.0, 5.0, 1.0, 1.0, 1.0, 2.0], step=60), START)

    wanted = Target(name="l", kind="metric", metric="a.level")
    came = store.read(lambda c: recent(c, target("arrivals"), START + 1200, 4))
    peaks = store.read(lambda c: recent(c, wanted, START + 900, 3))

    assert came.values == (3, 3, 3, 0)
    assert peaks.values == (5.0, 2.0, None)
    assert store.read(lambda c: recent(c, target("spend"), START, 3)).values == ()


def test_what_its_budget_or_one_above_refused_is_told_by_the_hour(store):
    seen(store)
    told = [
        ("api", START + 60, 3),
        ("total", START + 120, 1),
        ("servers", START + 60, 9),
        ("provider:openai", START + 60, 9),
        ("api", START + 2 * HOUR, 2),
    ]
    store.fold_costs(
        CostBatch(
            refusals=[
                (name, "openai", f"m{n}", at, "budget", "", calls, 0, at, n)
                for n, (name, at, calls) in enumerate(told)
            ]
        ),
        START,
    )
    grid = store.read(lambda c: measured(c, target("calls"), SPAN, SEOUL))

    def starved(budget):
        wanted = target("calls", budget=budget)
        return store.read(lambda c: refused(c, wanted, grid))

    assert starved("api") == (4, 0, 2, 0, 0, 0)
    assert starved("provider:openai") == (13, 0, 2, 0, 0, 0)
    assert starved("") == (0,) * 6


def test_what_its_budget_let_through_is_told_by_the_hour(store):
    seen(store)
    put(
        store,
        spent("a", WON, START + 60),
        spent("b", WON, START + 3 * HOUR),
        call("c", WON, START * US),
        spent("d", WON, START, endpoint="fixed:vps"),
    )
    grid = store.read(lambda c: measured(c, target("queue"), SPAN, SEOUL))

    def let_through(budget):
        return store.read(lambda c: served(c, target("queue", budget=budget), grid))

    assert let_through("api") == (1, 0, 0, 1, 0, 0)
    assert let_through("total") == (2, 0, 0, 1, 0, 0)
    assert let_through("") == (0,) * 6
