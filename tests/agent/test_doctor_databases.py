"""From the settings to what doctor says about the databases."""

import sqlite3
from contextlib import closing
from time import monotonic

import pytest

from agent.checks import Level
from agent.checks.sources import read_once
from agent.wiring.pipeline import pipeline_sources
from models.settings.problems import settings_of
from tests.processes import free_port
from tests.servers.postgres import PASSWORD, running_postgres
from tests.servers.redis import running_redis


def findings(settings: str) -> dict[str, tuple[Level, str]]:
    chosen = settings_of(settings, "sallim.toml")
    sources = list(pipeline_sources(chosen, "vps", lambda: 1_795_413_600.0, None))
    found = read_once(sources, monotonic)
    for source in sources:
        getattr(source.collector, "close", lambda: None)()
    return {finding.name: (finding.level, str(finding.text)) for finding in found}


def test_each_entry_of_the_settings_is_a_source_of_its_own_name(tmp_path):
    path = tmp_path / "database.sqlite"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("CREATE TABLE runs (id int)")
    told = findings(
        f"""
        [[postgres]]
        url = "postgresql://sallim@127.0.0.1:{free_port()}/videos"
        [[postgres]]
        name = "second"
        password = "NO_SUCH_SECRET"
        [[redis]]
        url = "redis://127.0.0.1:{free_port()}/0"
        [[sqlite]]
        path = "{path}"
        """
    )

    assert told["source sqlite:main"][0] is Level.OK
    assert "is it running" in told["source postgres:main"][1]
    assert "NO_SUCH_SECRET is not set" in told["source postgres:second"][1]
    assert "is it running" in told["source redis:main"][1]


@pytest.mark.slow
def test_doctor_names_what_a_role_and_a_user_lack(monkeypatch):
    monkeypatch.setenv("PG_PASSWORD", PASSWORD)
    monkeypatch.setenv("REDIS_PASSWORD", "canary0123")
    with running_postgres() as postgres, running_redis() as redis:
        redis.run("ACL", "SETUSER", "weak", "on", ">canary0123", "+ping", "~*")
        told = findings(
            f"""
            [[postgres]]
            url = "{postgres.url(user="stranger")}"
            password = "PG_PASSWORD"
            [[redis]]
            url = "{redis.url.replace("//", "//weak@")}"
            password = "REDIS_PASSWORD"
            """
        )

    assert told["source postgres:main"][0] is Level.PROBLEM
    assert "`GRANT pg_monitor TO stranger`" in told["source postgres:main"][1]
    assert "`ACL SETUSER weak +info`" in told["source redis:main"][1]
