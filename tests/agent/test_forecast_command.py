"""`forecast` as it is typed: a file, a target of the agent, and what cannot be forecast."""

import gzip
import json
import math
import time

import pytest

from agent.__main__ import main
from agent.commands import NO_AGENT, OK, PROBLEM, USAGE
from data.ops.demand import DemandBatch
from tests.data.demand_rows import HOUR, forecast, level, truths
from tests.data.stores import home_in, opened
from tests.pages.canned import CannedView, serving

pytestmark = pytest.mark.slow


@pytest.fixture
def typed(tmp_path, capsys, monkeypatch):
    home = home_in(tmp_path)
    monkeypatch.setenv("SALLIM_CONFIG", "")

    def type_in(*words: str) -> tuple[int, str, str]:
        code = main(["forecast", *words, "--home", str(home.path)])
        told = capsys.readouterr()
        return code, told.out, told.err

    type_in.home = home
    return type_in


def wave(hour: int) -> float:
    return 50 + 30 * math.sin(hour * math.tau / 24) + hour * 7919 % 13


def written(path, lines) -> str:
    text = "timestamp,value\n" + "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return str(path)


def test_a_file_is_forecast_as_csv_and_as_json(typed, tmp_path):
    """Out of order, twice, of half hours, and packed."""
    lines = [f"{1_790_000_000 + half * 1_800},{wave(half // 2)}" for half in range(2 * 24 * 10)]
    path = written(tmp_path / "waves.csv.gz", [*reversed(lines), lines[5]])

    code, out, err = typed("--series", path, "--horizon", "6h")
    assert code == OK
    head, *rows = out.splitlines()
    assert head == "at,mean,q2.5,q10,q50,q80,q90,q95,q97.5"
    assert len(rows) == 6
    assert all(row.split(",")[0].endswith(":00:00+09:00") for row in rows)
    assert err.strip()

    code, out, _ = typed("--series", path, "--model", "seasonal_naive", "--format", "json")
    shape = json.loads(out)
    assert (code, shape["model"], len(shape["steps"])) == (OK, "seasonal_naive", 24)
    assert list(shape["steps"][0]["quantiles"].values()) == sorted(
        shape["steps"][0]["quantiles"].values()
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "has no points: its lines are timestamp,value"),
        (["1790000000,1", "yesterday,2"], "line 3: yesterday,2 is no timestamp,value"),
        (["1790000000,1", "1790003600,2"], "less than a day is known"),
    ],
)
def test_a_file_that_cannot_be_forecast_says_why(typed, tmp_path, lines, told):
    code, out, err = typed("--series", written(tmp_path / "a.csv", lines))

    assert (code, out) == (PROBLEM, "")
    assert told in err


def test_words_that_mean_nothing_say_what_would(typed, tmp_path):
    assert typed("--series", "calls", "--horizon", "soon")[::2] == (
        USAGE,
        "--horizon soon: write hours or days, as 24h or 7d\n",
    )
    assert "choose 3d to 400d" in typed("--series", "calls", "--span", "2d")[2]
    code, _, err = typed("--series", "nothing")
    assert code == USAGE
    assert "no such target; these are: calls, spend" in err
    code, _, err = typed("--series", str(tmp_path / "none.csv"))
    assert (code, "No such file" in err) == (PROBLEM, True)
    assert typed("--series", "n8n.queue.waiting")[0] == NO_AGENT


def test_what_the_agent_forecast_lately_is_printed_as_it_is(typed):
    start = int(time.time()) // HOUR * HOUR
    store = opened(typed.home, time.time())
    store.demand.keep(DemandBatch(forecasts=[("refresh", forecast(start))]))
    with serving(CannedView(store), typed.home):
        code, out, err = typed("--series", "calls", "--horizon", "3h")
    store.close()

    assert (code, err) == (OK, "combo: 2 members\n")
    assert [row.split(",")[1:4] for row in out.splitlines()[1:]] == [["10", "6", "8"]] * 3


def test_another_model_of_a_target_is_fitted_now(typed):
    start = int(time.time()) // HOUR * HOUR - 8 * 24 * HOUR
    store = opened(typed.home, time.time())
    kept = truths([wave(hour) for hour in range(8 * 24)], start)
    store.demand.keep(DemandBatch(truths=kept))
    with serving(CannedView(store), typed.home):
        code, out, err = typed("--series", "calls", "--model", "seasonal_naive")
    store.close()

    assert (code, len(out.splitlines())) == (OK, 25)
    assert err.startswith("seasonal_naive:")


def test_any_metric_is_forecast_out_of_the_store(typed):
    start = int(time.time()) // HOUR * HOUR - 3 * 24 * HOUR
    store = opened(typed.home, time.time())
    store.write(level("jobs.waiting", [wave(hour) for hour in range(3 * 24)], start, HOUR), start)
    for _ in range(20):
        # A part of what was rolled up late is done each time.
        store.maintain(time.time())
    with serving(CannedView(store), typed.home):
        code, out, err = typed("--series", "jobs.waiting", "--horizon", "2h")
        nothing = typed("--series", "jobs.nowhere")
    store.close()

    assert (code, len(out.splitlines())) == (OK, 3), err
    assert nothing[0] == PROBLEM
    assert "no metric that was stored in these 28 days" in nothing[2]
