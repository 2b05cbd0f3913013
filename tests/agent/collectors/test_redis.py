"""The collector against a real Redis."""

import socket
from collections.abc import Callable, Iterator

import pytest

from agent.collectors.redis import RedisCollector
from models.errors import SourceRefused, SourceUnreachable
from models.metrics import METRICS
from models.settings.redis import Redis
from tests.agent.collectors.reading import away, refusal, values
from tests.processes import until
from tests.servers.garbage import something_else
from tests.servers.redis import RedisServer, running_redis

pytestmark = pytest.mark.slow
CANARY = "canary0123"


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def collecting() -> Iterator[Callable[..., RedisCollector]]:
    made = []

    def make(url: str, secret: str = "", **settings) -> RedisCollector:
        made.append(RedisCollector(Redis(url=url, **settings), secret))
        return made[-1]

    yield make
    for collector in made:
        collector.close()


def as_user(server: RedisServer, user: str) -> str:
    return server.url.replace("//", f"//{user}@")


def test_every_series_is_described_and_nothing_is_left_out(server, collecting):
    collector = collecting(server.url, queues=("jobs",))
    answer = collector.collect(0.0)

    assert collector.left_out == {}
    assert {reading.name for reading in answer} <= METRICS.keys()
    assert all(("source", "main") in reading.labels for reading in answer)
    # Without a limit there is none: a zero would be drawn as one.
    assert values(answer)["redis.memory.max"] is None
    assert collector.details()["memory_max_bytes"] is None


def test_every_kind_of_queue_is_counted_and_a_missing_key_is_an_empty_queue(server, collecting):
    server.run("RPUSH", "list", "a", "b")
    server.run("ZADD", "sorted", "1", "a")
    server.run("SADD", "set", "a", "b", "c")
    server.run("XADD", "stream", "*", "video", "17")
    server.run("SET", "text", "a")
    collector = collecting(server.url, queues=("list", "sorted", "set", "stream", "gone", "text"))
    found = values(collector.collect(0.0))
    told = collector.details()["queues"]

    lengths = {queue["name"]: queue["length"] for queue in told}
    assert lengths == {"list": 2, "sorted": 1, "set": 3, "stream": 1, "gone": 0}
    assert found["redis.queue.length queue=gone"] == 0
    assert "redis.queue.length queue=text" not in found
    assert "the key text is a string" in str(collector.left_out["queue text"])


def test_our_own_looks_are_no_hits_and_no_misses(server, collecting):
    server.run("RPUSH", "jobs", "a")
    collector = collecting(server.url, queues=("jobs", "gone"))
    for at in (0.0, 10.0, 20.0):
        quiet = values(collector.collect(at))
    server.run("LLEN", "jobs")
    for _ in range(3):
        server.run("GET", "nothing")
    asked = values(collector.collect(30.0))

    assert quiet["redis.keyspace.hit_ratio"] is None
    assert asked["redis.keyspace.hit_ratio"] == 0.25


def test_a_restart_is_a_gap_and_costs_no_reading(server, collecting):
    collector = collecting(server.url)
    for _ in range(30):
        server.run("PING")
    collector.collect(0.0)
    rate = values(collector.collect(10.0))["redis.commands"]
    server.restart()
    after = values(collector.collect(20.0))

    assert rate > 0
    assert after["redis.commands"] is None


def test_a_unix_socket_is_an_address_too(server, collecting):
    assert values(collecting(server.socket_url).collect(0.0))["redis.clients.connected"] == 1


def test_names_with_quotes_and_letters_of_any_kind_are_kept(server, collecting):
    key = '작업 "quoted" <b>🎬</b>'
    server.run("RPUSH", key, "a")
    found = values(collecting(server.url, queues=(key,)).collect(0.0))

    assert found[f"redis.queue.length queue={key}"] == 1


def test_credentials_are_told_with_the_cure(collecting):
    with running_redis(requirepass="right") as server:
        assert "(NOAUTH)" in refusal(collecting(server.url))
        wrong = refusal(collecting(server.url, CANARY, password="REDIS_PW"))  # noqa: S106
        assert "REDIS_PW" in wrong
        assert CANARY not in wrong
        assert collecting(server.url, "right").collect(0.0)


def test_a_password_that_nobody_asked_for_is_told(server, collecting):
    assert "leave password out" in refusal(collecting(server.url, CANARY))


