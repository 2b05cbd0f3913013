"""The databases of the demo: one PostgreSQL that locks now and then, one Redis with queues."""

from models.demo.host import Named, labels
from models.demo.signals import DAY, Clock, Signal, clipped, positive
from models.demo.videos import BATCH_SECONDS, batch_at, videos_in

INSTANCE = "main"
CONNECTIONS_MAX = 100.0
GROWTH_BYTES_PER_DAY = {"n8n": 118e6, "app": 43e6}
SIZE_BYTES = {"n8n": 3.1e9, "app": 1.2e9}
KEPT_DAYS = 45
"""Growth goes on for so long; then old executions are pruned, and it begins anew."""
DISK_BYTES = 14e9
TABLES = (("n8n", "execution_data", 0.81, 0.19), ("n8n", "execution_entity", 0.11, 0.07))
"""Database, table, share of the database's size, share of dead rows."""
STATEMENTS = {
    "7310559214830042101": ("UPDATE videos SET state = $1 WHERE id = $2", 0.0042, 14.0),
    "2284119053377716420": ("SELECT * FROM videos WHERE channel = $1 ORDER BY seen_at", 0.31, 0.4),
    "5120077316649052318": ("INSERT INTO execution_data (data, id) VALUES ($1, $2)", 0.018, 1.6),
    "9043127765110284437": ("SELECT count(*) FROM subscriptions WHERE paid_until > $1", 0.012, 0.9),
}
"""Text, mean seconds and calls a second in a busy hour, by the number of the statement."""
LOCK_EVERY_SECONDS, LOCK_SECONDS = 1_200, 900
QUEUES = {"bull:transcribe:wait": 150.0, "bull:thumbnails:wait": 55.0}
"""Seconds that a worker takes for one entry."""
REDIS_MEMORY_MAX_BYTES = 268_435_456.0


def postgres(clock: Clock) -> Named:
    source = labels(source=INSTANCE)
    office = clock.office
    busy = 0.2 + office
    states = backends(clock)
    values: dict[str, Signal] = {
        "postgresql.response.duration": 0.0011 + 0.0016 * office * (1 + 0.5 * clock.noise(201)),
        "postgresql.connection.max": CONNECTIONS_MAX + 0 * office,
        "postgresql.connection.utilization": sum(states.values()) / CONNECTIONS_MAX,
        "postgresql.blocked": 1.0 * (lock_seconds(clock) > 0),
        "postgresql.queries.long": 1.0 * (lock_seconds(clock) > 60),
        "postgresql.query.age": 0.2 + positive(lock_seconds(clock) - 4),
        "postgresql.transaction.age": 0.4 + lock_seconds(clock),
        "postgresql.commits": 22 * busy * (1 + 0.2 * clock.noise(202)),
        "postgresql.rollbacks": 0.05 * busy * (1 + clock.noise(203)),
        "postgresql.cache.hit_ratio": clipped(
            0.991 - 0.02 * office + 0.006 * clock.noise(204), 0, 1
        ),
        "postgresql.deadlocks": 0.0 * office,
        "postgresql.temp.io": 9e3 * office * (1 + clock.noise(205)),
        "postgresql.txid.age": 4.1e7 + 1.9e6 * _days_grown(clock),
        "postgresql.days_until_full": days_until_full(clock),
    }
    named: Named = {(name, source): value for name, value in values.items()}
    named |= {
        ("postgresql.backends", labels(source=INSTANCE, state=state)): count
        for state, count in states.items()
    }
    named |= {
        ("postgresql.db_size", labels(source=INSTANCE, database=database)): size
        for database, size in sizes(clock).items()
    }
    for database, table, share, dead in TABLES:
        of_table = labels(source=INSTANCE, database=database, table=table)
        named["postgresql.table.size", of_table] = share * sizes(clock)[database]
        named["postgresql.table.dead_ratio", of_table] = dead * (1 + 0.3 * clock.drift(206, DAY))
    return named | _statements(clock, busy)


def backends(clock: Clock) -> dict[str, Signal]:
    """Connections by state."""
    floor = clock.xp.floor
    return {
        "active": 1 + floor(3 * clock.office * (1 + 0.5 * clock.noise(211))),
        "idle": 14 + floor(9 * clock.office + 2 * (1 + clock.drift(212, 700))),
        "idle in transaction": 1.0 * (lock_seconds(clock) > 0),
    }


def lock_seconds(clock: Clock) -> Signal:
    """How long the lock of now has been held, 0 while there is none."""
    held = clock.t % LOCK_EVERY_SECONDS
    return held * (held < LOCK_SECONDS)


def sizes(clock: Clock) -> dict[str, Signal]:
    grown = _days_grown(clock)
    return {name: size + GROWTH_BYTES_PER_DAY[name] * grown for name, size in SIZE_BYTES.items()}


def free_bytes(clock: Clock) -> Signal:
    return DISK_BYTES - sum(sizes(clock).values())


def days_until_full(clock: Clock) -> Signal:
    return free_bytes(clock) / sum(GROWTH_BYTES_PER_DAY.values())


def _days_grown(clock: Clock) -> Signal:
    return clock.t % (KEPT_DAYS * DAY) / DAY


def _statements(clock: Clock, busy: Signal) -> Named:
    named: Named = {}
    for seed, (query_id, (_, mean_seconds, calls)) in enumerate(STATEMENTS.items(), start=221):
        of_statement = labels(source=INSTANCE, queryid=query_id)
        mean = mean_seconds * (1 + 0.25 * clock.drift(seed, 900))
        a_second = calls * busy * (1 + 0.2 * clock.drift(seed + 10, 300))
        named["postgresql.statement.time", of_statement] = mean * a_second
        named["postgresql.statement.calls", of_statement] = a_second
        named["postgresql.statement.duration", of_statement] = mean
    return named


def redis(clock: Clock) -> Named:
    source = labels(source=INSTANCE)
    office = clock.office
    waiting = {queue: queue_length(clock, seconds) for queue, seconds in QUEUES.items()}
    values: dict[str, Signal] = {
        "redis.response.duration": 0.0003 + 0.0002 * office * (1 + clock.noise(241)),
        "redis.clients.connected": 9 + clock.xp.floor(5 * office),
        "redis.clients.blocked": 2.0 + 0 * office,
        "redis.memory.used": 31e6 + 11e6 * office + 0.6e6 * sum(waiting.values()),
        "redis.memory.max": REDIS_MEMORY_MAX_BYTES + 0 * office,
        "redis.commands": 35 + 160 * office * (1 + 0.2 * clock.noise(242)),
        "redis.keyspace.hit_ratio": clipped(0.93 + 0.04 * clock.drift(243, 1_800), 0, 1),
        "redis.keys.evicted": 0.0 * office,
        "redis.connections.rejected": 0.0 * office,
        "redis.slowlog.length": 3.0 + 0 * office,
        "redis.rdb.saved": 1.0 + 0 * office,
    }
    named: Named = {(name, source): value for name, value in values.items()}
    return named | {
        ("redis.queue.length", labels(source=INSTANCE, queue=queue)): length
        for queue, length in waiting.items()
    }


def queue_length(clock: Clock, seconds: float) -> Signal:
    """What waits of the batch of videos that came last; the batches are those of the analyses."""
    batch = batch_at(clock.t)
    since = clock.t - batch
    come = videos_in(Clock(batch, clock.xp)) * clipped(since / BATCH_SECONDS, 0.0, 1.0)
    return clock.xp.floor(positive(come - since / seconds))
