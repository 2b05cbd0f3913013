"""What a real PostgreSQL refuses, and what becomes of one that goes away."""

import pytest

from agent.collectors.postgres import PostgresCollector
from models.errors import SourceRefused, SourceUnreachable
from tests.agent.collectors.reading import away, refusal, values
from tests.processes import until
from tests.servers.garbage import something_else

pytestmark = pytest.mark.slow
CANARY = "canary0123"


# --- what is missing ----------------------------------------------------------------------------


def test_a_role_without_pg_monitor_hears_the_grant_and_gets_the_rest(server, collecting):
    collector = collecting(url=server.url(user="stranger"))
    with server.connect():
        found = values(collector.collect(0.0))

    assert "GRANT pg_monitor TO stranger" in str(collector.left_out["pg_monitor"])
    assert found["postgresql.connection.max"] == 17
    assert found["postgresql.backends state=unknown"] == 1
    assert "postgresql.blocked" not in found
    assert "postgresql.db_size database=postgres" in found


def test_a_database_without_the_extension_hears_how_to_make_it(server, collecting):
    collector = collecting(url=server.url(database="template1"))
    collector.collect(0.0)

    assert "CREATE EXTENSION pg_stat_statements` in the database template1" in str(
        collector.left_out["statements"]
    )


def test_wrong_credentials_are_told_with_the_cure(server, collecting):
    assert "PG_PASSWORD" in refusal(collecting(CANARY))
    assert "ALTER ROLE sallim PASSWORD" in refusal(collecting(CANARY))
    assert "canary" not in refusal(collecting(CANARY))
    assert 'name it in password, for example "PG_PASSWORD"' in refusal(collecting(password=""))


def test_a_missing_database_and_a_missing_role_are_told_with_the_cure(server, collecting):
    assert "CREATE DATABASE nope" in refusal(collecting(url=server.url(database="nope")))
    assert "CREATE ROLE nobody" in refusal(collecting(url=server.socket_url(user="nobody")))


def test_a_server_without_ssl_is_told(server, collecting):
    assert "speaks no SSL" in refusal(collecting(url=server.url(query="?sslmode=require")))


def test_a_closed_pg_hba_is_told_with_the_line_that_opens_it(server, collecting):
    rules = server.data / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text("local all all trust\n")
    server.run("SELECT pg_reload_conf()")
    try:
        line = "host postgres sallim 127.0.0.1/32 scram-sha-256"
        collector = collecting()
        until(lambda: not _works(collector))
        assert line in refusal(collecting())
    finally:
        rules.write_text(before)
        server.run("SELECT pg_reload_conf()")
        until(lambda: _works(collecting()))


def _works(collector: PostgresCollector) -> bool:
    try:
        collector.close()
        collector.collect(0.0)
    except SourceRefused:
        return False
    return True


def test_too_many_connections_pass_by_themselves(server, collecting):
    sessions = [server.connect("stranger") for _ in range(17)]
    try:
        assert "no free connection" in away(collecting())
    finally:
        for session in sessions:
            session.close()
    collector = collecting()
    until(lambda: _present(collector))


def _present(collector: PostgresCollector) -> bool:
    try:
        collector.collect(0.0)
    except SourceUnreachable:
        return False
    return True


# --- what goes wrong ----------------------------------------------------------------------------


def test_a_server_that_accepts_and_says_nothing_ends_within_the_timeout(server, collecting):
    kept, fresh = collecting(timeout_seconds=2), collecting(timeout_seconds=2)
    kept.collect(0.0)
    with server.frozen():
        assert "did not answer within 2 s" in away(kept, 10.0)
        assert "did not answer within 2 s" in away(fresh)

    assert values(kept.collect(20.0))["postgresql.connection.max"] == 17


def test_a_restart_between_two_readings_costs_none_and_counts_nothing_twice(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    server.restart()
    found = values(collector.collect(10.0))

    assert found["postgresql.connection.max"] == 17
    assert (found["postgresql.rows operation=inserted"] or 0.0) < 100


def test_a_session_that_is_ended_in_mid_poll_is_made_anew(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    server.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallim'"
    )

    assert values(collector.collect(10.0))["postgresql.connection.max"] == 17


def test_a_killed_server_is_away_and_comes_back(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    server.kill()
    assert "is it running" in away(collector, 10.0)
    server.start()
    server.run("SELECT 1")

    assert values(collector.collect(20.0))["postgresql.connection.max"] == 17


def test_the_session_can_write_nothing(server, collecting):
    collector = collecting(url=server.socket_url("postgres"))
    collector.collect(0.0)
    rows = collector._session.rows("SHOW default_transaction_read_only")  # noqa: SLF001

    assert rows == [("on",)]
    assert collector._session.rows("SHOW statement_timeout") == [("2s",)]  # noqa: SLF001


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"N", b"\x00" * 10_000_000, b"R\x00\x00\x00\x08"],
    ids=["web", "nothing", "half", "garbage", "no end"],
)
def test_what_is_no_postgresql_costs_an_error_and_no_more(collecting, answer):
    with something_else(answer) as port:
        url = f"postgresql://sallim@127.0.0.1:{port}/postgres"
        with pytest.raises((SourceRefused, SourceUnreachable)) as told:
            collecting(url=url).collect(0.0)

    assert len(str(told.value)) < 600
