"""What came, waited, ran, was called and spent, hour by hour, out of a real store."""

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ops.demand_series import daily_won, measured, recent
from models.monitoring import Thing
from models.settings.target import Target
from tests.data.demand_rows import (
    DAY,
    HOUR,
    SEOUL,
    SPAN,
    START,
    US,
    hours,
    jobs,
    level,
    run,
    seen,
    spent,
    target,
    values,
    watching,
)
from tests.data.houses import row
from tests.data.stores import home_in, opened
from tests.data.test_costs import call, put
from tests.sallim.money import WON


def test_an_empty_store_has_no_demand(store):
    for kind in ("queue", "arrivals", "active", "calls", "gpu"):
        assert values(store, target(kind)) == []
        assert store.read(lambda c, k=kind: recent(c, target(k), START, 12)).values == ()
    assert store.read(lambda c: measured(c, target("spend"), SPAN, SEOUL)).values == ()


def test_an_hour_in_which_nobody_watched_is_no_quiet_hour(store):
    seen(store, (0, 2), (3, 3.3), (4, 5.5))
    jobs(store, row("a", "", "", START + 60, 10), row("b", "", "", START + 5 * HOUR, 10))

    assert values(store, target("arrivals")) == [1, 0, None, None, 0, 1]
    assert values(store, target("active"))[1:5] == [0, None, None, 0]


def test_a_probe_that_ran_while_the_agent_was_down_does_not_watch_for_it(store):
    probe = level("machine.cpu.utilization", [0.5] * 36, machine="gpu-1")
    store.write(probe, START)
    assert values(store, target("arrivals")) == [0] * 6

    seen(store, (0, 1))
    store.write(level("machine.cpu.utilization", [0.5] * 6, START + 4 * HOUR), START)
    assert values(store, target("arrivals")) == [0, None, None, None, 0, None]


def test_a_house_whose_agent_tells_nothing_of_itself_is_watched_by_what_there_is(store):
    store.write(level("redis.clients", [1.0] * 6), START)

    assert values(store, target("arrivals")) == [0] + [None] * 5


def test_what_came_while_the_agent_was_down_is_counted_all_the_same(store):
    seen(store, (0, 1), (3, 6))
    jobs(store, *(row(f"j{n}", "", "", START + 2 * HOUR + n, 10) for n in range(3)))

    assert values(store, target("arrivals")) == [0, None, 3, 0, 0, 0]


def test_the_series_begins_with_the_first_hour_that_is_known(store):
    seen(store, (3, 6))
    jobs(store, row("a", "", "", START + 4 * HOUR, 10))

    assert hours(store, target("arrivals")) == ([3, 4, 5], (0, 1, 0))


def test_an_hour_that_is_not_over_is_left_out(store):
    seen(store)
    span = (START + 100, START + 4 * HOUR + 1800)

    assert hours(store, target("arrivals"), span=span) == ([1, 2, 3], (0, 0, 0))


def test_stages_and_tries_of_one_work_came_once(store):
    seen(store)
    jobs(
        store,
        row("whole", "", "", START + 60, 300, key="video-1"),
        row("stage", "", "transcribe", START + HOUR + 60, 300, key="video-1"),
        row("inside", "whole", "part", START + 90, 10, key="video-1"),
        row("again", "", "", START + 2 * HOUR, 300, key="video-1", state="failed"),
        row("other", "", "", START + 60, 300, key="video-2"),
        row("unnamed-1", "", "", START + 60, 300, key=""),
        row("unnamed-2", "", "", START + 60, 300, key=""),
    )

    assert values(store, target("arrivals")) == [4, 0, 0, 0, 0, 0]
    late = row("next week", "", "", START + 30 * HOUR, 300, key="video-1")
    jobs(store, late)
    span = (START + 28 * HOUR, START + 32 * HOUR)
    assert values(store, target("arrivals"), span=span) == [1, None]


