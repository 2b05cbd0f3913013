"""What the demo's sources tell the pages beside their series, in the shapes of the real ones."""

import math
from collections.abc import Mapping
from typing import Any

from models.beats import OK, Beat, BeatState, grace_of, state_of
from models.demo import RENTED, databases, is_on
from models.demo.databases import redis
from models.demo.pipeline import LINK, WORKFLOWS, Workflow
from models.demo.postgres_details import MAIN, UP_DAYS, postgres_details
from models.demo.services import (
    DOWN,
    ENDPOINTS,
    Endpoint,
    certificate_seconds,
    down_seconds,
    n8n,
    step_seconds,
)
from models.demo.signals import DAY, HOUR, Clock
from models.endpoints import answer_problem, certificate_problem, days_left
from models.machines import OFF, OFF_NOTE, ON, PROBE, MachineState
from models.messages import Message
from models.workflows.page import silence_said

Details = Mapping[str, Any]
TLS_DAYS_MIN = 14
BEATS = (
    ("postgres-dump", DAY, "4.3 GB in 214 s"),
    ("certbot-renew", DAY / 2, "no renewals were due"),
    ("worker-gpu", 300, ""),
    ("offsite-copy", DAY, "2 files copied"),
)
"""Name, how often it comes, and what it says."""
LATE, LATE_SECONDS = "offsite-copy", 7.5 * HOUR


def details_of(source: str, now: float) -> Details:
    """Of the source with that name at that moment."""
    clock = Clock(now, math)
    kind, _, name = source.partition(":")
    if kind == "endpoint":
        return _endpoint(next(one for one in ENDPOINTS if one.name == name), clock)
    return {"postgres": postgres_details, "redis": _redis, "n8n": _n8n}[kind](clock)


def _redis(clock: Clock) -> Details:
    now, values = clock.t, redis(clock)

    def of(name: str) -> float:
        return float(values[f"redis.{name}", MAIN])

    return {
        "at": now,
        "version": "8.2.1",
        "role": "master",
        "started_at": now - now % (UP_DAYS * DAY),
        "response_seconds": of("response.duration"),
        "memory_bytes": of("memory.used"),
        "memory_max_bytes": of("memory.max"),
        "memory_policy": "noeviction",
        "clients": int(of("clients.connected")),
        "clients_max": 10_000,
        "clients_blocked": int(of("clients.blocked")),
        "ops_per_second": of("commands"),
        "hit_rate": of("keyspace.hit_ratio"),
        "evicted_per_second": 0.0,
        "queues": [
            {"name": name, "kind": "list", "length": int(databases.queue_length(clock, seconds))}
            for name, seconds in databases.QUEUES.items()
        ],
        "slowlog_length": int(of("slowlog.length")),
        "link_up": None,
        "saved": True,
        "left_out": [],
    }


def _n8n(clock: Clock) -> Details:
    values = n8n(clock)
    return {
        "at": clock.t,
        "version": "2.40.7",
        "ready": True,
        "queue_waiting": int(values["n8n.queue.waiting", MAIN]),
        "queue_active": int(values["n8n.queue.active", MAIN]),
        "workflows": [_workflow(workflow) for workflow in WORKFLOWS],
        "left_out": [],
    }


def _workflow(workflow: Workflow) -> Details:
    silent = None
    if workflow.ends_before_now_seconds:
        reason = silence_said(workflow.ends_before_now_seconds, workflow.gap_seconds)
        silent = {"reason": reason.as_json()}
    return {
        "id": workflow.id,
        "name": workflow.name,
        "active": True,
        "link": f"{LINK}/{workflow.id}",
        "expected_gap_seconds": workflow.gap_seconds,
        "silent": silent,
        "stuck": None,
        "failures": [],
    }


def endpoint_problem(endpoint: Endpoint, clock: Clock) -> Message | None:
    """What the real check would say of it."""
    if endpoint.name == DOWN and down_seconds(clock):
        return answer_problem(503, "", "", expect_status=0, expect_text="")
    ends_at = clock.t + certificate_seconds(endpoint, clock)
    return certificate_problem(ends_at, clock.t, TLS_DAYS_MIN)


def _endpoint(endpoint: Endpoint, clock: Clock) -> Details:
    now = clock.t
    down = down_seconds(clock) if endpoint.name == DOWN else 0.0
    problem = endpoint_problem(endpoint, clock)
    return {
        "url": endpoint.url,
        "up": not down,
        "since_at": now - down if down else now - now % (UP_DAYS * DAY),
        "status": 503 if down else 200,
        "address": "192.0.2.10",
        "problem": None if problem is None else problem.as_json(),
        "times": step_seconds(endpoint, clock),
        "certificate_days": days_left(now + certificate_seconds(endpoint, clock), now),
        "results": [],
    }


def beats(now: float) -> list[BeatState]:
    """Jobs that said that they ran; one of them is late."""
    found = []
    for name, every, message in BEATS:
        came_at = now - now % every
        if name == LATE:
            came_at = now - every - LATE_SECONDS
        beat = Beat(name, every, grace_of(every), came_at, OK, came_at, message, 0.0, "")
        found.append(state_of(beat, now))
    return sorted(found, key=lambda state: state.beat.name)


def rented_machine(now: float) -> MachineState:
    """The machine that is rented by the hour, as if its probe reported to this hub."""
    if is_on(RENTED, now, math):
        return MachineState(RENTED, PROBE, ON, None, now)
    return MachineState(RENTED, PROBE, OFF, note=OFF_NOTE)
