"""What is asked of a server, where it is the same for all versions."""

SERVER = """
SELECT current_setting('server_version_num')::int,
       current_setting('server_version'),
       pg_is_in_recovery(),
       current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(current_setting('reserved_connections', true), '0')::int,
       pg_has_role('pg_read_all_stats', 'USAGE') AND pg_has_role('pg_read_all_settings', 'USAGE'),
       current_database(),
       extract(epoch FROM pg_postmaster_start_time())::float8,
       (SELECT setting FROM pg_settings WHERE name = 'data_directory'),
       (SELECT extversion || ' ' || quote_ident(nspname) FROM pg_extension
          JOIN pg_namespace ON pg_namespace.oid = extnamespace
          WHERE extname = 'pg_stat_statements')
"""

# A transaction that failed has no begin any more: it is as old as its failure.
# Our own session counts, as the idle one that it is otherwise. Without pg_monitor even what kind
# of process another one is stays hidden; one with a user and a database is a connection.
STATES = """
SELECT CASE WHEN pid = pg_backend_pid() THEN 'idle' ELSE coalesce(state, 'unknown') END, count(*),
       count(*) FILTER (WHERE wait_event_type = 'Lock'),
       max(extract(epoch FROM clock_timestamp() - query_start)::float8)
         FILTER (WHERE state = 'active' AND pid <> pg_backend_pid()),
       max(extract(epoch FROM clock_timestamp() - coalesce(xact_start,
             CASE WHEN state LIKE 'idle in transaction%' THEN state_change END))::float8)
         FILTER (WHERE pid <> pg_backend_pid())
FROM pg_stat_activity
WHERE backend_type = 'client backend'
   OR (backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL)
GROUP BY 1
"""

# Those that wait for a lock, those they wait for, and those that take long. `pg_blocking_pids`
# stops all locking for a moment, so it is asked for waiting sessions only. The time of a waiting
# session is counted by its query, of an idle transaction from its begin.
SESSIONS = """
WITH session AS MATERIALIZED (
  SELECT pid, usename, application_name, datname, state, backend_type,
         wait_event_type, wait_event, left(query, 2000) AS query,
         extract(epoch FROM clock_timestamp() - query_start)::float8 AS query_seconds,
         extract(epoch FROM clock_timestamp() - coalesce(xact_start,
           CASE WHEN state LIKE 'idle in transaction%%' THEN state_change END))::float8
           AS xact_seconds,
         CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END AS blockers
  FROM pg_stat_activity WHERE pid <> pg_backend_pid()
)
SELECT pid, usename, application_name, datname, state, concat_ws(':', wait_event_type, wait_event),
       query, query_seconds, xact_seconds, blockers, backend_type
FROM session
WHERE cardinality(blockers) > 0
   OR pid IN (SELECT unnest(blockers) FROM session)
   OR (backend_type = 'client backend' AND (
        (state = 'active' AND query_seconds > %s)
        OR (state LIKE 'idle in transaction%%' AND xact_seconds > %s)))
ORDER BY cardinality(blockers) > 0 DESC, xact_seconds DESC NULLS LAST
LIMIT 100
"""

DATABASES = """
SELECT datid::int8, extract(epoch FROM stats_reset)::float8, numbackends,
       xact_commit, xact_rollback, blks_hit, blks_read, tup_returned, tup_fetched, tup_inserted,
       tup_updated, tup_deleted, temp_files, temp_bytes, deadlocks, conflicts
FROM pg_stat_database
"""

REPLICAS = """
SELECT coalesce(nullif(application_name, ''), 'walreceiver'), host(client_addr), state, sync_state,
       extract(epoch FROM replay_lag)::float8,
       pg_wal_lsn_diff(
         CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
              ELSE pg_current_wal_lsn() END, replay_lsn)::float8
FROM pg_stat_replication
ORDER BY 6 DESC NULLS FIRST
LIMIT 10
"""

# A standby that has played all it received is not behind, however long its primary is silent.
STANDBY = """
SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END::float8
"""

WRAPAROUND = "SELECT max(age(datfrozenxid))::int8 FROM pg_database"

DATABASE_SIZES = """
SELECT datname,
       CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
            THEN pg_database_size(oid) END
FROM pg_database
WHERE NOT datistemplate
ORDER BY 2 DESC NULLS LAST
LIMIT 100
"""

# Measuring a table opens it, and would wait behind whoever rebuilds it: such a table is left out
# this time. The exact size is asked of those that may be among the largest.
TABLES = """
WITH candidate AS MATERIALIZED (
  SELECT c.oid, s.schemaname, s.relname, s.n_live_tup, s.n_dead_tup,
         greatest(s.last_autovacuum, s.last_vacuum) AS vacuumed, s.last_autovacuum
  FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE c.oid NOT IN (SELECT relation FROM pg_locks
                      WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
  ORDER BY greatest(c.relpages, (s.n_live_tup + s.n_dead_tup) / 50) DESC
  LIMIT %s
)
SELECT schemaname, relname, pg_total_relation_size(oid), n_live_tup, n_dead_tup,
       extract(epoch FROM last_autovacuum)::float8, extract(epoch FROM vacuumed)::float8
FROM candidate
ORDER BY 3 DESC NULLS LAST
LIMIT %s
"""


def checkpoints(server_version: int) -> str:
    """Timed and requested ones. PostgreSQL 17 gave them a view of their own."""
    if server_version >= 170_000:
        return (
            "SELECT num_timed, num_requested, extract(epoch FROM stats_reset)::float8 "
            "FROM pg_stat_checkpointer"
        )
    return (
        "SELECT checkpoints_timed, checkpoints_req, extract(epoch FROM stats_reset)::float8 "
        "FROM pg_stat_bgwriter"
    )


STATEMENTS_MAX = 1000

# The function is called, not the view: without the texts it reads no file. The last column says
# when all of them began anew. What our role asks in this database is our own, unless the role may
# use tables here: then it is an application's too.
_STATEMENTS = f"""
SELECT userid::int8, dbid::int8, queryid, calls, total_exec_time, rows, shared_blks_read, SINCE
FROM SCHEMA.pg_stat_statements(false)
WHERE queryid IS NOT NULL
  AND NOT (userid = (SELECT oid FROM pg_roles WHERE rolname = session_user)
    AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND NOT EXISTS (
      SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema')
        AND nspname !~ '^pg_toast'
        AND has_table_privilege(pg_class.oid, 'SELECT, INSERT, UPDATE, DELETE')))
ORDER BY total_exec_time DESC
LIMIT {STATEMENTS_MAX}
"""  # noqa: S608  (a number of our own)

_SINCE = "(SELECT extract(epoch FROM stats_reset)::float8 FROM SCHEMA.pg_stat_statements_info)"

_TEXTS = """
SELECT DISTINCT ON (s.queryid) s.queryid, left(s.query, 2000), u.rolname, d.datname
FROM SCHEMA.pg_stat_statements(true) s
LEFT JOIN pg_roles u ON u.oid = s.userid
LEFT JOIN pg_database d ON d.oid = s.dbid
WHERE s.queryid = ANY(%s) AND s.query IS NOT NULL
"""


def statements(extension: tuple[int, int], schema: str) -> str:
    """Counters of the statements with most time. `schema` comes quoted from the server.

    Only columns that stand in all versions from 1.8 on, which came with PostgreSQL 13; when the
    counters began is known since 1.9.
    """
    since = _SINCE if extension >= (1, 9) else "NULL"
    return _STATEMENTS.replace("SINCE", since).replace("SCHEMA", schema)


def statement_texts(schema: str) -> str:
    return _TEXTS.replace("SCHEMA", schema)
