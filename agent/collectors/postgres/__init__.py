"""One PostgreSQL server, 13 to 18: sessions, locks, counters, statements, sizes, replication."""

from agent.collectors.postgres.collector import PostgresCollector

__all__ = ["PostgresCollector"]
