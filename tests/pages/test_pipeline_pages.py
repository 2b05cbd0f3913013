"""Workflows, analyses, databases and services as a person sees them, without a browser."""

import time

import pytest

from data.ops.records import JOBS
from models.messages import say
from models.monitoring import Execution, Thing
from tests.pages.canned import source
from tests.pages.test_pages import opened, visible

pytestmark = [pytest.mark.slow, pytest.mark.zone]

MINUTE = 60


def run(number: int, *, ago: float, status: str = "success", error: str = "") -> Execution:
    start = time.time() - ago
    return Execution(
        *("n8n:main", "w1", str(number), status, "trigger"),
        *(None, start, start + 5, start + 5, "", error),
    )


def job(number: int, *, stage: str = "", state: str = "succeeded", parent: str = "") -> tuple:
    start = time.time() - 3600 + number * 10
    names = (f"j{number}{stage}", parent, "video", stage, f"video-{number}", "gpu-1", state)
    error = "RuntimeError: CUDA out of memory" if state == "failed" else ""
    return (*names, start - 30, start, start + 8, 8.0, error, number + 1)


@pytest.fixture
def pipeline(agent, store):
    """Runs, analyses and what the collectors tell of themselves."""
    store.record(
        [
            *(run(n, ago=(30 - n) * MINUTE) for n in range(20)),
            run(90, ago=3 * MINUTE, status="error", error="Slack: <b>no</b> [channel](x)"),
            run(91, ago=2 * MINUTE, status="error"),
            Thing("workflow", "n8n:main", "w1", "Notify *all* 🎬", "{}", time.time()),
        ]
    )
    rows = [
        *(job(n, stage="transcribe") for n in range(20)),
        *(job(n, stage="store") for n in range(19)),
        job(19, stage="store", state="failed"),
    ]
    assert len(rows[0]) == len(JOBS.columns)
    store.fold_jobs(rows, "jobs:test", 99)
    agent.sources = [
        *agent.sources,
        *(source(name) for name in ("n8n:main", "postgres:main", "redis:main", "endpoint:api")),
        source("sqlite:main", "error", reason="no such file"),
    ]
    agent.told = {
        "n8n:main": {"version": "2.40.7", "queue_waiting": 3, "workflows": []},
        "postgres:main": POSTGRES,
        "redis:main": {"memory_bytes": 1024.0**2, "clients": 3, "queues": [], "version": "7"},
        "endpoint:api": {
            "url": "https://api.example",
            "up": False,
            "since_at": time.time() - 90,
            "status": 502,
            "problem": say("answered 502, expected 200 to 399").as_json(),
            "times": {"connect": 0.002, "first_byte": 0.01, "total": 0.011},
            "certificate_days": 12,
        },
        "beats": {
            "beats": [
                {
                    "name": "dump",
                    "state": "late",
                    "every_seconds": 86_400,
                    "last_at": time.time() - 90_000,
                    "ok_at": None,
                    "message": "",
                    "note": say("dump is late").as_json(),
                }
            ]
        },
    }
    return agent


BLOCKED = {"pid": 12, "user": "worker", "query": "INSERT INTO x", "seconds": 3.0, "children": []}
POSTGRES = {
    "version": "15.1",
    "connections": {"used": 12, "max": 97, "states": {"active": 2}},
    "blocked": 1,
    "commits_per_second": 4.2,
    "cache_hit_ratio": 0.99,
    "response_seconds": 0.002,
    "blocking": [
        {
            "pid": 11,
            "user": "postgres",
            "app": "pg_dump",
            "query": "LOCK TABLE `x`",
            "seconds": 65.0,
            "waiting": 1,
            "children": [BLOCKED],
        }
    ],
    "long_queries": [],
    "statements": [
        {
            "queryid": "1",
            "text": "SELECT * FROM videos",
            "calls_per_second": 2.0,
            "mean_seconds": 0.1,
            "share": 0.2,
        }
    ],
    "databases": [{"name": "app", "bytes": 10**9, "growth_bytes_per_day": 10**6}],
    "tables": [],
    "disk": {"days_to_full": 123.0},
    "replication": {"replicas": []},
    "left_out": [say("pg_stat_statements is not there").as_json()],
}


def test_the_workflow_that_fails_is_first_and_its_words_are_no_markup(pipeline):
    app = opened("pages/workflows.py")

    assert not app.exception
    assert app.selectbox[0].value == "n8n:main/w1"
    text = visible(app)
    assert "2 failures in a row" in text
    assert "version 2.40.7" in text
    assert "\\[channel\\]" in text
    assert "\\<b>" in text


def test_an_analysis_is_shown_with_its_stages_and_failures(pipeline):
    app = opened("pages/analyses.py")

    assert not app.exception
    text = visible(app)
    assert "CUDA out of memory" in text
    assert "video-19" in text
    assert [frame.value.shape[0] for frame in app.dataframe] == [1, 2]
    assert app.dataframe[0].value["State"].tolist() == ["▲ some fail"]


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        ("workflows", ""),
        ("analyses", ""),
        ("analyses", "bottlenecks"),
        ("machines", "databases"),
        ("machines", "services"),
    ],
)
def test_what_is_not_known_is_a_dash_in_every_table(pipeline, page, tab):
    app = opened(f"pages/{page}.py", tab=tab)

    assert app.dataframe
    assert {frame.proto.placeholder for frame in app.dataframe} == {"–"}


def test_what_holds_everything_up_is_told_with_a_next_step(pipeline):
    app = opened("pages/analyses.py", tab="bottlenecks")

    assert not app.exception
    assert "→" in visible(app)


def test_a_database_shows_who_blocks_whom(pipeline):
    app = opened("pages/machines.py", tab="databases")

    assert not app.exception
    text = visible(app)
    assert "blocks 1" in text
    assert "process 12" in text
    assert "pg_stat_statements is not there" in text
    assert "123" in text


def test_services_show_what_is_down_and_what_is_late(pipeline):
    app = opened("pages/machines.py", tab="services")

    assert not app.exception
    text = visible(app)
    assert "answered 502, expected 200 to 399" in text
    assert "dump is late" in text


def test_the_overview_shows_the_matrix_and_what_fires(pipeline):
    text = visible(opened())

    assert "Everything at a glance" in text
    assert text.count("2 failures in a row") == 1
    assert text.count("answered 502") == 1
    assert text.count("no such file") == 1


def test_what_only_needs_a_look_is_told_below_the_matrix(agent):
    agent.sources = [source("endpoint:api", reason="the certificate ends in 3 days")]

    assert visible(opened()).count(":orange-badge[▲ api] the certificate ends in 3 days") == 1


@pytest.mark.parametrize("page", ["pages/workflows.py", "pages/analyses.py"])
def test_a_page_without_anything_says_what_would_fill_it(agent, page):
    app = opened(page)

    assert not app.exception
    assert app.info
    assert app.code


@pytest.mark.parametrize("tab", ["databases", "services"])
def test_a_tab_without_anything_says_what_would_fill_it(agent, tab):
    app = opened("pages/machines.py", tab=tab)

    assert not app.exception
    assert app.info
    assert app.code