def test_a_missing_right_is_named_with_the_rule_that_gives_it(server, collecting):
    server.run("ACL", "SETUSER", "weak", "on", f">{CANARY}", "+ping", "~*")
    server.run("ACL", "SETUSER", "narrow", "on", f">{CANARY}", "+@all", "~other:*")
    weak = collecting(as_user(server, "weak"), CANARY, queues=("jobs",))
    narrow = collecting(as_user(server, "narrow"), CANARY, queues=("jobs",))
    weak.collect(0.0)
    narrow.collect(0.0)

    assert "`ACL SETUSER weak +info`" in str(weak.left_out["info"])
    assert "`ACL SETUSER weak +type`" in str(weak.left_out["queue jobs"])
    assert "`ACL SETUSER narrow %R~jobs`" in str(narrow.left_out["queue jobs"])
    assert "info" not in narrow.left_out


def test_the_rule_that_is_named_is_the_one_that_helps(server, collecting):
    server.run("ACL", "SETUSER", "weak", "on", f">{CANARY}", "+ping", "~*")
    collector = collecting(as_user(server, "weak"), CANARY, queues=("jobs",))
    server.run("RPUSH", "jobs", "a")
    for at in range(9):
        collector.collect(at * 10.0)
        if not collector.left_out:
            break
        rule = str(next(iter(collector.left_out.values()))).split("`")[1]
        server.run(*rule.split())

    assert collector.left_out == {}


def test_a_redis_that_cannot_save_says_so_and_is_read_all_the_same(server, collecting):
    server.run("CONFIG", "SET", "save", "3600 1")
    server.folder.chmod(0o555)
    server.run("SET", "a", "b")
    server.run("BGSAVE")
    until(lambda: "rdb_last_bgsave_status:err" in server.run("INFO", "persistence"))
    collector = collecting(server.url)
    found = values(collector.collect(0.0))
    server.folder.chmod(0o755)

    assert found["redis.rdb.saved"] == 0
    assert found["redis.memory.used"] > 0
    assert "cannot save to disk (MISCONF)" in str(collector.left_out["ping"])


def test_a_redis_that_loads_its_data_passes_by_itself(server, collecting):
    filling = "for n = 1, 5000 do redis.call('SET', 'key' .. n, string.rep('x', 100)) end"
    server.run("EVAL", filling, "0")
    server.run("SAVE")
    server.options |= {"key-load-delay": "2000", "loading-process-events-interval-bytes": "1024"}
    server.stop()
    server.start(loaded=False)

    assert "loading" in away(collecting(server.url))


def test_a_replica_knows_whether_its_master_is_there(server, collecting):
    with running_redis() as replica:
        replica.run("REPLICAOF", "127.0.0.1", str(server.port))
        collector = collecting(replica.url)
        rounds = iter(range(0, 100_000, 10))

        def link() -> float:
            return values(collector.collect(next(rounds)))["redis.replication.link"]

        until(lambda: link() == 1)
        server.kill()
        until(lambda: link() == 0)

    assert collector.details()["role"] == "slave"


def test_too_many_clients_pass_by_themselves(server, collecting):
    server.run("CONFIG", "SET", "maxclients", "1")
    with socket.create_connection(("127.0.0.1", server.port)) as other:
        other.sendall(b"PING\r\n")
        other.recv(100)

        assert "no free connection" in away(collecting(server.url))


def test_one_that_accepts_and_says_nothing_ends_within_the_timeout(server, collecting):
    kept = collecting(server.url)
    kept.collect(0.0)
    with server.frozen():
        assert "did not answer within 1 s" in away(kept, 10.0)
        assert "did not answer within 1 s" in away(collecting(server.url))

    assert kept.collect(20.0)


def test_one_that_is_gone_is_away_and_comes_back(server, collecting):
    collector = collecting(server.url)
    collector.collect(0.0)
    server.kill()
    assert "is it running" in away(collector, 10.0)
    server.start()

    assert collector.collect(20.0)


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"$99\r\nhalf", b"\x00" * 10_000_000, b"+OK"],
    ids=["web", "nothing", "half", "garbage", "no end"],
)
def test_what_is_no_redis_costs_an_error_and_no_more(collecting, answer):
    with something_else(answer) as port:
        url = f"redis://127.0.0.1:{port}/0"
        with pytest.raises((SourceRefused, SourceUnreachable)) as told:
            collecting(url).collect(0.0)

    assert len(str(told.value)) < 600


def test_a_whole_queue_of_bull_is_named_by_its_name(server, collecting):
    """`bull:jobs` itself is a key that never exists: it would look like an empty queue for ever."""
    server.run("RPUSH", "bull:jobs:wait", "1", "2")
    server.run("ZADD", "bull:jobs:failed", "1", "7")
    found = values(collecting(server.url, queues=("bull:jobs",)).collect(0.0))

    assert found["redis.queue.length queue=bull:jobs:wait"] == 2
    assert found["redis.queue.length queue=bull:jobs:failed"] == 1
    assert found["redis.queue.length queue=bull:jobs:active"] == 0
    assert "redis.queue.length queue=bull:jobs" not in found
