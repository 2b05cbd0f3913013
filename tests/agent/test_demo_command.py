"""`python -m agent demo`: its demand was forecast as an agent would have, and nothing ahead."""

import json
import time
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest

from agent.__main__ import main
from data.control import Control
from data.demand_choices import predictions
from data.demo_settings import SETTINGS
from data.home import Home
from data.ops.connection import open_for_looking
from data.ops.demand_series import measured
from data.settings_file import check
from models.demand.targets import targets_of
from models.tiers import DAY_SECONDS, HOUR_SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.zone]

DAYS = 22
SEOUL = ZoneInfo("Asia/Seoul")
LEFT_OUT = ("calls", "spend", "vps-cpu")


def settings_text() -> str:
    """Those of the demo with what pools go by alone: each target costs seconds."""
    names = [f'name = "{name}"' for name in LEFT_OUT]
    parts = SETTINGS.split("\n\n")
    return "\n\n".join(part for part in parts if not any(name in part for name in names))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("demo"))
    (home.path / "sallim.toml").write_text(settings_text())
    assert main(["demo", "--home", str(home.path), "--days", str(DAYS)]) == 0
    return home


@pytest.fixture
def connection(home):
    with closing(open_for_looking(home.ops)) as connection:
        yield connection


@pytest.fixture
def ask(connection):
    return lambda sql: connection.execute(sql).fetchall()


def test_each_forecast_begins_when_it_was_made_and_of_hours_that_were_over(ask):
    sql = """
    SELECT count(*), count(*) FILTER (start_at <> made_at), count(*) FILTER (made_at > now()),
           count(*) FILTER (work = 'refresh') FROM forecasts WHERE target = 'videos'
    """

    [(made, apart, later, by_the_hour)] = ask(sql)
    assert apart == later == 0
    assert by_the_hour > 6 * 24 - 7
    assert made > by_the_hour + 10


def test_truths_are_the_series(home, connection, ask):
    [videos, _] = targets_of(check(home.path / "sallim.toml"))
    truths = dict(ask("SELECT epoch(begun_at)::BIGINT, value FROM truths WHERE target = 'videos'"))
    now = int(time.time())
    grid = measured(connection, videos, (now - 2 * DAYS * DAY_SECONDS, now), SEOUL)
    series = {grid.start_at + n * HOUR_SECONDS: value for n, value in enumerate(grid.values)}

    assert len(truths) > 20 * 24
    assert truths == {at: series[at] for at in truths}


def test_people_send_more_videos_by_day_and_on_workdays(ask):
    sql = """
    SELECT avg(value) FILTER (hour BETWEEN 10 AND 17 AND day < 6) AS workdays,
           avg(value) FILTER (hour BETWEEN 10 AND 17 AND day >= 6) AS weekends,
           avg(value) FILTER (hour BETWEEN 2 AND 6) AS nights
    FROM (SELECT value, hour(local) AS hour, isodow(local) AS day
          FROM (SELECT value, begun_at::TIMESTAMP + INTERVAL 9 HOURS AS local FROM truths
                WHERE target = 'videos'))
    """

    [(workdays, weekends, nights)] = ask(sql)
    assert workdays > 2 * weekends > 4 * nights


def test_how_good_they_were_is_known_and_better_than_yesterdays_hour(ask):
    sql = """
    SELECT steps, one_minus_wape, skill FROM accuracies
    WHERE target = 'videos' AND days = 7 AND ahead = 1 ORDER BY made_at DESC LIMIT 1
    """

    [(steps, accuracy, skill)] = ask(sql)
    assert steps == 7 * 24
    assert accuracy > 0.6
    assert skill is not None


def test_whether_forecasts_may_start_machines_was_judged_after_a_week(home):
    with closing(Control.open(home.control)) as control:
        [gpu] = predictions(control)
        told = control.rows("alerts", "number")
    assert gpu.pool == "gpu"
    assert json.loads(gpu.figures)["steps"] == 7 * 24
    switched = [row[1].split(":")[2] for row in told if row[1].startswith("prediction:gpu:")]
    assert gpu.is_on is (switched[-1:] == ["on"])


def test_plans_follow_what_was_measured_within_what_is_allowed(ask):
    found = ask("SELECT pool, wanted, reactive, allowed, epoch(planned_at) FROM plans")
    gpu = [row for row in found if row[0] == "gpu"]

    assert {row[0] for row in found} == {"gpu", "reports"}
    assert all(wanted <= allowed for _, wanted, _, allowed, _ in found)
    assert len({wanted for _, wanted, *_ in gpu}) > 1
    assert max(at for *_, at in found) <= time.time()


def test_the_won_of_the_month_are_forecast_for_each_budget(ask):
    assert {row for (row,) in ask("SELECT bucket_id FROM month_forecasts")} == {
        "api",
        "servers",
        "total",
    }


def test_without_forecasts_there_are_none(tmp_path):
    home = Home(tmp_path)

    assert main(["demo", "--home", str(tmp_path), "--days", "1", "--no-forecasts"]) == 0
    with closing(open_for_looking(home.ops)) as connection:
        assert connection.execute("SELECT count(*) FROM forecasts").fetchone() == (0,)


def test_of_a_single_day_nothing_is_forecast_and_nothing_fails(tmp_path):
    assert main(["demo", "--home", str(tmp_path), "--days", "1"]) == 0
    with closing(open_for_looking(Home(tmp_path).ops)) as connection:
        sql = "SELECT count(*) FROM forecasts WHERE model = 'combo'"
        assert connection.execute(sql).fetchone() == (0,)
