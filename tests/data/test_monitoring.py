"""The pages' questions, answered by a real store as through the socket."""

import pyarrow.ipc
import pytest

from data.home import Home
from data.monitoring import history, last_state, machines, series_of
from data.ops.store import Store, StoreLimits
from models.monitoring import Aggregate, Row, SeriesKey
from models.tiers import RAW, Resolution

NOW = 1_800_000_000.0
CPU = SeriesKey("vps", "machine.cpu.utilization", ())
SDA = SeriesKey("vps", "system.disk.io", (("device", "sda"), ("direction", "read")))
OTHER = SeriesKey("gpu-1", "machine.cpu.utilization", ())


class Asking:
    """A reader whose agent is the store itself."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def columns(self, sql, params=()):
        stream = self.store.query(sql, params, rows_max=10_000, seconds_max=5)
        table = pyarrow.ipc.open_stream(stream).read_all()
        return {n: table.column(n).to_numpy(zero_copy_only=False) for n in table.column_names}


def row(key, seconds_ago, value, n=1) -> Row:
    return Row(key, "1", int(NOW) - seconds_ago, Aggregate(value, value - 1, value + 2, n))


@pytest.fixture
def store(tmp_path):
    store = Store.open(Home(tmp_path), StoreLimits(free_min_bytes=0), NOW)
    yield store
    store.close()


@pytest.fixture
def reader(store):
    store.write(
        [
            row(CPU, 60, 1.0),
            row(CPU, 50, 4.0, n=2),
            row(CPU, 20, 7.0),
            row(SDA, 20, 5.0),
            row(OTHER, 600, 3.0),
        ],
        NOW,
    )
    return Asking(store)


def test_every_machine_is_known_by_name(reader):
    assert machines(reader) == ["gpu-1", "vps"]


def test_series_come_with_their_labels(reader):
    (stored,) = series_of(reader, "vps", ["system.disk.io"])

    assert stored.key == SDA


def test_history_is_half_open_and_folds_buckets_by_weight(reader):
    series = series_of(reader, "vps", [CPU.name])

    (trace,) = history(reader, series, NOW - 60, NOW - 20, Resolution(RAW, 60))

    # 1 once and 4 twice: the mean is 3; the moment at NOW - 20 is outside.
    assert trace.mean.tolist() == [3.0]
    assert (trace.low.tolist(), trace.high.tolist()) == ([0.0], [6.0])


def test_a_missing_bucket_is_a_gap(reader):
    series = series_of(reader, "vps", [CPU.name])

    (trace,) = history(reader, series, NOW - 100, NOW, Resolution(RAW, 10))

    assert [run.stop - run.start for run in trace.runs()] == [2, 1]


def test_a_series_without_values_in_the_span_has_no_trace(reader):
    series = series_of(reader, "vps", [CPU.name, SDA.name])

    assert [t.key for t in history(reader, series, NOW - 100, NOW - 40, Resolution(RAW, 10))] == [
        CPU
    ]
    assert history(reader, [], NOW - 100, NOW, Resolution(RAW, 10)) == []


def test_the_last_state_is_what_was_stored_in_the_last_two_minutes(reader):
    live = last_state(reader, NOW)

    assert live is not None
    assert {series.key: series.value for series in live.series} == {CPU: 7.0, SDA: 5.0}
    assert live.sources == ()


def test_an_empty_store_has_no_last_state(store):
    asking = Asking(store)

    assert last_state(asking, NOW) is None
    assert machines(asking) == []
