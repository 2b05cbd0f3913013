"""What differs between PostgreSQL 13 and 18, with the columns that each of them has."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.collectors.postgres.parts import Round, Server
from agent.collectors.postgres.queries import checkpoints, statement_texts, statements
from agent.collectors.postgres.refusals import Address
from agent.collectors.postgres.session import Session
from agent.collectors.postgres.statements import Statements
from tests.servers.postgres import PostgresServer

pytestmark = pytest.mark.slow

# As the manuals of 17 and 18 write them (appendix F.32, pg_stat_statements 1.11 and 1.12).
COLUMNS_17 = """
    userid oid, dbid oid, toplevel bool, queryid bigint, query text, plans bigint,
    total_plan_time float8, min_plan_time float8, max_plan_time float8, mean_plan_time float8,
    stddev_plan_time float8, calls bigint, total_exec_time float8, min_exec_time float8,
    max_exec_time float8, mean_exec_time float8, stddev_exec_time float8, rows bigint,
    shared_blks_hit bigint, shared_blks_read bigint, shared_blks_dirtied bigint,
    shared_blks_written bigint, local_blks_hit bigint, local_blks_read bigint,
    local_blks_dirtied bigint, local_blks_written bigint, temp_blks_read bigint,
    temp_blks_written bigint, shared_blk_read_time float8, shared_blk_write_time float8,
    local_blk_read_time float8, local_blk_write_time float8, temp_blk_read_time float8,
    temp_blk_write_time float8, wal_records bigint, wal_fpi bigint, wal_bytes numeric,
    jit_functions bigint, jit_generation_time float8, jit_inlining_count bigint,
    jit_inlining_time float8, jit_optimization_count bigint, jit_optimization_time float8,
    jit_emission_count bigint, jit_emission_time float8, jit_deform_count bigint,
    jit_deform_time float8, stats_since timestamptz, minmax_stats_since timestamptz
"""
COLUMNS_18 = f"{COLUMNS_17}, parallel_workers_to_launch bigint, parallel_workers_launched bigint"


@contextmanager
def session_of(server: PostgresServer, user: str) -> Iterator[Session]:
    url = server.socket_url(user)
    session = Session("postgres:main", url, Address.of(url, ""), "", 20.0)
    session.begin()
    try:
        yield session
    finally:
        session.close()


@pytest.fixture
def session(server) -> Iterator[Session]:
    with session_of(server, "postgres") as session:
        yield session


def newer(server: PostgresServer, schema: str, columns: str) -> None:
    """The extension of a version that Debian does not have: its columns, one row."""
    pairs = [column.split() for column in columns.split(",")]
    known = {"userid": "10", "dbid": "5", "queryid": "77", "query": "'SELECT $1'", "calls": "3"}
    known |= {"total_exec_time": "1500.5", "rows": "9", "shared_blks_read": "4"}
    chosen = ", ".join(f"{known.get(name, 'NULL')}::{kind}" for name, kind in pairs)
    server.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    server.run(f"CREATE SCHEMA {schema}")
    server.run(
        f"CREATE FUNCTION {schema}.pg_stat_statements(showtext bool) RETURNS TABLE ({columns}) "
        f"LANGUAGE sql AS $$ SELECT {chosen} $$"
    )
    server.run(
        f"CREATE VIEW {schema}.pg_stat_statements_info AS "
        "SELECT 0::bigint AS dealloc, to_timestamp(1700000000) AS stats_reset"
    )


@pytest.mark.parametrize("version", ["1.8", "1.9", "1.10"])
def test_the_extensions_of_13_14_and_15_give_one_shape(server, session, version):
    major, minor = map(int, version.split("."))
    server.run("DROP EXTENSION pg_stat_statements")
    server.run(f"CREATE EXTENSION pg_stat_statements VERSION '{version}'")
    server.run("SELECT 1")
    row = session.rows(statements((major, minor), "public"))[0]

    assert [type(value) for value in row[:7]] == [int, int, int, int, float, int, int]
    assert (row[7] is None) is (version == "1.8")
    assert session.rows(statement_texts("public"), ([row[2]],))


@pytest.mark.parametrize(
    ("version", "columns"), [((1, 11), COLUMNS_17), ((1, 12), COLUMNS_18)], ids=["17", "18"]
)
def test_the_columns_of_17_and_18_give_the_same_shape(server, session, version, columns):
    newer(server, "newer", columns)

    assert session.rows(statements(version, "newer")) == [
        (10, 5, 77, 3, 1500.5, 9, 4, 1_700_000_000.0)
    ]
    [(query_id, text, user, _)] = session.rows(statement_texts("newer"), ([77],))
    assert (query_id, text, user) == (77, "SELECT $1", "postgres")


def test_checkpoints_are_read_where_each_version_keeps_them(server, session):
    server.run("DROP SCHEMA IF EXISTS later CASCADE")
    server.run("CREATE SCHEMA later")
    server.run(
        "CREATE VIEW later.pg_stat_checkpointer AS SELECT 7::bigint AS num_timed, "
        "2::bigint AS num_requested, 0::float8 AS write_time, 0::float8 AS sync_time, "
        "0::bigint AS buffers_written, to_timestamp(1700000000) AS stats_reset"
    )
    session.rows("SELECT set_config('search_path', 'later', false)")

    assert session.rows(checkpoints(170_000)) == [(7, 2, 1_700_000_000.0)]
    [(timed, requested, since)] = session.rows(checkpoints(160_000))
    assert timed >= 0
    assert requested >= 0
    assert since > 0


def round_with(session: Session, extension) -> Round:
    server = Server(150_000, "15", False, 17, True, "videos", 0.0, "", extension)
    return Round(session, server, "main", 0.0, 0.0)


def test_an_extension_that_was_left_behind_at_an_upgrade_is_told_with_the_cure(session):
    found = Statements("postgres:main", "sallim", 20).ask(round_with(session, ((1, 7), "public")))

    assert "ALTER EXTENSION pg_stat_statements UPDATE" in str(found.left_out["statements"])


def test_an_extension_that_is_not_loaded_is_told_with_the_cure(server):
    before = server.settings.pop("shared_preload_libraries")
    server.restart()
    try:
        with session_of(server, "postgres") as session:
            found = Statements("postgres:main", "sallim", 20).ask(
                round_with(session, ((1, 10), "public"))
            )
        assert "ALTER SYSTEM SET shared_preload_libraries" in str(found.left_out["statements"])
    finally:
        server.settings["shared_preload_libraries"] = before
        server.restart()


def test_a_schema_that_our_role_may_not_use_is_told_with_the_grant(server):
    newer(server, "closed", COLUMNS_17)
    with session_of(server, "stranger") as session:
        found = Statements("postgres:main", "stranger", 20).ask(
            round_with(session, ((1, 11), "closed"))
        )

    assert "GRANT USAGE ON SCHEMA closed TO stranger" in str(found.left_out["statements"])
