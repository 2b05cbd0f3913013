"""The benchmark of forecasts from folder to summary line."""

import doctest
import importlib
import math
import subprocess
import sys

import numpy as np
import pytest

from bench.forecast_costs import Costs, claims
from bench.processes import ROOT


@pytest.mark.parametrize("part", ["kinds", "protocol", "scores", "series"])
def test_examples_in_its_docstrings_are_true(part):
    found = doctest.testmod(importlib.import_module(f"bench.forecast_{part}"))

    assert found.attempted > 0
    assert found.failed == 0


def test_costs_are_held_to_their_limits_and_told_for_fifty():
    cheap = claims(Costs([0.4] * 10, [0.05] * 10, 5.0, 6.0, []), targets=10)
    dear = claims(Costs([0.7] * 10, [0.2] * 10, 40.0, 6.0, []), targets=10)

    assert [claim.holds for claim in cheap] == [True] * 3
    assert [claim.holds for claim in dear] == [False] * 3
    assert cheap[2].measured.startswith("21.0 s")


def test_fits_that_all_failed_are_a_missed_limit():
    (daily, *_) = claims(Costs([math.nan], [math.nan], 1.0, 1.0, ["x: it failed"]))

    assert not daily.holds


@pytest.mark.slow
def test_it_ends_with_a_summary_line_and_a_status_that_agree(tmp_path):
    drawn = np.random.default_rng(4)
    for name in ("request_count", "cpu_percent"):
        hours = np.arange(340)
        values = 100 + 50 * np.sin(hours * math.tau / 24) + drawn.normal(0, 5, len(hours))
        rows = [f"{hour * 3_600},{value:.3f}" for hour, value in zip(hours, values, strict=True)]
        (tmp_path / f"{name}.csv").write_text("timestamp,value\n" + "\n".join(rows) + "\n")
    command = [sys.executable, "-m", "bench.forecast", "--series", str(tmp_path), "--jobs", "2"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    *_, last = done.stdout.splitlines()
    assert last.startswith("bench.forecast, ")
    assert ("all hold" in last) == (done.returncode == 0)
    assert "| cpu_percent | mean |" in done.stdout
    assert "compared with sn24 only" in done.stdout
    assert ("MISSED" in done.stdout) == ("missed: " in last)
