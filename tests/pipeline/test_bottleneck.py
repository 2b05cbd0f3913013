"""A pipeline of real processes with a known slow part: the report names it, and then the next."""

import time
from contextlib import contextmanager

import pytest

from data.bottlenecks import bottleneck_inputs
from data.home import Home
from models.bottlenecks.report import bottlenecks
from models.bottlenecks.shapes import CauseKind, Kind, Report
from pages.parts.analysis_source import blockers_in
from tests.household import Lock
from tests.pipeline.line import ANALYSIS, Arrivals, Line, running_line
from tests.processes import running_agent, until
from tests.servers.http import request_of, serving
from tests.servers.postgres import running_postgres
from tests.servers.redis import running_redis

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

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
    inputs = bottleneck_inputs(reader, since, time.time(), (), blockers_in(reader.details() or {}))
    return bottlenecks(inputs)


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


def test_a_lock_is_named_as_what_holds_the_stage_up(tmp_path, postgres, redis):
    home = Home(tmp_path / "home")
    line = Line(home, redis, postgres, {"download": 0.02, "transcribe": 0.02, "store": 0.02})
    with watched(home, line) as reader, running_line(line), Arrivals(redis, EVERY_SECONDS):
        since = time.time()
        until(lambda: ended_since(reader, since, "store") >= 20, 60)
        for _ in range(5):
            with Lock(postgres, "results"):
                until(lambda: reader.details()["postgres:main"].get("blocked"), 30)
                time.sleep(4)  # how long the lock is held: what the test is about, no waiting
            until(lambda: redis.run("LLEN", "q:store") == 0, 30)
            time.sleep(3)  # how long it is calm in between

        report = report_of(reader, since)

    causes = [cause for finding in report.findings for cause in finding.causes]
    locks = [finding for finding in report.findings if finding.kind is Kind.LOCK]
    assert locks or [cause for cause in causes if cause.kind is CauseKind.LOCK], report


def test_an_api_that_slows_down_is_named(tmp_path, postgres, redis):
    home = Home(tmp_path / "home")
    api = Api()
    with serving(api) as server:
        line = Line(
            home,
            redis,
            postgres,
            {"download": 0.02, "transcribe": 0.02, "store": 0.02},
            api=f"{server.url}/v1",
        )
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
            for seconds in (0.01, 0.5, 0.01, 0.5, 0.01, 0.5):
                api.seconds = seconds
                begun = time.time()
                until(
                    lambda begun=begun: (
                        time.time() - begun > 8 and ended_since(reader, begun, "transcribe") >= 8
                    ),
                    60,
                )

            report = report_of(reader, since)

    told = [
        *(cause.subject for finding in report.findings for cause in finding.causes),
        *(finding.subject for finding in report.findings if finding.kind is Kind.API),
    ]
    assert any("transcriber" in subject for subject in told), report


class Api:
    """Answers every request after `seconds`."""

    def __init__(self) -> None:
        self.seconds = 0.01

    def __call__(self, link) -> None:
        request_of(link)
        time.sleep(self.seconds)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
