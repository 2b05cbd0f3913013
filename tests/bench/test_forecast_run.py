"""Forecasters are processes that answer line by line."""

import sys

import numpy as np
import pytest

from bench.forecast_protocol import STEPS, Window
from bench.forecast_run import Forecaster, ask

LAST = """
import json, sys
print("asked", file=open(sys.argv[1], "a"))
for line in sys.stdin:
    last = json.loads(line)["values"][-1]
    row = [last] * 24
    print(json.dumps({"failed": "it is odd"} if last % 2 else
        {"means": row, "bands": [row] * 4, "cpu_seconds": 0.5}), flush=True)
"""


@pytest.fixture
def windows():
    drawn = np.random.default_rng(1).random((40, 200))
    drawn[:, -1] = np.arange(40)
    return [Window(place // 10, row, row[:STEPS]) for place, row in enumerate(drawn)]


@pytest.fixture
def forecaster(tmp_path):
    script = tmp_path / "last.py"
    script.write_text(LAST)
    return Forecaster("last", (sys.executable, str(script), str(tmp_path / "log")), "1.0")


def test_answers_stand_in_the_order_of_the_windows_however_many_answer(windows, forecaster):
    for jobs in (1, 3):
        found = ask(forecaster, windows, jobs, None)

        assert [each.means[0] for each in found.answers[::2]] == list(range(0, 40, 2))
        assert found.answers[0].cpu_seconds == 0.5


def test_what_fails_counts_as_seasonal_naive_and_is_told(windows, forecaster):
    found = ask(forecaster, windows, 1, None)

    assert found.answers[1].means[0] == windows[1].history[-24]
    assert found.note == "20 failed and count as seasonal naive (it is odd)"


def test_what_was_answered_once_is_kept_with_its_day(windows, forecaster, tmp_path):
    first = ask(forecaster, windows, 2, tmp_path / "kept")
    again = ask(forecaster, windows, 2, tmp_path / "kept")

    assert (tmp_path / "log").read_text().count("asked") == 2
    assert [each.means.tolist() for each in again.answers] == [
        each.means.tolist() for each in first.answers
    ]
    assert again.note.startswith("40 of 40 from the cache, measured 20")


def test_another_version_is_asked_anew(windows, forecaster, tmp_path):
    ask(forecaster, windows, 1, tmp_path / "kept")

    ask(forecaster._replace(version="1.1"), windows, 1, tmp_path / "kept")

    assert (tmp_path / "log").read_text().count("asked") == 2


def test_a_forecaster_that_ends_is_named(windows, tmp_path):
    with pytest.raises(SystemExit, match="broken ended"):
        ask(Forecaster("broken", (sys.executable, "-c", "pass")), windows, 1, None)
