"""What a collector that begins anew is told of the runs before."""

import json

from models.databases.growth import Size
from models.monitoring import Aggregate, Execution, Row, SeriesKey, Thing
from models.workflows.known import WATERMARK_KIND
from tests.data.stores import NOON, one

SOURCE = "n8n:main"
DAY = 86_400


def run(number, *, ago, status="success", workflow="w1", **more):
    start = NOON - ago
    stopped = start + 5 if status in ("success", "error") else None
    return Execution(
        *(SOURCE, workflow, str(number), status, "trigger"), None, start, stopped, start + 5
    )._replace(**more)


def test_of_an_empty_store_nothing_is_remembered(store):
    known = store.known_runs(SOURCE, NOON)

    assert (known.watermark, list(known.runs), known.starts, known.last_success_at) == (
        None,
        [],
        {},
        {},
    )


def test_the_last_watermark_holds(store):
    for watermark in (9, 12):
        detail = json.dumps({"watermark": watermark})
        store.record([Thing(WATERMARK_KIND, SOURCE, "executions", "", detail, NOON + watermark)])

    assert store.known_runs(SOURCE, NOON).watermark == 12
    assert store.known_runs("n8n:other", NOON).watermark is None


def test_open_runs_those_of_a_day_and_the_last_fifty_of_each_workflow_come_oldest_first(store):
    old = [run(n, ago=10 * DAY - n) for n in range(60)]
    store.record([*old, run(100, ago=20 * DAY, status="running", workflow="w2"), run(101, ago=60)])

    runs = [int(execution.execution_id) for execution in store.known_runs(SOURCE, NOON).runs]

    assert runs == [100, *range(11, 60), 101]


def test_starts_are_thinned_and_leave_out_what_people_did(store):
    store.record(
        [
            *(run(n, ago=DAY + n) for n in range(10)),
            run(20, ago=2 * DAY, mode="manual"),
            run(21, ago=36 * DAY),
            run(22, ago=3 * DAY, workflow="w2"),
        ]
    )

    starts = store.known_runs(SOURCE, NOON).starts

    assert len(starts["w1"]) in (1, 2)
    assert starts["w2"] == [NOON - 3 * DAY]


def test_a_success_is_remembered_however_long_ago(store):
    store.record([run(1, ago=100 * DAY), run(2, ago=60, status="error")])

    assert store.known_runs(SOURCE, NOON).last_success_at == {"w1": NOON - 100 * DAY + 5}


def test_what_was_stored_comes_back_as_it_was(store):
    execution = run(
        1, ago=60, status="error", error="node: <b>", key="video-1", queued_at=NOON - 70.5
    )
    store.record([execution])

    assert list(store.known_runs(SOURCE, NOON).runs) == [execution]


def size(name, at, size_bytes, machine="vps", **labels):
    key = SeriesKey(machine, name, tuple(sorted(labels.items())))
    return Row(key, "By", int(at), Aggregate(size_bytes, size_bytes, size_bytes, 1))


def stored(store, rows):
    store.write(rows, NOON)
    for _ in range(3):
        store.maintain(NOON + 120)
    assert one(store, "SELECT max(epoch(taken_at)) FROM samples_10m") == NOON - 600


def test_sizes_are_those_of_one_source_few_and_with_the_total_of_each_moment(store):
    rows = []
    for step in range(1, 61):
        at = NOON - 600 * step
        growing = 1e6 - 1000 * step
        rows += [
            size("postgresql.db_size", at, growing, source="main", database="n8n"),
            size("postgresql.db_size", at, 5e5, source="main", database="app"),
            size("postgresql.table.size", at, 7.0, source="main", database="n8n", table="runs"),
            size("postgresql.db_size", at, 9e9, source="other", database="n8n"),
            size("postgresql.db_size", at, 9e9, "gpu-1", source="main", database="n8n"),
            size("sqlite.size", at, 100.0, source="main"),
            size("sqlite.wal.size", at, 11.0, source="main"),
        ]
    stored(store, rows)
    known = store.known_sizes("vps", "postgres:main", NOON)

    assert set(known) == {("",), ("n8n",), ("app",), ("n8n", "runs")}
    assert {len(sizes) for sizes in known.values()} == {32}
    assert known[("",)] == [Size(each.at, each.size_bytes + 5e5) for each in known[("n8n",)]]
    assert known[("n8n",)][-1] == Size(NOON - 300, 999_000)
    assert {each.size_bytes for each in known[("n8n", "runs")]} == {7.0}
    file = store.known_sizes("vps", "sqlite:main", NOON)
    assert {each.size_bytes for each in file[("",)]} == {111.0}
    assert store.known_sizes("vps", "sqlite:main", NOON + 8 * DAY) == {}
