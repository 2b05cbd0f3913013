"""One Redis server (Valkey, KeyDB speak the same): memory, clients, queues, saving, replication."""

from agent.collectors.redis.collector import RedisCollector

__all__ = ["RedisCollector"]
