"""The collector: what Redis says of itself, and how long the owner's queues are."""

import time
from collections import Counter
from collections.abc import Callable, Mapping

from agent.collectors.redis.asking import EXCHANGES, Asking
from agent.collectors.redis.refusals import Address, missing_permission
from agent.collectors.redis.wire import Answer, Refused
from models.databases.counters import CountersOf, growth_of, hit_share
from models.databases.redis_info import (
    COMMANDS,
    Info,
    Queue,
    counted,
    info_of,
    is_linked,
    is_saved,
    keys_of,
    memory_max,
    number,
)
from models.messages import Message, say
from models.monitoring import Reading
from models.rates import Rates
from models.redaction import redact
from models.settings.redis import Redis

LENGTH = {"list": "LLEN", "zset": "ZCARD", "stream": "XLEN", "set": "SCARD"}
ABSENT = "none"


class RedisCollector:
    """`password` may be empty where Redis asks for none; `clock` gives UTC epoch seconds."""

    def __init__(
        self, settings: Redis, password: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        self.name = f"redis:{settings.name}"
        self._source = (("source", settings.name),)
        self._keys = keys_of(settings.queues)
        self._address = Address.of(
            self.name, settings.url, settings.password, settings.timeout_seconds / EXCHANGES
        )
        self._asking = Asking(self._address, settings.url, password)
        self._clock = clock
        self._rates = Rates()
        self._own = Counter[str]()
        self._left_out: dict[str, Message] = {}
        self._snapshot: Mapping[str, object] = {}

    @property
    def left_out(self) -> Mapping[str, Message]:
        return self._left_out

    def details(self) -> Mapping[str, object]:
        """What was known at `at`. Moments are UTC epoch seconds, shares 0 to 1, None is not known.

        at, version, role, started_at, response_seconds
        memory_bytes, memory_max_bytes (None: no limit), memory_policy
        clients, clients_max, clients_blocked, ops_per_second, hit_rate, evicted_per_second
        queues: [{name, kind, length}]; slowlog_length; link_up (None: no replica); saved
        left_out: [message as JSON]
        """
        return self._snapshot

    def close(self) -> None:
        self._asking.close()

    def collect(self, monotonic_seconds: float) -> list[Reading]:
        """Raises SourceError where Redis itself does not answer."""
        missing: dict[str, Message] = {}
        seconds, refused = self._asking.ping()
        if refused is not None:
            missing["ping"] = self._reason(refused, "ping")
        asked = [["INFO"], ["SLOWLOG", "LEN"], *(["TYPE", key] for key in self._keys)]
        told, slowlog, *kinds = self._asking.all_of(asked)
        info = info_of(told) if isinstance(told, str) else {}
        slow = slowlog if isinstance(slowlog, int) else None
        for command, answer in (("info", told), ("slowlog|len", slowlog)):
            if isinstance(answer, Refused):
                missing[command] = self._reason(answer, command)
        grown = self._grown(info, monotonic_seconds)
        queues = self._queues(kinds, missing)
        self._left_out = missing
        self._snapshot = self._told(info, slow, queues, grown, seconds)
        return [
            Reading("redis.response.duration", seconds, self._source),
            *self._readings(info, slow, grown),
            *(
                Reading("redis.queue.length", queue.length, (("queue", queue.name), *self._source))
                for queue in queues
            ),
        ]

    def _queues(self, kinds: list[Answer], missing: dict[str, Message]) -> list[Queue]:
        """A key that does not exist is an empty queue: Redis drops a list with its last entry."""
        found = []
        for key, kind in zip(self._keys, kinds, strict=True):
            if isinstance(kind, Refused):
                missing[f"queue {key}"] = self._reason(kind, "type", key)
            elif isinstance(kind, str) and (kind == ABSENT or kind in LENGTH):
                found.append((key, kind))
            else:
                missing[f"queue {key}"] = say(
                    "the key {key} is a {kind}, and no queue; name a list, a set, a sorted set or "
                    "a stream in queues",
                    key=key,
                    kind=str(kind),
                )
        self._own["keyspace_misses"] += sum(kind == ABSENT for _, kind in found)
        self._own["keyspace_hits"] += sum(kind != ABSENT for kind in kinds if isinstance(kind, str))
        there = [(key, kind) for key, kind in found if kind != ABSENT]
        lengths = self._asking.all_of([[LENGTH[kind], key] for key, kind in there])
        queues = [Queue(key, kind, 0) for key, kind in found if kind == ABSENT]
        for (key, kind), length in zip(there, lengths, strict=True):
            if isinstance(length, int):
                self._own["keyspace_hits"] += 1
                queues.append(Queue(key, kind, length))
            elif isinstance(length, Refused):
                missing[f"queue {key}"] = self._reason(length, LENGTH[kind].lower(), key)
        return sorted(queues, key=lambda queue: self._keys.index(queue.name))

    def _grown(self, info: Info, monotonic_seconds: float) -> dict[str, float]:
        """A Redis that was started anew has another run_id, and counts from zero.

        What we looked up ourselves says nothing about how well the owner's keys are found.
        """
        values = {name: value - self._own[name] for name, value in counted(info).items()}
        counters = [CountersOf("", info.get("run_id"), values)]
        return growth_of(self._rates, counters, monotonic_seconds)

    def _readings(self, info: Info, slow: int | None, grown: Mapping[str, float]) -> list[Reading]:
        if not info:
            return []
        values = {
            "redis.clients.connected": number(info, "connected_clients"),
            "redis.clients.blocked": number(info, "blocked_clients"),
            "redis.memory.used": number(info, "used_memory"),
            "redis.memory.max": memory_max(info),
            "redis.commands": grown.get(COMMANDS),
            "redis.keyspace.hit_ratio": _hits(grown),
            "redis.keys.evicted": grown.get("evicted_keys"),
            "redis.connections.rejected": grown.get("rejected_connections"),
            "redis.slowlog.length": slow,
            "redis.rdb.saved": is_saved(info),
        }
        linked = is_linked(info)
        if linked is not None:
            values["redis.replication.link"] = linked
        return [Reading(name, value, self._source) for name, value in values.items()]

    def _told(
        self,
        info: Info,
        slow: int | None,
        queues: list[Queue],
        grown: Mapping[str, float],
        seconds: float,
    ) -> Mapping[str, object]:
        now = self._clock()
        uptime = number(info, "uptime_in_seconds")
        return {
            "at": now,
            "version": str(info.get("redis_version", "")),
            "role": str(info.get("role", "")),
            "started_at": None if uptime is None else now - uptime,
            "response_seconds": seconds,
            "memory_bytes": number(info, "used_memory"),
            "memory_max_bytes": memory_max(info),
            "memory_policy": str(info.get("maxmemory_policy", "")),
            "clients": number(info, "connected_clients"),
            "clients_max": number(info, "maxclients"),
            "clients_blocked": number(info, "blocked_clients"),
            "ops_per_second": number(info, "instantaneous_ops_per_sec"),
            "hit_rate": _hits(grown),
            "evicted_per_second": grown.get("evicted_keys"),
            "queues": [queue._asdict() for queue in queues],
            "slowlog_length": slow,
            "link_up": is_linked(info),
            "saved": is_saved(info),
            "left_out": [message.as_json() for message in self._left_out.values()],
        }

    def _reason(self, error: Refused, command: str, key: str = "") -> Message:
        text = str(error)
        if "MISCONF" in text:
            return say(
                "Redis takes no writes: it cannot save to disk (MISCONF); look at the room and the "
                "rights of its folder (`CONFIG GET dir`), then run `BGSAVE`"
            )
        if "permission" in text:
            return missing_permission(self._address, text, command, key)
        return say(
            "Redis refuses {command}: {text}",
            command=command.upper(),
            text=redact(" ".join(text.split()))[:200],
        )


def _hits(grown: Mapping[str, float]) -> float | None:
    return hit_share(grown.get("keyspace_hits"), grown.get("keyspace_misses"))
