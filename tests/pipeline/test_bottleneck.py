"""A pipeline of real processes with a known slow part: the report names it, and then the next."""

import time
from contextlib import contextmanager

import pytest

from data.bottlenecks import bottleneck_inputs
from data.home import Home
from models.bottlenecks.report import bottlenecks
from models.bottlenecks.shapes import CauseKind, Finding, Kind, Report
from tests.household import Lock
from tests.pipeline.line import ANALYSIS, Arrivals, Line, running_line
from tests.processes import running_agent, until
from tests.servers.http import request_of, serving
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis

pytestmark = pytest.mark.slow

EVERY_SECONDS = 0.25
FIRST = {"download": 0.02, "transcribe": 0.6, "store": 0.4}


@pytest.fixture(scope="module")
def postgres():
    with running_postgres() as server:
        yield server


@pytest.fixture
def redis():
    with running_redis() as server:
        yield server


@contextmanager
def watched(home: Home, line: Line, more: str = ""):
    """An agent over the pipeline; yields its reader."""
    home.make()
    (home.path / "sallim.toml").write_text(f"""\
[store]
batch_seconds = 1
[[redis]]
url = "{line.redis.url}"
queues = ["q:download", "q:transcribe", "q:store"]
interval_seconds = 1
[[postgres]]
url = "{line.postgres.url()}"
password = "LINE_PG"
interval_seconds = 1
{more}""")
    with running_agent(home, LINE_PG=line.postgres.password) as (_, reader):
        until(lambda: "postgres:main" in (reader.details() or {}), 30)
        yield reader


def report_of(reader, since: float) -> Report:
    return bottlenecks(bottleneck_inputs(reader, since, time.time()))


def limit_of(report: Report) -> str | None:
    return next((p.limit for p in report.pipelines if p.analysis == ANALYSIS), None)


def ended_since(reader, since: float, stage: str) -> int:
    rows = reader.columns(
        "SELECT count(*) AS n FROM jobs WHERE stage = ? AND ended_at >= to_timestamp(?)",
        [stage, since],
    )
    return int(rows["n"][0])


def test_the_slow_stage_is_named_and_the_next_one_once_it_is_relieved(tmp_path, postgres, redis):
    home = Home(tmp_path / "home")
    line = Line(home, redis, postgres, FIRST)
    with watched(home, line) as reader, running_line(line), Arrivals(redis, EVERY_SECONDS):
        since = time.time()
        until(lambda: ended_since(reader, since, "transcribe") >= 25, 60)

        first = report_of(reader, since)
        assert limit_of(first) == "transcribe"
        assert (first.findings[0].kind, first.findings[0].stage) == (Kind.STAGE, "transcribe")
        assert str(first.findings[0].next_step)

        line.change("transcribe", 0.02)
        # What waited before the relief belongs to the time before.
        relieved = time.time()
        until(lambda: redis.run("LLEN", "q:transcribe") == 0, 60)
        since = time.time()
        until(lambda: ended_since(reader, since, "store") >= 30, 60)

        second = report_of(reader, since)
        assert relieved < since
        assert limit_of(second) == "store"
        assert (second.findings[0].kind, second.findings[0].stage) == (Kind.STAGE, "store")


QUICK = {"download": 0.02, "transcribe": 0.02, "store": 0.02}
CALM_CHECKS, SLOW_CHECKS = 25, 8
"""Slow is what takes twice the usual time: most checks must be usual ones."""


def test_a_lock_is_named_with_the_session_that_holds_it(tmp_path, postgres, redis):
    home = Home(tmp_path / "home")
    line = Line(home, redis, postgres, QUICK, counts={"store": 4})
    with watched(home, line) as reader, running_line(line), Arrivals(redis, EVERY_SECONDS):
        since = time.time()
        until(lambda: ended_since(reader, since, "store") >= 20, 60)
        with Lock(postgres, "results"):
            until(lambda: reader.details()["postgres:main"].get("blocked") == 4, 30)
            # A report tells a lost minute from none: four sessions soon have waited for one.
            told = until(lambda: _lock_of(report_of(reader, since)), 90)

    assert any("held by" in str(proof) and "test" in str(proof) for proof in told.evidence)


def test_an_api_that_slows_down_is_named(tmp_path, postgres, redis):
    home = Home(tmp_path / "home")
    api = Api()
    with serving(api) as server:
        line = Line(home, redis, postgres, QUICK, api=f"{server.url}/v1")
        more = f"""\
[[endpoint]]
name = "transcriber"
url = "{server.url}/v1"
interval_seconds = 1
"""
        with (
            watched(home, line, more) as reader,
            running_line(line),
            Arrivals(redis, EVERY_SECONDS),
        ):
            since = time.time()
            until(lambda: checks_since(reader, since) >= CALM_CHECKS, 120)
            api.seconds, slow_since = 0.6, time.time()
            until(lambda: checks_since(reader, slow_since) >= SLOW_CHECKS, 120)
            api.seconds = 0.01

            until(lambda: _tells_of(report_of(reader, since), "transcriber"), 60)


def checks_since(reader, since: float) -> int:
    rows = reader.columns(
        "SELECT coalesce(sum(n), 0)::BIGINT AS n FROM samples JOIN series ON id = series_id "
        "WHERE name = 'http.check.up' AND taken_at >= to_timestamp(?)",
        [since],
    )
    return int(rows["n"][0])


def _lock_of(report: Report) -> Finding | None:
    """A finding of its own, or one about the stage whose cause it is: as runs can be compared."""
    return next((finding for finding in report.findings if _names_the_lock(finding)), None)


def _names_the_lock(finding: Finding) -> bool:
    causes = [cause.subject for cause in finding.causes if cause.kind is CauseKind.LOCK]
    own = [finding.subject] if finding.kind is Kind.LOCK else []
    return "PostgreSQL main" in (*own, *causes)


def _tells_of(report: Report, api: str) -> bool:
    causes = [cause.subject for finding in report.findings for cause in finding.causes]
    found = [finding.subject for finding in report.findings if finding.kind is Kind.API]
    return any(api in subject for subject in (*causes, *found))


class Api:
    """Answers every request after `seconds`."""

    def __init__(self) -> None:
        self.seconds = 0.01

    def __call__(self, link) -> None:
        request_of(link)
        time.sleep(self.seconds)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
