"""What the collector knows of a real PostgreSQL."""

import json
import threading
from contextlib import suppress
from itertools import count

import psycopg
import pytest

from models.metrics import METRICS
from tests.agent.collectors.reading import values
from tests.processes import until
from tests.servers.postgres import PostgresServer, running_standby

pytestmark = pytest.mark.slow


def waiting(server: PostgresServer, sessions: int) -> None:
    """Until so many sessions wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    until(lambda: server.run(asked)[0][0] == sessions)


def in_background(session: psycopg.Connection, statement: str) -> threading.Thread:
    def run() -> None:
        # The victim of a deadlock, or of the end of the test.
        with suppress(psycopg.Error):
            session.execute(statement)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


# --- what is known ------------------------------------------------------------------------------


def test_every_series_is_described_and_nothing_is_left_out(collecting):
    collector = collecting()
    collector.collect(0.0)
    answer = collector.collect(60.0)

    assert collector.left_out == {}
    assert {reading.name for reading in answer.readings} <= METRICS.keys()
    assert all(("source", "main") in reading.labels for reading in answer.readings)


def test_connections_are_counted_by_state_against_the_limit(server, collecting):
    with server.connect() as session, server.connect():
        session.execute("BEGIN")
        found = values(collecting().collect(0.0))

    assert found["postgresql.backends state=idle in transaction"] == 1
    assert found["postgresql.backends state=idle"] == 2
    assert found["postgresql.backends state=active"] == 0
    assert found["postgresql.connection.max"] == 17
    assert found["postgresql.connection.utilization"] == pytest.approx(3 / 17)


def test_counters_are_gaps_at_first_and_rates_then(server, collecting):
    collector = collecting()
    first = values(collector.collect(0.0))
    with server.connect() as session:
        for _ in range(50):
            session.execute("BEGIN; SELECT 1; ROLLBACK")
    # Statistics of a session are told at its end at the latest.
    rolled_back = "SELECT sum(xact_rollback) FROM pg_stat_database"
    until(lambda: server.run(rolled_back)[0][0] >= 50)
    second = values(collector.collect(10.0))

    assert first["postgresql.rollbacks"] is None
    assert second["postgresql.rollbacks"] >= 5.0
    assert second["postgresql.commits"] > 0


def test_a_reset_of_the_statistics_is_a_gap(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    server.run("SELECT pg_stat_reset()")
    server.run("SELECT pg_stat_reset_shared('bgwriter')")
    found = values(collector.collect(60.0))

    assert found["postgresql.checkpoints kind=timed"] is None
    assert found["postgresql.deadlocks"] is None
    assert found["postgresql.commits"] is None


def test_three_sessions_that_wait_for_one_another_are_a_tree(server, collecting):
    collector = collecting(long_query_seconds=1)
    sessions = [server.connect() for _ in range(3)]
    root, middle, leaf = sessions
    pids = [session.info.backend_pid for session in sessions]
    root.execute("BEGIN; UPDATE videos SET name = 'canary0123' WHERE id = 1")
    middle.execute("BEGIN; UPDATE videos SET name = 'b' WHERE id = 2")
    threads = [in_background(middle, "UPDATE videos SET name = 'b' WHERE id = 1")]
    waiting(server, 1)
    threads.append(in_background(leaf, "UPDATE videos SET name = 'c' WHERE id = 2"))
    waiting(server, 2)
    try:
        harvest = collector.collect(0.0)
        [tree] = collector.details()["blocking"]
    finally:
        for session in sessions:
            session.execute("ROLLBACK") if session is root else session.cancel()
        for thread in threads:
            thread.join()
        for session in sessions:
            session.close()

    [blocker] = [record for record in harvest.records if record.kind == "blocker"]
    assert (blocker.source, blocker.detail) == ("postgres:main", '{"blocked": 2}')
    assert blocker.name.endswith("UPDATE videos SET name = '…' WHERE id = 1")
    assert values(harvest)["postgresql.blocked"] == 2
    assert tree["pid"] == pids[0]
    assert (tree["waiting"], tree["state"], tree["user"]) == (2, "idle in transaction", "postgres")
    assert tree["query"].endswith("UPDATE videos SET name = '…' WHERE id = 1")
    [below] = tree["children"]
    assert (below["pid"], below["app"]) == (pids[1], "test")
    assert below["wait"].startswith("Lock:")
    assert below["seconds"] >= 0
    assert [each["pid"] for each in below["children"]] == [pids[2]]


def test_a_deadlock_is_counted(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    before = server.run("SELECT sum(deadlocks) FROM pg_stat_database")[0][0]
    first, second = server.connect(), server.connect()
    first.execute("BEGIN; UPDATE videos SET name = 'a' WHERE id = 1")
    second.execute("BEGIN; UPDATE videos SET name = 'a' WHERE id = 2")
    threads = [
        in_background(first, "UPDATE videos SET name = 'a' WHERE id = 2"),
        in_background(second, "UPDATE videos SET name = 'a' WHERE id = 1"),
    ]
    for thread in threads:
        thread.join()
    first.close()
    second.close()
    until(lambda: server.run("SELECT sum(deadlocks) FROM pg_stat_database")[0][0] > before)

    assert values(collector.collect(10.0))["postgresql.deadlocks"] == pytest.approx(0.1)


def test_long_and_idle_transactions_are_named(server, collecting):
    collector = collecting(long_query_seconds=1)
    with server.connect() as session:
        session.execute("BEGIN; SELECT 'canary0123'")

        rounds = count(0, 10)

        def long_one() -> list:
            collector.collect(next(rounds))
            return collector.details()["long_queries"]

        [told] = until(long_one)
        pid = session.info.backend_pid

    assert told["pid"] == pid
    assert told["state"] == "idle in transaction"
    assert told["seconds"] > 1
    assert "canary" not in told["query"]


def test_a_transaction_that_failed_and_stays_open_is_as_old_as_its_failure(server, collecting):
    """PostgreSQL forgets when it began."""
    collector = collecting(long_query_seconds=1)
    with server.connect() as session:
        session.execute("BEGIN")
        with pytest.raises(psycopg.Error):
            session.execute("SELECT 1 / 0")
        server.run("SELECT pg_sleep(1.1)")

        found = values(collector.collect(0.0))
        session.execute("ROLLBACK")

    [told] = collector.details()["long_queries"]
    assert told["state"] == "idle in transaction (aborted)"
    assert found["postgresql.queries.long"] == 1
    assert found["postgresql.transaction.age"] > 1


def test_the_statements_that_take_time_are_named_without_their_values(server, collecting):
    collector = collecting()
    collector.collect(0.0)
    for n in range(5):
        server.run(
            "SELECT count(*), 'canary{n}' FROM videos, pg_sleep(0.02)".replace("{n}", str(n))
        )
    answer = collector.collect(10.0)
    first = collector.details()["statements"][0]
    things = {thing.id: thing for thing in answer.records}
    found = values(answer)

    assert first["text"].startswith("SELECT count(*), $1 FROM videos")
    assert first["calls_per_second"] == 0.5
    assert first["mean_seconds"] >= 0.02
    assert first["share"] == pytest.approx(0.5 * first["mean_seconds"])
    assert found[f"postgresql.statement.calls queryid={first['queryid']}"] == 0.5
    assert things[first["queryid"]].kind == "statement"
    assert "canary" not in str(answer)
    # Its text is fetched once.
    assert first["queryid"] not in {thing.id for thing in collector.collect(80.0).records}


def test_what_we_ask_ourselves_is_no_statement_unless_our_role_is_an_applications(
    server, collecting
):
    def users(collector) -> set[str]:
        collector.collect(0.0)
        server.run("SELECT count(*) FROM videos")
        records = collector.collect(70.0).records
        return {json.loads(record.detail)["user"] for record in records}

    assert users(collecting(statements_max=100)) == {"postgres"}
    server.run("GRANT SELECT ON videos TO sallim")
    try:
        assert users(collecting(statements_max=100)) == {"postgres", "sallim"}
    finally:
        server.run("REVOKE SELECT ON videos FROM sallim")


def test_sizes_and_dead_rows_are_told_with_the_room_that_is_left(server, collecting):
    server.run("ANALYZE videos")
    collector = collecting()
    found = values(collector.collect(0.0))
    told = collector.details()
    [videos] = [table for table in told["tables"] if table["name"] == "videos"]

    assert found["postgresql.db_size database=postgres"] > 1_000_000
    assert found["postgresql.table.size database=postgres table=videos"] == videos["bytes"]
    assert 0 < videos["dead_share"] < 1
    assert told["databases"][0]["name"] == "postgres"
    assert told["disk"]["free_bytes"] > 0
    assert told["disk"]["days_to_full"] is None


def test_a_table_that_is_being_rebuilt_holds_up_nothing(server, collecting):
    server.run("CREATE TABLE IF NOT EXISTS rebuilt (id int)")
    with server.connect() as session:
        session.execute("BEGIN; LOCK TABLE rebuilt IN ACCESS EXCLUSIVE MODE")
        collector = collecting()
        found = values(collector.collect(0.0))

    assert "sizes" not in collector.left_out
    assert "postgresql.table.size database=postgres table=videos" in found
    assert "postgresql.table.size database=postgres table=rebuilt" not in found


def test_what_the_settings_leave_is_the_room_of_a_server_elsewhere(collecting):
    collector = collecting(disk_mb=10_000)
    collector.collect(0.0)

    assert 9e9 < collector.details()["disk"]["free_bytes"] < 1e10


def test_a_standby_and_its_primary_know_how_far_it_is_behind(server, collecting):
    with running_standby(server) as standby:
        until(lambda: server.run("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"))
        server.run("CREATE TABLE IF NOT EXISTS followed (id int)")
        primary = collecting()
        copy = collecting(url=standby.url())
        rounds = count(0, 10)

        def caught_up() -> bool:
            found = values(copy.collect(next(rounds)))
            return found["postgresql.replication.lag replica=itself"] == 0

        def told() -> dict[str, float | None] | None:
            # Until the copy has reported for the first time, the server does not know.
            found = values(primary.collect(next(rounds)))
            is_known = found.get("postgresql.replication.data_delay replica=copy") is not None
            return found if is_known else None

        until(caught_up)
        found = until(told)

    assert copy.left_out == {}
    assert copy.details()["is_standby"] is True
    [replica] = primary.details()["replication"]["replicas"]
    assert (replica["name"], replica["state"]) == ("copy", "streaming")
    assert found["postgresql.replication.data_delay replica=copy"] >= 0