def test_runs_of_workflows_came_too_but_not_their_tries_nor_the_work_that_jobs_do(store):
    seen(store)
    store.record(
        [
            run(1, 60, 70, 80),
            run(2, 60, 70, 80, retry_of="1"),
            run(3, 60, 70, 80, mode="error"),
            run(4, 60, 70, 80, key="video-1"),
            run(5, None, 70, 80, workflow_id="w2"),
            Thing("workflow", "n8n:main", "w2", "OCR", "{}", START),
        ]
    )
    jobs(store, row("a", "", "", START + 65, 10, key="video-1"))

    assert values(store, target("arrivals"))[0] == 3
    assert values(store, target("arrivals", only="OCR"))[0] == 1
    assert values(store, target("arrivals", only="w1"))[0] == 2
    assert values(store, target("arrivals", only="video"))[0] == 1


def test_a_queue_is_as_long_as_it_was_on_average(store):
    seen(store)
    waits = row("a", "", "", 0, 0, "running", queued_at=START + 1800, started_at=None)
    jobs(
        store,
        row("b", "", "", START + HOUR, 60, queued_at=START),
        row("c", "", "", START + 3 * HOUR, 60, queued_at=START + 2 * HOUR + 900),
        waits,
    )
    store.record([run(1, 0, HOUR / 2, HOUR), run(2, 4 * HOUR, status="queued")])

    assert values(store, target("queue")) == [2.0, 1.0, 1.75, 1.0, 2.0, 2.0]
    assert values(store, target("queue", only="w1"))[:2] == [0.5, 0]


def test_what_runs_is_counted_as_long_as_it_runs(store):
    seen(store)
    jobs(
        store,
        row("a", "", "", START, 1.5 * HOUR),
        row("b", "a", "part", START, HOUR),
        row("c", "", "", START + 2 * HOUR, 0, state="running"),
    )
    store.record([run(1, 0, 0, 900), run(2, 0, 3 * HOUR, status="running")])

    assert values(store, target("active")) == [1.25, 0.5, 1.0, 2.0, 2.0, 2.0]


def test_calls_are_counted_by_what_they_ask(store):
    seen(store)
    put(
        store,
        call("a", at_us=START * US),
        call("b", at_us=(START + 5) * US, workflow="news"),
        call("c", at_us=(START + 2 * HOUR) * US, provider="anthropic"),
        call("d", at_us=START * US, endpoint="fixed:vps"),
    )

    assert values(store, target("calls")) == [2, 0, 1, 0, 0, 0]
    assert values(store, target("calls", only="anthropic")) == [0, 0, 1, 0, 0, 0]
    assert values(store, target("calls", only="news")) == [1, 0, 0, 0, 0, 0]


def test_spending_goes_by_the_days_of_the_house_and_leaves_out_what_is_fixed(store):
    midnight = (START + 9 * HOUR) // DAY * DAY - 9 * HOUR
    store.write(watching(midnight, midnight + 3 * DAY, 600), START)
    put(
        store,
        spent("a", 3 * WON, midnight + 60),
        spent("b", 4 * WON, midnight + DAY - 60),
        spent("c", 5 * WON, midnight + 2 * DAY),
        spent("d", 900 * WON, midnight + 60, endpoint="fixed:vps"),
        call("e", 700 * WON, midnight * US),
    )
    span = (midnight - 5 * DAY, midnight + 3 * DAY + 4 * HOUR)

    found = store.read(lambda c: measured(c, target("spend"), span, SEOUL))
    total = store.read(lambda c: daily_won(c, "api", span, SEOUL))

    assert (found.start_at, found.step_seconds) == (midnight, DAY)
    assert found.values == total.values == (7.0, 0.0, 5.0)
    moved = store.read(lambda c: measured(c, target("spend"), span, ZoneInfo("UTC")))
    assert sum(value or 0 for value in moved.values) == 12.0
    assert moved.values != found.values


