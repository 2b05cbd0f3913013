"""What Redis says about itself, as numbers and as a shape for the pages."""

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import NamedTuple

COUNTERS = ("keyspace_hits", "keyspace_misses", "evicted_keys", "rejected_connections")
COMMANDS = "total_commands_processed"

Info = Mapping[str, str]


BULL = re.compile(r"(?:bull|\{bull\}):[^:]+")
BULL_STATES = ("wait", "paused", "active", "delayed", "prioritized", "failed")


def keys_of(names: Iterable[str]) -> tuple[str, ...]:
    """The keys that are looked at: `bull:NAME`, which Bull itself never makes, means all of a queue
    of Bull's or BullMQ's, n8n's for example.

    >>> keys_of(["jobs", "bull:jobs:wait", "bull:jobs"])[:3]
    ('jobs', 'bull:jobs:wait', 'bull:jobs:paused')
    """
    found: dict[str, None] = {}
    for name in names:
        whole = BULL.fullmatch(name) is not None
        found |= dict.fromkeys([f"{name}:{state}" for state in BULL_STATES] if whole else [name])
    return tuple(found)


class Queue(NamedTuple):
    """`kind` is the type of its key: list, zset, stream, set; "none" where it does not exist."""

    name: str
    kind: str
    length: int


def info_of(text: str) -> Info:
    r"""Of the text that INFO answers.

    >>> info_of("# Server\r\nredis_version:7.0.15\r\n\r\nrole:master\r\n")
    {'redis_version': '7.0.15', 'role': 'master'}
    """
    pairs = (line.partition(":") for line in text.splitlines() if line[:1] != "#")
    return {name: value for name, colon, value in pairs if colon}


def number(info: Info, name: str) -> float | None:
    """None where it is not told, or is no number.

    >>> number({"used_memory": "12"}, "used_memory"), number({"x": "yes"}, "x"), number({}, "y")
    (12.0, None, None)
    """
    try:
        value = float(info[name])
    except (KeyError, ValueError):
        return None
    return value if isfinite(value) else None


def counted(info: Info) -> dict[str, float]:
    names = (*COUNTERS, COMMANDS)
    values = {name: number(info, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def memory_max(info: Info) -> float | None:
    """None where there is no limit, which Redis writes as 0."""
    return number(info, "maxmemory") or None


def is_saved(info: Info) -> float | None:
    status = info.get("rdb_last_bgsave_status")
    return None if status is None else float(status == "ok")


def is_linked(info: Info) -> float | None:
    """None where it is no replica."""
    status = info.get("master_link_status")
    return None if status is None else float(status == "up")
