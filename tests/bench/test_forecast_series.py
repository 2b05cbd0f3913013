"""Folders of series become hours."""

import gzip
import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from bench.forecast_series import folder_of, hourly, read

BEGAN = datetime(2024, 3, 1, 0, 30, tzinfo=UTC)


def _write(file, values, minutes=30):
    rows = ["timestamp,value"]
    for place, value in enumerate(values):
        moment = BEGAN + timedelta(minutes=minutes * place)
        rows.append(f"{moment:%Y-%m-%d %H:%M:%S},{value}")
    text = "\n".join(rows) + "\n"
    if file.suffix == ".gz":
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text)


def test_counts_are_summed_and_shares_are_averaged_without_the_hours_at_the_ends(tmp_path):
    _write(tmp_path / "nab_request_count.csv.gz", range(8))
    _write(tmp_path / "cpu_utilization.csv", range(8))

    found = {each.name: each for each in read(tmp_path).series}

    assert found["request_count"].values.tolist() == [3, 7, 11]
    assert found["cpu_utilization"].values.tolist() == [1.5, 3.5, 5.5]


def test_hours_without_a_sample_are_interpolated(tmp_path):
    _write(tmp_path / "latency.csv", [1, 2, 4, "", "", "", "", 10, 12, 12])

    (found,) = read(tmp_path).series

    assert found.values.tolist() == [
        3,
        pytest.approx(5.6667, abs=1e-3),
        pytest.approx(8.3333, abs=1e-3),
        11,
    ]


def test_samples_may_stand_in_any_order_and_hours_may_stand_alone():
    points = [(0, 1.0), (3_600, 2.0), (7_200, 3.0)]

    assert hourly(points, "sum").tolist() == [1, 2, 3]


def test_a_series_ends_before_the_day_that_is_told(tmp_path):
    _write(tmp_path / "nab_nyc_taxi.csv", range(100))
    rules = {"*taxi*": {"until": "2024-03-02"}}
    tmp_path.with_name(tmp_path.name + ".json").write_text(json.dumps(rules))

    (found,) = read(tmp_path).series

    assert len(found.values) == 23


def test_the_finest_of_two_steps_of_a_series_is_read(tmp_path):
    _write(tmp_path / "web_1h.csv", [100] * 30, minutes=60)
    _write(tmp_path / "web_1min.csv", [1] * 180, minutes=1)

    (found,) = read(tmp_path).series

    assert found.name == "web"
    assert found.values.tolist() == [60, 60]


def test_patterns_of_the_command_come_before_names_and_the_file_of_rules(tmp_path):
    _write(tmp_path / "cpu.csv", range(8))
    (tmp_path / "series.json").write_text('{"cpu": {"how": "mean"}, "x": {"skip": true}}')
    _write(tmp_path / "x.csv", range(8))

    found = read(tmp_path, sums=["cp*"])

    assert [(each.name, each.how) for each in found.series] == [("cpu", "sum")]
    assert found.left_out == ["x: a rule says so"]


def test_rules_that_are_not_understood_are_refused_with_an_example(tmp_path):
    (tmp_path / "series.json").write_text('{"cpu": {"who": "mean"}}')

    with pytest.raises(SystemExit, match="how, until or skip"):
        read(tmp_path)


def test_train_and_test_are_joined_in_order_and_the_sample_is_the_same_each_time(tmp_path):
    rows = ["unique_id,ds,value,part"]
    for name in ("H1", "H2", "H3", "H4"):
        rows += [f"{name},{ds},{ds * 10},{'train' if ds < 3 else 'test'}" for ds in (2, 0, 1, 3)]
    (tmp_path / "m4_hourly.csv").write_text("\n".join(rows) + "\n")

    every, some = read(tmp_path).series, read(tmp_path, m4_sample=2).series

    assert [each.name for each in every] == ["H1", "H2", "H3", "H4"]
    assert every[0].values.tolist() == [0, 10, 20, 30]
    assert every[0].group == "m4"
    assert [each.name for each in some] == [each.name for each in read(tmp_path, 2).series]
    assert len(some) == 2


def test_files_of_other_kinds_and_empty_ones_are_named(tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "rest.csv").write_text("timestamp,value\n2024-03-01 00:00:00,\n")

    found = read(tmp_path)

    assert found.series == []
    assert [each.split(":")[0] for each in found.left_out] == ["notes", "rest"]


def test_moments_may_be_numbers(tmp_path):
    rows = [f"{1_700_000_000_000 + 3_600_000 * hour},{hour}" for hour in range(5)]
    (tmp_path / "hits.csv").write_text("timestamp,value\n" + "\n".join(rows))

    (found,) = read(tmp_path).series

    assert found.values.tolist() == [0, 1, 2, 3, 4]
    assert not any(map(math.isnan, found.values))
    assert found.values.dtype == np.float64


def test_a_missing_folder_is_refused_with_where_the_originals_are(tmp_path, monkeypatch):
    monkeypatch.setenv("SALLIM_TRACES", str(tmp_path / "nowhere"))

    with pytest.raises(SystemExit, match="numenta/NAB"):
        folder_of(None)