def test_days_of_a_zone_whose_clock_changes_are_on_an_even_grid(store):
    berlin = ZoneInfo("Europe/Berlin")
    midnight = 1_761_343_200  # 2025-10-25 00:00 in Berlin: the day after it has 25 hours
    put(
        store,
        *(spent(str(n), (n + 1) * WON, midnight + n * DAY + 2 * HOUR) for n in range(4)),
    )

    found = store.read(
        lambda c: measured(c, target("spend"), (midnight, midnight + 5 * DAY), berlin)
    )

    assert found.start_at == midnight
    assert found.values[:4] == (1.0, 2.0, 3.0, 4.0)


def test_use_of_cards_is_their_mean_and_what_encodes_is_no_use(store):
    store.write(
        [
            *level("hw.gpu.utilization", [0.5] * 12, labels=(("hw.gpu.task", "general"),)),
            *level("hw.gpu.utilization", [1.0] * 12, machine="gpu-2", unit="1"),
            *level("hw.gpu.utilization", [0.0] * 12, labels=(("hw.gpu.task", "encoder"),)),
        ],
        START,
    )

    store.maintain(START + 3 * HOUR)
    assert values(store, target("gpu")) == [0.75, 0.75, None, None, None, None]
    assert values(store, target("gpu", machine="gpu-2"))[:2] == [1.0, 1.0]


def test_series_of_a_metric_add_up_over_machines_and_labels(store):
    store.write(
        [
            *level("n8n.queue.waiting", [4.0] * 12),
            *level("n8n.queue.waiting", [6.0] * 9, machine="b"),
            *level("n8n.queue.waiting", [9.0] * 6, labels=(("source", "second"),)),
        ],
        START,
    )
    waiting = {"kind": "metric", "metric": "n8n.queue.waiting"}

    assert values(store, Target(name="w", **waiting)) == [19.0, 7.0] + [None] * 4
    assert values(store, Target(name="w", machine="b", **waiting))[:2] == [6.0, 6.0]
    assert values(store, Target(name="w", labels=("source=second",), **waiting))[0] == 9.0
    assert values(store, Target(name="w", hourly="max", **waiting))[:2] == [19.0, 10.0]


def test_counts_of_a_metric_are_summed_where_somebody_watched(store):
    seen(store, (0, 2), (3, 6))
    store.write(level("shop.orders", [2.0] * 7, unit="{order}"), START)

    wanted = Target(name="o", kind="metric", metric="shop.orders", hourly="sum")
    assert values(store, wanted) == [12.0, 2.0, None, 0, 0, 0]


@pytest.mark.parametrize("ago", [0, 20])
def test_what_is_rolled_up_and_what_is_not_yet_make_one_series(store, ago):
    """Twenty hours ago all of it stands in the coarse tier, now the last minutes do not."""
    now = START + 6 * HOUR
    for at in range(START, now, 60):
        store.write(level("a.level", [float(at // HOUR)], at, labels=()), at + 10)
    store.maintain(now + ago * HOUR)

    wanted = Target(name="l", kind="metric", metric="a.level")
    assert values(store, wanted) == [float(START // HOUR + n) for n in range(6)]


moments = st.integers(0, 6 * HOUR)


@given(st.lists(st.tuples(moments, moments, moments), max_size=12))
@settings(max_examples=15, deadline=None)
def test_who_waits_and_who_runs_fills_the_time_that_it_takes(spans):
    with tempfile.TemporaryDirectory() as folder:
        store = opened(home_in(Path(folder)))
        seen(store)
        ordered = [sorted(each) for each in spans]
        jobs(
            store,
            *(
                row(f"j{n}", "", "", START + b, c - b, queued_at=START + a)
                for n, (a, b, c) in enumerate(ordered)
            ),
        )

        waited, ran = values(store, target("queue")), values(store, target("active"))
        store.close()

    assert sum(waited) * HOUR == pytest.approx(sum(b - a for a, b, _ in ordered))
    assert sum(ran) * HOUR == pytest.approx(sum(c - b for _, b, c in ordered))
