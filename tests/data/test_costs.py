"""The sums of the money, against a model that adds up row by row."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.analysis_costs import analysis_costs
from data.burn import burn_down_of
from data.cost_cells import balance_cells, columns_of
from data.costs import (
    buckets,
    dearest_calls,
    headroom,
    latest_calls,
    refused_lines,
    spending,
    spending_over_time,
    whole_spending,
)
from data.ops.recording import CostBatch
from data.ops.store import Store
from models.costs.shapes import BYS, Bucket
from sallim.ledger.calls import flat, settled_row
from sallim.ledger.money_rows import CallRow, Tokens
from sallim.ledger.statement_rows import Balance
from tests.data.stores import NOON, Direct, opened
from tests.sallim.money import NOVEMBER, NOW_US, WON, asked, seoul_us, settlement

SEOUL, UTC_ZONE = ZoneInfo("Asia/Seoul"), ZoneInfo("UTC")
NOW = NOW_US / 1_000_000
EVER = (0.0, 4e9)


@pytest.fixture(scope="module")
def module_store(tmp_path_factory):
    from tests.data.stores import home_in

    store = opened(home_in(tmp_path_factory.mktemp("costs")))
    yield store
    store.close()


def call(call_id="a", won_micro=WON, at_us=NOW_US, state="settled", **changed) -> CallRow:
    row = settled_row(asked(call_id, opened_us=at_us), settlement(won_micro))
    if state in ("open", "released"):
        row = row._replace(nano_usd=0, gross_micro=0, source="", status=0)
    return row._replace(state=state, **changed)


def put(store: Store, *calls: CallRow) -> Direct:
    rows = [flat(one._replace(seq=n)) for n, one in enumerate(calls, start=1)]
    store.fold_costs(CostBatch(calls=columns_of(rows)), NOON)
    return Direct(store)


def empty(store: Store) -> None:
    with store._database.transaction() as connection:  # noqa: SLF001
        for table in ("calls", "call_labels", "refusals", "balances"):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608


def won(micro: int) -> Decimal:
    return Decimal(micro).scaleb(-6)


def test_an_empty_store_has_no_costs(store):
    reader = Direct(store)

    for by in BYS:
        assert spending(reader, EVER, by) == []
        assert spending_over_time(reader, (NOW, NOW + 1), by, ("day", SEOUL)) == []
    assert whole_spending(reader, EVER) is None
    assert headroom(reader, EVER) == []
    assert buckets(reader, NOW) == []
    assert latest_calls(reader, EVER) == dearest_calls(reader, EVER) == []
    assert analysis_costs(reader, *EVER) == []


def test_the_sums_of_a_model(store):
    reader = put(
        store,
        call("a", 1, latency_us=1_000_000),
        call("b", 2, NOW_US, "unverified", source="unverified"),
        call("c", 3, status=500, latency_us=9_000_000),
        call("d", state="open", worst_micro=7 * WON),
        call("e", state="released"),
        call("f", 5, latency_us=3_000_000, tokens=Tokens(1, 2, 4, 8, 16, 32, 64, 128)),
        call("g", 100 * WON, model="", endpoint="server:gpu", buckets=("servers",)),
    )
    store.fold_costs(
        CostBatch(refusals=[("total", "openai", "gpt-5-mini", NOW, "budget", "x", 4, 9, NOW, 1)]),
        NOON,
    )
    server, model = spending(reader, EVER, "model")

    assert (server.name, server.won, server.calls, server.latency_p50_seconds) == ("", 100, 0, None)
    assert (model.provider, model.name) == ("openai", "gpt-5-mini")
    assert (model.won, model.unverified_won, model.open_won) == (won(11), won(2), 7)
    assert (model.calls, model.errors, model.refused) == (6, 2, 4)
    assert (model.input_tokens, model.cached_tokens) == (500 + 207, 2)
    assert model.output_tokens == 125 + 48
    assert model.latency_p50_seconds == pytest.approx(2.0)
    assert [(line.name, line.won) for line in spending(reader, EVER, "kind")] == [
        ("server", 100),
        ("api", won(11)),
    ]
    assert [(line.name, line.won) for line in spending(reader, EVER, "server")] == [
        ("gpu", 100),
        ("", won(11)),
    ]
    assert whole_spending(reader, EVER, {"server": "gpu"}).won == 100
    assert whole_spending(reader, EVER).won == 100 + won(11)
    assert whole_spending(reader, EVER).refused == 4
    assert whole_spending(reader, EVER, {"kind": "server"}).refused is None


def test_what_was_only_refused_stands_there_too(store):
    store.fold_costs(
        CostBatch(refusals=[("total", "openai", "gpt-9", NOW, "budget", "x", 4, 9, NOW, 1)]), NOON
    )
    [line] = spending(Direct(store), EVER, "model")

    assert (line.provider, line.name, line.won, line.refused) == ("openai", "gpt-9", 0, 4)


def test_only_narrows_to_what_is_said(store):
    reader = put(
        store,
        call("a", 1, workflow="ocr", key_label="x' OR true --"),
        call("b", 2, workflow="ocr"),
        call("c", 4, workflow="tags"),
    )

    [line] = spending(reader, EVER, "workflow", {"key": "x' OR true --"})
    assert (line.name, line.won) == ("ocr", won(1))
    [line] = spending(reader, EVER, "provider", {"workflow": "ocr", "key": "laptop"})
    assert line.won == won(2)
    assert [one.call_id for one in latest_calls(reader, EVER, {"workflow": "tags"})] == ["c"]


def test_the_last_moment_of_a_month_in_seoul_is_not_that_of_utc(store):
    first_us = seoul_us(2025, 12)
    reader = put(store, call("a", 1, first_us - 1), call("b", 2, first_us))
    span = (first_us / 1e6 - 86_400, first_us / 1e6 + 86_400)

    seoul = spending_over_time(reader, span, "provider", ("month", SEOUL))
    assert [(point.since, point.won) for point in seoul] == [
        (seoul_us(2025, 11) // 10**6, won(1)),
        (first_us // 10**6, won(2)),
    ]
    utc = spending_over_time(reader, span, "provider", ("month", UTC_ZONE))
    assert [point.won for point in utc] == [won(3), 0]


def test_a_span_takes_its_first_moment_and_leaves_out_its_last(store):
    reader = put(store, call("a", 1, NOW_US), call("b", 2, NOW_US + 1_000_000))

    assert spending(reader, (NOW, NOW + 1), "provider")[0].won == won(1)


def test_single_calls_latest_and_dearest(store):
    reader = put(
        store,
        call("cheap", 1, NOW_US + 2_000_000),
        call("dear", 9, NOW_US + 1_000_000),
        call("open", state="open", worst_micro=5),
    )

    assert [line.call_id for line in latest_calls(reader, EVER)] == ["cheap", "dear", "open"]
    assert [line.call_id for line in dearest_calls(reader, EVER)] == ["dear", "open", "cheap"]
    [line] = latest_calls(reader, EVER, count=1)
    assert (line.opened_at, line.won, line.key) == (NOW + 2, won(1), "laptop")


def test_reserved_against_used(store):
    reader = put(
        store,
        call("a", 2 * WON, worst_micro=8 * WON),
        call("b", WON, worst_micro=4 * WON),
        call("c", state="open"),
    )

    [line] = headroom(reader, EVER)
    assert (line.calls, line.reserved_won, line.used_won) == (2, 12, 3)
    assert line.used_share == 0.25


def balance(bucket_id="total", **changed):
    amounts = (10_000 * WON, 2 * WON, 3 * WON, 1 * WON)
    known = Balance(bucket_id, NOVEMBER.start_us, NOVEMBER.end_us, *amounts, 4)
    return known._replace(**changed)


def test_buckets_say_what_the_ledger_says(store):
    store.fold_costs(CostBatch(balances=[balance_cells(balance(), NOW)]), NOW)

    [bucket] = buckets(Direct(store), NOW)
    assert (bucket.cap_won, bucket.settled_won, bucket.open_won, bucket.unverified_won) == (
        *(10_000, 2, 3, 1),
    )
    assert (bucket.spent_won, bucket.committed_won, bucket.left_won) == (3, 6, 9_994)
    assert bucket.told_at == pytest.approx(NOW)
    assert buckets(Direct(store), NOVEMBER.end_us / 1e6) == []


def test_the_burn_down_is_of_the_calls_that_name_the_bucket(store):
    day_us = 86_400_000_000
    reader = put(
        store,
        call("a", 5 * WON, NOW_US - day_us, buckets=("api", "total")),
        call("b", 7 * WON, NOW_US, buckets=("total",), endpoint="fixed:vps"),
        call("c", 11 * WON, NOW_US, buckets=("totally",)),
        *(call(f"d{n}", WON, NOW_US - n * day_us, buckets=("total",)) for n in range(20, 60)),
    )
    store.fold_costs(CostBatch(balances=[balance_cells(balance(), NOW)]), NOW)
    [bucket] = buckets(reader, NOW)
    found = burn_down_of(reader, bucket, NOW, SEOUL)

    spent = [point.spent_won for point in found.points if point.spent_won is not None]
    assert spent[-3:] == [0, 5, 12]
    assert len(spent) == 17
    assert found.ahead


def told(job_id, key, state, at, name="video", stage=""):
    return (job_id, "", name, stage, key, "gpu", state, None, at, at + 5, 5.0, "", 1)


def test_what_a_successful_analysis_costs_by_the_key_of_its_job(store):
    store.fold_jobs(
        [
            told("1", "v1", "succeeded", NOW),
            told("2", "v2", "failed", NOW),
            told("3", "v3", "succeeded", NOW),
            told("4", "v4", "succeeded", NOW),
        ],
        "jobs:x",
        1,
    )
    reader = put(
        store,
        call("a", 2 * WON, job_key="v1"),
        call("b", 3 * WON, job_key="v1"),
        call("c", 4 * WON, job_key="v2"),
        call("d", 1 * WON, job_key="v3"),
        call("e", 7 * WON, job_key=""),
        call("f", 50 * WON, analysis=""),
    )
    [cost] = analysis_costs(reader, NOW - 60, NOW + 60)

    assert (cost.analysis, cost.won, cost.calls, cost.succeeded, cost.keyed) == (
        *("video", 17, 5, 3, 2),
    )
    assert (cost.median_won, cost.p95_won) == (1, 5)
    assert cost.won_a_success == Decimal(17) / 3


def test_calls_whose_labels_are_lost_are_still_counted(store):
    reader = put(store, call("a", 3))
    with store._database.transaction() as connection:  # noqa: SLF001
        connection.execute("DELETE FROM call_labels")

    [line] = spending(reader, EVER, "provider")
    assert (line.name, line.won, line.calls) == ("", won(3), 1)
    [point] = spending_over_time(reader, (NOW, NOW + 1), "provider", ("day", SEOUL))
    assert (point.won, point.calls) == (won(3), 1)


CALLS = st.lists(
    st.tuples(
        st.integers(-(10**9), 10**12),
        # A year around two changes of the clock.
        st.integers(0, 365 * 86_400 - 1),
        st.sampled_from(("openai", "google", "")),
        st.sampled_from(("ocr", "tags", "요약")),
        st.sampled_from(("settled", "unverified", "open", "released")),
    ),
    max_size=40,
)
BEGIN = int(datetime(2025, 3, 1, tzinfo=ZoneInfo("UTC")).timestamp())


def start(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


@pytest.mark.slow
@pytest.mark.zone
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    CALLS,
    st.sampled_from(("day", "week", "month", "year")),
    st.sampled_from(("Asia/Seoul", "Europe/Berlin", "America/New_York", "UTC")),
)
def test_sums_are_those_of_a_simple_model_to_the_micro_won(module_store, drawn, unit, zone_name):
    store, zone = module_store, ZoneInfo(zone_name)
    empty(store)
    calls = [
        call(f"c{n}", micro, (BEGIN + at) * 1_000_000, state, provider=provider, workflow=workflow)
        for n, (micro, at, provider, workflow, state) in enumerate(drawn)
    ]
    reader = put(store, *calls)
    span = (BEGIN, BEGIN + 365 * 86_400)

    for by, name in (("provider", "provider"), ("workflow", "workflow"), ("kind", None)):
        sums, counts, times = Counter(), Counter(), defaultdict(int)
        for one in calls:
            key = getattr(one, name) if name else "api"
            sums[key] += one.gross_micro
            counts[key] += 1
            local = datetime.fromtimestamp(one.opened_us / 1e6, zone)
            times[(key, int(start(local, unit).timestamp()))] += one.gross_micro
        lines = spending(reader, span, by)
        assert {line.name: line.won for line in lines} == {k: won(v) for k, v in sums.items()}
        assert {line.name: line.calls for line in lines} == counts
        assert [line.won for line in lines] == sorted((line.won for line in lines), reverse=True)
        points = spending_over_time(reader, span, by, (unit, zone))
        found = {(point.name, point.since): point.won for point in points}
        assert {key: value for key, value in found.items() if value} == {
            key: won(micro) for key, micro in times.items() if micro
        }
    total = whole_spending(reader, span)
    assert (total.won if total else 0) == won(sum(one.gross_micro for one in calls))


def test_refusals_are_told_with_their_reason_the_latest_first(store):
    def refused(model, at, calls, needed_micro, seq):
        code = "budget" if seq < 3 else "no_budget"
        return ("api", "openai", model, at, code, "x", calls, needed_micro, at, seq)

    rows = [refused("a", NOW, 4, 9, 1), refused("a", NOW + 60, 2, 8, 2), refused("b", NOW, 1, 7, 3)]
    store.fold_costs(CostBatch(refusals=rows), NOON)

    first, second = refused_lines(Direct(store), EVER)
    assert (first.model, first.code, first.calls) == ("a", "budget", 6)
    assert (first.needed_won, first.last_at) == (won(9), NOW + 60)
    assert (second.model, second.code) == ("b", "no_budget")
    assert len(refused_lines(Direct(store), EVER, 1)) == 1
    assert refused_lines(Direct(store), (0.0, 1.0)) == []


def test_what_is_unverified_stands_in_the_course_of_the_month(store):
    reader = put(store, call("a", 5 * WON), call("b", 2 * WON, NOW_US, "unverified"))
    month = [NOVEMBER.start_us // 10**6, NOVEMBER.end_us // 10**6]
    bucket = Bucket("total", *month, *[won(WON)] * 4, 1, NOW)

    last = [p for p in burn_down_of(reader, bucket, NOW, SEOUL).points if p.spent_won is not None]
    assert (last[-1].spent_won, last[-1].unverified_won) == (7, 2)
